"""Voices that users make: uploaded, chosen, changed, deleted, and nobody else's."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from rhapsode.audio.encode import encode_wav
from rhapsode.audio.pcm import to_s16
from rhapsode.tts.chatterbox.offers import OFFERS
from tests.api.conftest import enter
from tests.serving import serving, settings_for

TONE = (0.3 * np.sin(np.arange(6 * 24_000) * 0.05)).astype(np.float32)
WAV = encode_wav(to_s16(TONE), 24_000)


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Let Chatterbox seem installed; no test here speaks with it."""
    weights = tmp_path / "weights"
    weights.mkdir()
    for offer in OFFERS.values():
        for name in offer.files:
            (weights / name).touch()
    monkeypatch.setenv("RHAPSODE_CHATTERBOX_DIR", str(weights))
    monkeypatch.setenv("RHAPSODE_CHATTERBOX_PYTHON", str(Path("/bin/sh")))


async def upload(client, name="Mara", content=WAV, **form):
    return await client.post(
        "/api/voices", data={"name": name} | form, files={"file": ("clip.wav", content)}
    )


async def test_a_clip_becomes_a_voice_that_can_be_listed_and_deleted(client):
    answer = await upload(client, language="en-GB")
    assert answer.status_code == 201, answer.text
    voice = answer.json()
    assert voice.keys() == {"id", "name", "language", "duration_s", "created_at"}
    assert (voice["name"], voice["language"], voice["duration_s"]) == ("Mara", "en-GB", 6.0)
    assert datetime.fromisoformat(voice["created_at"]).tzinfo is not None
    assert (await client.get("/api/voices")).json() == [voice]
    assert (await client.delete(f"/api/voices/{voice['id']}")).status_code == 204
    assert (await client.get("/api/voices")).json() == []
    assert (await client.delete(f"/api/voices/{voice['id']}")).status_code == 404


async def test_what_cannot_be_a_voice_is_refused_in_words(client):
    await upload(client)
    taken = await upload(client)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "conflict")
    page = await upload(client, "Zoe", b"<html></html>")
    assert page.status_code == 422
    assert page.json()["error"]["param"] == "file"
    assert page.json()["error"]["allowed"] == ["wav", "mp3", "flac", "m4a", "ogg"]
    assert (await upload(client, " ")).status_code == 422
    assert (await upload(client, "Zoe", language="tlh")).json()["error"]["param"] == "language"


async def test_a_clip_of_five_megabytes_passes_and_one_of_eleven_does_not(client):
    five = WAV + bytes(5 * 1024 * 1024)
    assert (await upload(client, content=five)).status_code == 201
    eleven = await upload(client, "Zoe", WAV + bytes(11 * 1024 * 1024))
    assert eleven.status_code == 413
    between = await upload(client, "Zoe", WAV + bytes(10 * 1024 * 1024 + 1))
    assert between.status_code == 422
    assert "10 MB" in between.json()["error"]["message"]


async def test_a_voice_can_be_renamed_and_given_another_language(client):
    made = (await upload(client)).json()
    address = f"/api/voices/{made['id']}"
    renamed = await client.patch(address, json={"name": "  Mara  Voss "})
    assert renamed.status_code == 200, renamed.text
    assert renamed.json() == made | {"name": "Mara Voss"}
    german = await client.patch(address, json={"language": "de-AT"})
    assert german.json() == made | {"name": "Mara Voss", "language": "de-AT"}
    both = await client.patch(address, json={"name": "Mara", "language": "en"})
    assert both.json() == made
    assert (await client.get("/api/voices")).json() == [made]


async def test_a_change_that_cannot_be_is_refused_in_words_and_changes_nothing(client):
    mara, zoe = [(await upload(client, name)).json() for name in ("Mara", "Zoe")]
    address = f"/api/voices/{zoe['id']}"
    taken = await client.patch(address, json={"name": "MARA", "language": "de"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "conflict")
    for change, param in (
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": None}, "name"),
        ({"name": "Zelda", "language": "tlh"}, "language"),
        ({"voice": "Zelda"}, "voice"),
        ({}, None),
    ):
        refused = await client.patch(address, json=change)
        assert (refused.status_code, refused.json()["error"].get("param")) == (422, param)
    klingon = await client.patch(address, json={"language": "tlh"})
    assert "de" in klingon.json()["error"]["allowed"]
    assert (await client.get("/api/voices")).json() == [mara, zoe]
    assert (await client.patch(f"{address}0", json={"name": "Zelda"})).status_code == 404


async def test_a_changed_voice_is_offered_with_its_new_language(tmp_path, installed):
    async with serving(settings_for(tmp_path)) as server, server.client() as client:
        voice = (await upload(client)).json()["id"]
        await client.patch(f"/api/voices/{voice}", json={"language": "de"})
        query = {"engine": "chatterbox-multilingual"}
        listed = (await client.get("/api/tts/voices", params=query)).json()
        assert (listed[0]["id"], listed[0]["language"]) == (voice, "de")


async def test_ones_own_voice_can_be_chosen(tmp_path, installed):
    async with serving(settings_for(tmp_path)) as server, server.client() as client:
        voice = (await upload(client)).json()["id"]
        chosen = {"tts_provider_type": "chatterbox", "default_voice": voice}
        answer = await client.put("/api/tts/settings", json=chosen)
        assert answer.status_code == 200, answer.text
        listed = await client.get("/api/tts/voices", params={"engine": "chatterbox"})
        assert [each["id"] for each in listed.json()] == [voice, "default"]
        plain = await client.get("/api/tts/voices", params={"engine": "espeak"})
        assert voice not in {each["id"] for each in plain.json()}


async def test_chatterbox_is_listed_with_what_it_lacks_and_what_it_follows(client):
    engines = {engine["name"]: engine for engine in (await client.get("/api/tts/engines")).json()}
    assert {"chatterbox", "chatterbox-multilingual", "chatterbox-turbo"} <= engines.keys()
    assert "`make chatterbox" in engines["chatterbox"]["unavailable_reason"]
    assert engines["chatterbox-turbo"]["parameters"] == ["temperature"]
    assert engines["espeak"]["cloning"] is None
    assert engines["chatterbox"]["cloning"] == {
        "min_clip_s": 1.0,
        "max_clip_s": 60.0,
        "max_clip_bytes": 10 * 1024**2,
        "formats": ["wav", "mp3", "flac", "m4a", "ogg"],
        "languages": ["en"],
    }
    assert engines["chatterbox-turbo"]["cloning"]["min_clip_s"] == 5.0
    assert "de" in engines["chatterbox-multilingual"]["cloning"]["languages"]


async def test_a_deleted_voice_is_told_in_words_wherever_it_is_asked_for(tmp_path, installed):
    async with serving(settings_for(tmp_path)) as server, server.client() as client:
        voice = (await upload(client)).json()["id"]
        chosen = {"tts_provider_type": "chatterbox", "default_voice": voice}
        assert (await client.put("/api/tts/settings", json=chosen)).status_code == 200
        story = (await client.post("/api/stories", json={})).json()["id"]
        written = await client.post(f"/api/stories/{story}/scenes", json={})
        scene = written.json()["id"]
        assert (await client.delete(f"/api/voices/{voice}")).status_code == 204
        for path, body in (
            (f"/api/scenes/{scene}/narration", None),
            (f"/api/stories/{story}/scenes/generate-with-tts-stream", None),
            ("/api/tts/preview", {"engine": "chatterbox", "voice": voice}),
            ("/api/tts/test", chosen),
        ):
            refused = await client.post(path, json=body)
            assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_voice")
            assert "has been deleted. Choose another one" in refused.json()["error"]["message"]
            assert voice not in refused.text


async def test_nobody_speaks_in_anothers_voice(tmp_path, installed):
    settings = settings_for(tmp_path, auth="accounts")
    async with serving(settings) as server, server.client() as ada, server.client() as bob:
        await enter(ada, "Ada")
        await enter(bob, "Bob")
        voice = (await upload(ada)).json()["id"]
        assert (await bob.get("/api/voices")).json() == []
        assert (await bob.delete(f"/api/voices/{voice}")).status_code == 404
        stolen = await bob.patch(f"/api/voices/{voice}", json={"name": "Bob"})
        assert (stolen.status_code, voice in stolen.text) == (404, False)
        assert (await ada.get("/api/voices")).json()[0]["name"] == "Mara"
        chosen = {"tts_provider_type": "chatterbox", "default_voice": voice}
        refused = await bob.put("/api/tts/settings", json=chosen)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_voice")
        assert voice not in refused.text
        heard = await bob.post("/api/tts/preview", json={"engine": "chatterbox", "voice": voice})
        assert heard.status_code == 422
        tried = {"tts_provider_type": "chatterbox", "default_voice": voice}
        assert (await bob.post("/api/tts/test", json=tried)).status_code == 422
        listed = await bob.get("/api/tts/voices", params={"engine": "chatterbox"})
        assert voice not in listed.text
        assert (await ada.get("/api/voices")).json()[0]["id"] == voice


async def test_strangers_have_no_voices(stranger):
    assert (await stranger.get("/api/voices")).status_code == 401
    assert (await upload(stranger)).status_code == 401
