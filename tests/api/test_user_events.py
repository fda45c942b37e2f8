"""The socket that tells a user's pages what happens to their stories."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from rhapsode.api import user_events
from rhapsode.app import create_app
from rhapsode.database import Database
from rhapsode.live.repository import add_ready
from rhapsode.live.user_events import MAX_WAITING, TtsProgress, UserEvents
from rhapsode.tts.host import ThreadHost
from tests.api.conftest import PASSWORD, enter
from tests.narrate_later.counting import CountingEngine
from tests.serving import serving, serving_app, settings_for

TEXT = "The lamp in the hall went out. Nobody on the stairs had touched it at all."


class Page:
    """An open page, as far as the server knows."""

    def __init__(self, socket):
        self.socket = socket

    async def next(self) -> dict:
        return json.loads(await self.socket.recv())

    async def until(self, type_: str) -> dict:
        while (event := await self.next())["type"] != type_:
            pass
        return event

    async def closing_code(self) -> int:
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed:
            return self.socket.close_code


@asynccontextmanager
async def page(server, path="/ws/events", *, login=None, origin=None):
    headers = {}
    if login is not None:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in login.cookies.items())
    address = server.ws_url + path
    async with connect(
        address, additional_headers=headers, origin=origin, proxy=None, compression=None
    ) as socket:
        yield Page(socket)


@pytest.fixture
def engine():
    return CountingEngine()


@pytest.fixture
async def server(tmp_path, engine):
    """A server for one local user, with a tone engine."""
    settings = settings_for(tmp_path, narration_retry_s=0.01)
    async with serving_app(create_app(settings, {"tone": ThreadHost(engine)})) as running:
        yield running


@pytest.fixture
async def http(server):
    async with server.client() as client:
        await client.put("/api/tts/settings", json={"tts_provider_type": "tone"})
        yield client


async def write(client, server, text=TEXT) -> int:
    user_id = (await client.get("/api/auth/me")).json()["user"]["id"]
    story = (await client.post("/api/stories", json={})).json()
    scene = server.app.state.parts.stories.add_scene(
        user_id, story["id"], prompt="", content=text, status="complete", model="m"
    )
    return scene.id


async def narrate(client, scene_id, **order) -> None:
    answer = await client.post(f"/api/scenes/{scene_id}/narration", json=order)
    assert answer.status_code == 202, answer.text


async def test_a_page_is_told_when_a_narration_is_ready(server, http):
    """Proves 003-F4 and 003-F6."""
    scene_id = await write(http, server)
    async with page(server) as opened:
        assert (await opened.next())["type"] == "connected"
        await narrate(http, scene_id, auto_play=True)
        progress = await opened.until("tts_progress")
        ready = await opened.until("tts_ready")
    assert {"scene_id": scene_id, "chunks_ready": 0, "total_chunks": 2}.items() <= progress.items()
    assert {"scene_id": scene_id, "chunk_count": 2, "auto_play": True}.items() <= ready.items()
    assert ready["id"] > 0


async def test_the_wish_is_told_with_it(server, http):
    """Proves 003-F2 and 003-F4: from the end of the writing to the event, by themselves."""
    await http.put("/api/tts/settings", json={"auto_play_last_scene": True})
    story = (await http.post("/api/stories", json={})).json()
    async with page(server) as opened:
        await opened.next()
        scene = (await http.post(f"/api/stories/{story['id']}/scenes", json={})).json()
        ready = await opened.until("tts_ready")
    assert (ready["scene_id"], ready["auto_play"]) == (scene["id"], True)
    assert ready["story_id"] == story["id"]


async def test_a_page_is_told_when_a_narration_has_failed(server, http, engine):
    """Proves 003-F5."""
    engine._fails_on = "stairs"
    scene_id = await write(http, server)
    async with page(server) as opened:
        await opened.next()
        await narrate(http, scene_id)
        failed = await opened.until("tts_failed")
    assert failed["scene_id"] == scene_id
    assert "stairs" in failed["message"]


async def test_what_was_missed_is_told_after_a_reconnect(server, http):
    """Proves 003-F8: the socket is dropped before the event."""
    async with page(server) as opened:
        last_id = (await opened.next())["last_id"]
        opened.socket.transport.abort()
    scenes = [await write(http, server, TEXT.replace("lamp", word)) for word in ("sun", "moon")]
    for scene_id in scenes:
        await narrate(http, scene_id)
    async with page(server, f"/ws/events?after={last_id}") as opened:
        assert (await opened.next())["last_id"] == last_id
        first = await opened.until("tts_ready")
        second = await opened.until("tts_ready")
    assert [first["scene_id"], second["scene_id"]] == scenes
    async with page(server, f"/ws/events?after={first['id']}") as opened:
        await opened.next()
        assert await opened.next() == second


async def test_a_new_page_is_not_told_old_news(server, http):
    scene_id = await write(http, server)
    async with page(server) as opened:
        await opened.next()
        await narrate(http, scene_id)
        ready = await opened.until("tts_ready")
    async with page(server) as opened:
        assert (await opened.next())["last_id"] == ready["id"]
        await narrate(http, await write(http, server, TEXT.replace("lamp", "moon")))
        assert (await opened.until("tts_ready"))["id"] > ready["id"]


async def test_every_open_page_is_told(server, http):
    async with page(server) as one, page(server) as other:
        await one.next()
        await other.next()
        await narrate(http, await write(http, server))
        assert await one.until("tts_ready") == await other.until("tts_ready")


async def test_the_other_address_is_for_its_own_user_only(server, http):
    """Proves 003-F6: `/ws/{user_id}`."""
    user_id = (await http.get("/api/auth/me")).json()["user"]["id"]
    async with page(server, f"/ws/{user_id}") as opened:
        assert (await opened.next())["user_id"] == user_id
        await narrate(http, await write(http, server))
        await opened.until("tts_ready")
    for foreign in (user_id + 1, "me"):
        async with page(server, f"/ws/{foreign}") as opened:
            assert await opened.closing_code() == 4403


async def test_strangers_are_told_nothing(accounts_server):
    for path in ("/ws/events", "/ws/1"):
        async with page(accounts_server, path) as opened:
            assert await opened.closing_code() == 4401


async def test_a_page_hears_no_more_when_its_login_ends(accounts_server, stranger):
    await enter(stranger, "Ada")
    async with accounts_server.client() as elsewhere:
        login = {"username": "Ada", "password": PASSWORD}
        assert (await elsewhere.post("/api/auth/login", json=login)).status_code == 200
        pages = page(accounts_server, login=stranger), page(accounts_server, login=elsewhere)
        async with pages[0] as one, pages[1] as other:
            await one.next()
            await other.next()
            await stranger.post("/api/auth/logout")
            assert await one.closing_code() == 4401
            await elsewhere.post("/api/auth/logout")
            assert await other.closing_code() == 4401


async def test_people_are_told_of_their_own_stories_only(tmp_path, engine):
    """Proves 003-F4: that user only."""
    settings = settings_for(tmp_path, auth="accounts")
    app = create_app(settings, {"tone": ThreadHost(engine)})
    async with serving_app(app) as server, server.client() as ada, server.client() as bob:
        await enter(ada, "Ada")
        await enter(bob, "Bob")
        for client in (ada, bob):
            await client.put("/api/tts/settings", json={"tts_provider_type": "tone"})
        hers, his = await write(ada, server), await write(bob, server)
        async with page(server, login=ada) as her_page, page(server, login=bob) as his_page:
            await her_page.next()
            await his_page.next()
            await narrate(ada, hers)
            assert (await her_page.until("tts_ready"))["scene_id"] == hers
            await narrate(bob, his)
            assert (await his_page.next())["scene_id"] == his


async def test_what_another_server_has_told_comes_too(tmp_path, postgres, monkeypatch):
    """Two servers on one database: the page is at one, the narration was made by the other."""
    monkeypatch.setattr(user_events, "LOOK_EVERY_S", 0.02)
    with postgres.database() as url:
        async with serving(settings_for(tmp_path, database_url=url)) as server, page(server) as one:
            user_id = (await one.next())["user_id"]
            other = Database(url)
            for scene_id in (7, 8):
                with other.write() as session:
                    add_ready(
                        session,
                        user_id,
                        scene_id=scene_id,
                        story_id=1,
                        chunk_count=1,
                        auto_play=False,
                    )
                assert (await one.until("tts_ready"))["scene_id"] == scene_id
            other.close()


@pytest.mark.parametrize("after", ["", "-1", "last", "9223372036854775808"])
async def test_a_number_that_no_event_can_have_is_refused(server, after):
    with pytest.raises(InvalidStatus) as refused:
        async with page(server, f"/ws/events?after={after}"):
            pass
    assert refused.value.response.status_code == 403


async def test_pages_of_other_sites_are_refused(server):
    with pytest.raises(InvalidStatus) as refused:
        async with page(server, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403


async def test_a_page_that_takes_nothing_loses_its_inbox_not_our_memory():
    events = UserEvents()
    woken = asyncio.Event()
    with events.subscribe(1, woken.set) as inbox:
        for number in range(MAX_WAITING + 1):
            events.publish(1, TtsProgress(1, 1, number, 9_999))
        assert inbox.take() is None
    with events.subscribe(1, woken.set) as inbox:
        woken.clear()
        events.publish(2, TtsProgress(1, 1, 0, 1))
        assert not woken.is_set()
        events.publish(1, TtsProgress(2, 1, 0, 1))
        assert woken.is_set()
        assert inbox.take() == [TtsProgress(2, 1, 0, 1)]
        assert inbox.take() == []
