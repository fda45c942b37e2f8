"""The same server on each kind of database."""

import json

import pytest

from tests.serving import serving, settings_for


@pytest.fixture
async def client(tmp_path, empty_url):
    settings = settings_for(tmp_path, database_url=empty_url)
    async with serving(settings) as server, server.client() as opened:
        yield opened


async def test_stories_scenes_and_settings_live_in_it(client):
    story = (await client.post("/api/stories", json={"title": "Ünïcode 🌊 海"})).json()
    scenes = f"/api/stories/{story['id']}/scenes"
    written = [(await client.post(scenes, json={})).json() for _ in range(3)]
    assert [scene["position"] for scene in written] == [1, 2, 3]
    assert (await client.delete(f"/api/scenes/{written[1]['id']}")).status_code == 204
    left = (await client.get(scenes)).json()
    assert [scene["position"] for scene in left] == [1, 2]

    speech = {
        "speech_speed": 1.25,
        "tts_extra_params": {"model": "kokoro", "deep": [1, {"a": None}]},
    }
    assert (await client.put("/api/tts/settings", json=speech)).status_code == 200
    saved = (await client.get("/api/tts/settings")).json()
    assert saved["tts_extra_params"] == speech["tts_extra_params"]
    assert (await client.get("/api/stories")).json()[0]["title"] == "Ünïcode 🌊 海"
    assert (await client.delete(f"/api/stories/{story['id']}")).status_code == 204
    assert (await client.get("/readyz")).status_code == 200


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b"], ids=["zero", "half a pair"])
async def test_characters_that_a_database_cannot_keep_are_refused_or_kept(client, odd):
    def ascii_json(value):
        return {"content": json.dumps(value), "headers": {"content-type": "application/json"}}

    title = await client.post("/api/stories", **ascii_json({"title": odd}))
    assert title.status_code == 422 or title.json()["title"] == odd
    params = {"tts_extra_params": {"model": odd}}
    assert (await client.put("/api/tts/settings", **ascii_json(params))).status_code in (200, 422)
    favorites = {"favorite_voices": [{"engine": "espeak", "voice": odd}]}
    saved = await client.put("/api/tts/settings", **ascii_json(favorites))
    assert saved.status_code in (200, 422)
    assert (await client.get("/api/tts/settings")).status_code == 200
