"""Samples of a voice: what its engine is given to say."""

from dataclasses import replace

import pytest

from rhapsode.app import create_app
from rhapsode.tts.engine import Voice
from rhapsode.tts.host import ThreadHost
from tests.narrate_later.counting import CountingEngine
from tests.serving import serving_app, settings_for

TTS = "/api/tts"
WRITTEN = "*Dr. Voss* paid $12 at 10:30 😀."


class EnglishEngine(CountingEngine):
    def voices(self) -> list[Voice]:
        return [replace(voice, language="en-GB") for voice in super().voices()]


@pytest.fixture
def engine():
    return EnglishEngine()


@pytest.fixture
async def client(tmp_path, engine):
    app = create_app(settings_for(tmp_path), {"tone": ThreadHost(engine)})
    async with serving_app(app) as server, server.client() as client:
        chosen = await client.put(f"{TTS}/settings", json={"tts_provider_type": "tone"})
        assert chosen.status_code == 200, chosen.text
        yield client


async def test_a_sample_is_read_as_a_narration_reads_it(client, engine):
    story = (await client.post("/api/stories", json={})).json()
    scene = (await client.post(f"/api/stories/{story['id']}/scenes", json={})).json()
    await client.patch(f"/api/scenes/{scene['id']}", json={"content": WRITTEN})
    ordered = await client.post(f"/api/scenes/{scene['id']}/narration")
    assert ordered.status_code == 202, ordered.text
    heard = await client.get(f"/api/scenes/{scene['id']}/audio/chunks/0")
    while heard.status_code == 409:
        heard = await client.get(f"/api/scenes/{scene['id']}/audio/chunks/0")
    sample = await client.post(f"{TTS}/preview", json={"engine": "tone", "text": WRITTEN})
    assert sample.status_code == 200
    narrated, previewed = engine.said
    assert previewed == narrated == "Doctor Voss paid twelve dollars at ten thirty."


async def test_a_sample_with_nothing_to_say_is_refused(client, engine):
    refused = await client.post(f"{TTS}/preview", json={"engine": "tone", "text": "***"})
    assert refused.status_code == 422
    assert refused.json()["error"]["param"] == "text"
    assert engine.said == []
