import asyncio
import time

import pytest

from rhapsode.app import create_app
from rhapsode.errors import ConfigurationError
from rhapsode.narration.events import SentenceFinished, SentenceStarted
from tests.serving import serving_app, settings_for


async def test_the_server_tells_that_it_lives_and_what_it_can_do(client):
    assert (await client.get("/livez")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ok"}
    health = (await client.get("/health")).json()
    assert health["status"] == "ok"
    assert health["version"]
    assert "espeak" in {engine["name"] for engine in health["engines"]}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/health"])
async def test_a_watcher_that_wants_no_body_gets_none(client, path):
    head, whole = await client.head(path), await client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


async def test_health_needs_no_login(stranger):
    assert (await stranger.get("/health")).status_code == 200


async def test_the_server_is_up_within_two_seconds(tmp_path):
    began = time.perf_counter()
    async with serving_app(create_app(settings_for(tmp_path))) as server, server.client() as client:
        assert (await client.get("/readyz")).status_code == 200
        assert time.perf_counter() - began < 2


async def test_a_second_start_finds_everything_as_it_was(tmp_path):
    settings = settings_for(tmp_path)
    async with serving_app(create_app(settings)) as server, server.client() as client:
        story = (await client.post("/api/stories", json={"title": "Kept"})).json()
    async with serving_app(create_app(settings)) as server, server.client() as client:
        assert (await client.get("/api/stories")).json() == [story]


async def test_a_server_that_goes_away_lives_but_is_not_ready(server, client):
    """Whoever balances the load sends nobody here any more, while scenes that are told go on."""
    sessions = server.app.state.parts.sessions
    story = (await client.post("/api/stories", json={})).json()
    speaks, finish = asyncio.Event(), asyncio.Event()

    async def speak_a_sentence(session):
        session.emit(SentenceStarted(0, "Wait.", 0, 5, 0))
        speaks.set()
        await finish.wait()
        session.emit(SentenceFinished(0, 0, 0))

    sessions.open(1, story["id"], speak_a_sentence)
    await speaks.wait()
    draining = asyncio.create_task(sessions.close())
    await asyncio.sleep(0)
    assert (await client.get("/livez")).status_code == 200
    refused = (
        await client.get("/readyz"),
        await client.post(f"/api/stories/{story['id']}/scenes/generate-with-tts-stream"),
    )
    for answer in refused:
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "going_away")
        assert answer.headers["retry-after"] == "2"
    assert not draining.done()
    finish.set()
    await draining


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ConfigurationError, match="RHAPSODE_DATA_DIR"):
        create_app(settings_for(tmp_path / "file" / "data"))
