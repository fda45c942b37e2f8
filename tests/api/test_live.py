"""Live scenes through the whole server: story in, text and sound out, the scene in the database."""

import asyncio
import base64
import contextlib
import dataclasses
import io
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import av
import httpx2
import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.tokens import mint_token
from rhapsode.app import create_app
from rhapsode.audio.chunk import AudioChunk
from rhapsode.database import utc_now
from rhapsode.live.session import LiveSession
from rhapsode.live.sessions import LiveSessions
from rhapsode.tts.engine import Speech, SpeechOptions
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.tone import ToneEngine
from tests.api.live_client import Event, LiveClient, chain, live_socket
from tests.doubles import STORY, ScriptedLLM, Tells, cut, never_ending, refuses, stepped
from tests.serving import Server, serving_app, settings_for

GENERATE = "scenes/generate-with-tts-stream"


class HeldEngine(ToneEngine):
    """A tone engine that makes no sound before it is let."""

    def __init__(self) -> None:
        super().__init__(seconds_per_word=0.02)
        self.let = threading.Event()
        self.asked = threading.Event()
        self.closed = threading.Event()

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        return self._hold(super().synthesize(text, voice, options))

    def _hold(self, speech: Iterator[Speech]) -> Iterator[Speech]:
        self.asked.set()
        try:
            while not self.let.wait(0.01):
                # An engine can be stopped only between two chunks.
                yield AudioChunk(np.zeros(0, np.float32), self.sample_rate)
            yield from speech
        finally:
            self.closed.set()


@dataclasses.dataclass
class Stage:
    """A running server with one story, and its API's client."""

    server: Server
    http: httpx2.AsyncClient
    story_id: int

    @property
    def story_url(self) -> str:
        return f"/api/stories/{self.story_id}"

    async def start(self, **form: str) -> dict[str, str]:
        response = await self.http.post(f"{self.story_url}/{GENERATE}", data=form)
        assert response.status_code == 200, response.text
        return response.json()

    @asynccontextmanager
    async def listen(self, started: dict[str, str], **start) -> AsyncIterator[LiveClient]:
        async with live_socket(self.server.ws_url + started["websocket_url"]) as client:
            await client.start(**start)
            yield client

    async def reconnect(self, started: dict[str, str], after_seq: int) -> list[Event]:
        ticket = await self.http.post(f"/api/sessions/{started['session_id']}/ticket")
        async with self.listen(ticket.json(), after_seq=after_seq) as client:
            return await client.rest()

    async def scenes(self) -> list[dict]:
        return (await self.http.get(f"{self.story_url}/scenes")).json()


@asynccontextmanager
async def staged(
    tmp_path: Path, llm: ScriptedLLM, engine: ToneEngine, **settings
) -> AsyncIterator[Stage]:
    app = create_app(settings_for(tmp_path, **settings))
    synthesizer = Synthesizer({"tone": ThreadHost(engine)})
    app.state.parts = dataclasses.replace(app.state.parts, synthesizer=synthesizer)
    async with synthesizer, serving_app(app) as server, server.client() as http:
        await put(http, "/api/tts/settings", tts_provider_type="tone", default_voice="")
        await put(
            http, "/api/llm/settings", provider="openai", base_url=llm.base_url, model="scripted"
        )
        story = (await http.post("/api/stories", json={"title": "The Lighthouse"})).json()
        yield Stage(server, http, story["id"])


async def put(http: httpx2.AsyncClient, url: str, **changes: object) -> None:
    response = await http.put(url, json=changes)
    assert response.status_code == 200, response.text


@pytest.fixture
def engine() -> ToneEngine:
    return ToneEngine(seconds_per_word=0.02)


@pytest.fixture
async def llm() -> AsyncIterator[ScriptedLLM]:
    async with ScriptedLLM() as llm:
        yield llm


@pytest.fixture
async def stage(tmp_path: Path, llm: ScriptedLLM, engine: ToneEngine) -> AsyncIterator[Stage]:
    async with staged(tmp_path, llm, engine) as stage:
        yield stage


def text_of(events: list[Event]) -> str:
    return "".join(event.body["text"] for event in events if event.type == "text_chunk")


def bodies(events: list[Event], type_: str) -> list[dict]:
    return [event.body for event in events if event.type == type_]


async def test_starting_a_scene_says_where_to_follow_it(stage: Stage) -> None:
    """Proves 003-G1, 003-G3 and 003-D7."""
    started = await stage.start(custom_prompt="A storm comes.", enable_tts_stream="true")
    assert started.keys() == {"session_id", "websocket_url"}
    path, _, ticket = started["websocket_url"].partition("?ticket=")
    assert path == f"/ws/scene-generation/{started['session_id']}"
    assert ticket


async def test_a_scene_is_written_spoken_and_saved(stage: Stage, llm: ScriptedLLM) -> None:
    """Proves 003-G2, 003-G8 and 003-G13; forbids 003-D9."""
    async with stage.listen(await stage.start(custom_prompt="A storm comes.")) as client:
        events = await client.until("generation_complete")
        (scene,) = await stage.scenes()
    assert text_of(events) == STORY
    assert (scene["content"], scene["status"]) == (STORY, "complete")
    assert scene["prompt"] == "A storm comes."
    complete = events[-1].body
    assert complete["scene_id"] == scene["id"]
    assert complete["total_length"] == len(STORY)
    assert complete["total_sentences"] == len(bodies(events, "sentence_finished"))
    assert "A storm comes." in json.dumps(llm.completions[0].body)


async def test_the_sound_covers_the_timeline_without_a_hole(stage: Stage) -> None:
    async with stage.listen(await stage.start()) as client:
        events = await client.rest()
    position = 0
    for sound in (event for event in events if event.type == "audio"):
        assert sound.start == position
        position += len(sound.samples)
    assert position == events[-1].body["samples"] > 0


async def test_resuming_after_any_event_gives_the_same_chain(stage: Stage) -> None:
    started = await stage.start()
    async with stage.listen(started) as client:
        whole = await client.rest()
    for after_seq in range(0, len(whole) + 1, 7):
        rest = await stage.reconnect(started, after_seq)
        assert chain(whole[:after_seq] + rest) == chain(whole)


async def test_a_socket_killed_again_and_again_loses_nothing(
    stage: Stage, llm: ScriptedLLM
) -> None:
    llm.reply = dataclasses.replace(Tells.text(), tokens_per_s=200)
    started = address = await stage.start()
    heard: list[Event] = []
    while not heard or heard[-1].type != "generation_complete":
        async with stage.listen(address, after_seq=len(heard)) as client:
            for _ in range(9):
                with contextlib.suppress(ConnectionClosed):
                    heard.append(await client.next())
            client.kill()
        address = (await stage.http.post(f"/api/sessions/{started['session_id']}/ticket")).json()
    assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
    assert chain(heard) == chain(await stage.reconnect(started, 0))


class HookClient:
    """The plain dialect's client: what a page does that plays clips one after another."""

    def __init__(self) -> None:
        self.types: list[str] = []
        self.accumulated_text = ""
        self.audio_queue: list[dict] = []
        self.generating = True
        self.completed_scene: int | None = None
        self.complete: dict = {}
        self.error: str | None = None

    async def run(self, stage: Stage, custom_prompt: str = "") -> None:
        form = {"custom_prompt": custom_prompt, "enable_tts_stream": "true"}
        response = await stage.http.post(
            f"{stage.story_url}/{GENERATE}",
            content=urlencode(form),
            headers={
                "Authorization": "Bearer null",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        assert response.is_success, "Failed to start generation"
        url = stage.server.ws_url + response.json()["websocket_url"]
        async with connect(url, proxy=None, max_size=None) as socket:
            async for frame in socket:
                self.on_message(json.loads(frame))

    def on_message(self, data: dict) -> None:
        self.types.append(data["type"])
        match data["type"]:
            case "text_chunk":
                self.accumulated_text += data["text"]
            case "audio_chunk":
                self.audio_queue.append(data)
            case "generation_complete":
                self.generating = False
                self.completed_scene = data["scene_id"]
                self.complete = data
            case "error":
                self.generating = False
                self.error = data["message"]


async def test_a_client_that_plays_clips_completes_a_scene(stage: Stage) -> None:
    """Proves 003-G1, 003-G3 to 003-G8, 003-G10 and 003-G13."""
    hook = HookClient()
    await hook.run(stage, "A storm comes.")
    (scene,) = await stage.scenes()
    assert hook.error is None
    assert not hook.generating
    assert hook.completed_scene == scene["id"]
    assert hook.accumulated_text == scene["content"] == STORY
    assert hook.types[:2] == ["connected", "generation_started"]
    assert hook.types[-1] == "generation_complete"
    assert set(hook.types[2:-1]) == {"text_chunk", "audio_chunk"}
    numbers = [clip["sentence_number"] for clip in hook.audio_queue]
    assert numbers == list(range(hook.complete["total_sentences"]))
    assert hook.complete["total_length"] == len(STORY)


async def test_every_clip_is_a_playable_mp3_of_its_sentence(stage: Stage) -> None:
    """Proves 003-G7."""
    hook = HookClient()
    await hook.run(stage)
    assert len(hook.audio_queue) > 2
    for clip in hook.audio_queue:
        assert clip["format"] == "mp3"
        assert clip["sentence_text"] in STORY
        with av.open(io.BytesIO(base64.b64decode(clip["audio"]))) as sound:
            n_samples = sum(frame.samples for frame in sound.decode(audio=0))
        assert n_samples / 24 == pytest.approx(clip["duration_ms"], abs=110)


async def test_a_client_that_plays_clips_is_told_of_an_error(
    stage: Stage, llm: ScriptedLLM
) -> None:
    """Proves 003-G9."""
    llm.reply = refuses(401)
    hook = HookClient()
    await hook.run(stage)
    assert hook.error
    assert not hook.generating
    assert hook.types == ["connected", "generation_started", "error"]


class TestHeldEngine:
    @pytest.fixture
    def engine(self) -> HeldEngine:
        return HeldEngine()

    async def test_text_does_not_wait_for_an_engine_that_is_slow(
        self, stage: Stage, llm: ScriptedLLM, engine: HeldEngine
    ) -> None:
        """Proves 003-G6 and 003-D2."""
        async with stage.listen(await stage.start()) as client:
            shown = ""
            while shown != STORY:
                event = await client.next()
                assert event.type not in ("audio", "sentence_finished")
                shown += event.body["text"] if event.type == "text_chunk" else ""
            engine.let.set()
            await client.until("generation_complete")

    async def test_every_delta_is_shown_before_the_next_one_is_written(
        self, stage: Stage, llm: ScriptedLLM, engine: HeldEngine
    ) -> None:
        """Proves 003-G6."""
        llm.reply = stepped()
        async with stage.listen(await stage.start()) as client:
            await llm.wait_requested()
            for _ in range(30):
                llm.step()
                while (await client.next()).type != "text_chunk":
                    pass
            engine.let.set()
            llm.step(1_000)
            await client.until("generation_complete")

    async def test_stop_cancels_the_engine_in_the_middle_of_a_sentence(
        self, stage: Stage, llm: ScriptedLLM, engine: HeldEngine
    ) -> None:
        """Proves 003-D12."""
        llm.reply = never_ending()
        async with stage.listen(await stage.start()) as client:
            assert await asyncio.to_thread(engine.asked.wait, 10)
            await client.send(type="stop")
            await client.until("stopped")
        assert await asyncio.to_thread(engine.closed.wait, 10)
        await llm.wait_disconnected()


async def test_sound_comes_before_the_text_is_finished(stage: Stage, llm: ScriptedLLM) -> None:
    """Proves 003-D3."""
    llm.reply = stepped()
    async with stage.listen(await stage.start()) as client:
        await llm.wait_requested()
        llm.step(20)
        before = await client.until("audio")
        assert len(text_of(before)) < len(STORY)
        llm.step(1_000)
        events = before + await client.rest()
    frames = [event for event in events if event.type == "audio"]
    assert len(frames) > len(bodies(events, "sentence_finished"))


class TestFailingEngine:
    @pytest.fixture
    def engine(self) -> ToneEngine:
        return ToneEngine(seconds_per_word=0.02, fails_on="yesterday")

    async def test_a_sentence_that_cannot_be_spoken_is_skipped(self, stage: Stage) -> None:
        """Proves 003-G12."""
        async with stage.listen(await stage.start()) as client:
            events = await client.rest()
        (failed,) = bodies(events, "sentence_failed")
        assert failed["retryable"] is True
        assert text_of(events) == STORY
        assert events[-1].type == "generation_complete"
        finished = [body["index"] for body in bodies(events, "sentence_finished")]
        assert failed["index"] not in finished
        assert max(finished) > failed["index"]


@pytest.mark.parametrize("by_socket", [True, False])
async def test_stop_saves_what_was_written_and_leaves_the_model(
    stage: Stage, llm: ScriptedLLM, by_socket: bool
) -> None:
    """Proves 003-D12."""
    llm.reply = never_ending()
    started = await stage.start()
    async with stage.listen(started) as client:
        events = await client.until("sentence_finished")
        if by_socket:
            await client.send(type="stop", keep=True)
        else:
            url = f"/api/sessions/{started['session_id']}/stop"
            assert (await stage.http.post(url, json={"keep": True})).status_code == 202
        events += await client.rest()
    (scene,) = await stage.scenes()
    assert (events[-1].type, events[-1].body["reason"]) == ("stopped", "user")
    assert events[-1].body["scene_id"] == scene["id"]
    assert (scene["status"], scene["content"]) == ("stopped", text_of(events))
    await llm.wait_disconnected()


async def test_stop_can_throw_the_text_away(stage: Stage, llm: ScriptedLLM) -> None:
    llm.reply = never_ending()
    async with stage.listen(await stage.start()) as client:
        await client.until("text_chunk")
        await client.send(type="stop", keep=False)
        stopped = (await client.rest())[-1]
    assert "scene_id" not in stopped.body
    assert await stage.scenes() == []


async def test_what_is_written_for_a_deleted_story_stops(stage: Stage, llm: ScriptedLLM) -> None:
    llm.reply = never_ending()
    async with stage.listen(await stage.start()) as client:
        await client.until("text_chunk")
        assert (await stage.http.delete(f"/api/stories/{stage.story_id}")).status_code == 204
        stopped = (await client.rest())[-1]
    assert stopped.type == "stopped"
    assert "scene_id" not in stopped.body
    await llm.wait_disconnected()


async def test_skipped_sentences_are_not_spoken(stage: Stage, llm: ScriptedLLM) -> None:
    """Proves 003-U3: a listener can skip sentences."""
    llm.reply = stepped()
    async with stage.listen(await stage.start()) as client:
        await client.send(type="skip", to_sentence=2)
        await client.send(type="ping")
        await client.until("pong")
        llm.step(1_000)
        events = await client.rest()
    assert [body["index"] for body in bodies(events, "sentence_skipped")] == [0, 1]
    assert min(body["index"] for body in bodies(events, "sentence_finished")) == 2
    assert text_of(events) == STORY


class EscortedSessions(LiveSessions):
    """Ends what nobody reads at once, and reads everything until the escort takes its leave."""

    def __init__(self, escort: contextlib.ExitStack) -> None:
        super().__init__(journal_bytes=2**24, grace_s=0, retention_s=60)
        self._escort = escort

    def open(self, *what) -> LiveSession:
        session = super().open(*what)
        self._escort.enter_context(session.reading())
        return session


async def test_a_session_that_everybody_has_left_is_saved_and_ends(
    stage: Stage, llm: ScriptedLLM
) -> None:
    """Proves 003-D12."""
    llm.reply = never_ending()
    state = stage.server.app.state
    with contextlib.ExitStack() as escort:
        state.parts = dataclasses.replace(state.parts, sessions=EscortedSessions(escort))
        started = await stage.start()
        async with stage.listen(started) as client:
            await client.until("text_chunk")
            escort.close()
            client.kill()
        await llm.wait_disconnected()
    stopped = (await stage.reconnect(started, 0))[-1].body
    (scene,) = await stage.scenes()
    assert (stopped["reason"], stopped["scene_id"]) == ("abandoned", scene["id"])
    assert scene["status"] == "stopped"


async def test_a_broken_stream_keeps_the_text_so_far(stage: Stage, llm: ScriptedLLM) -> None:
    """Proves 003-G15."""
    llm.reply = cut(after=40)
    async with stage.listen(await stage.start()) as client:
        events = await client.rest()
    (scene,) = await stage.scenes()
    failure = events[-1].body
    assert (failure["type"], failure["code"]) == ("error", "llm_interrupted")
    assert failure["fatal"] is True
    assert failure["scene_id"] == scene["id"]
    assert (scene["status"], scene["content"]) == ("failed", text_of(events))
    assert STORY.startswith(scene["content"])


async def test_an_unreachable_model_is_named(stage: Stage, llm: ScriptedLLM) -> None:
    nobody = "http://127.0.0.1:9/v1"
    await put(stage.http, "/api/llm/settings", provider="openai", base_url=nobody, model="m")
    async with stage.listen(await stage.start()) as client:
        failure = (await client.rest())[-1].body
    assert failure["code"] == "llm_unreachable"
    assert "127.0.0.1:9" in failure["message"]
    assert await stage.scenes() == []


@pytest.mark.parametrize("by_form", [True, False])
async def test_without_sound_only_the_text_is_sent(stage: Stage, by_form: bool) -> None:
    if not by_form:
        await put(stage.http, "/api/tts/settings", tts_enabled=False)
    started = await stage.start(enable_tts_stream="false" if by_form else "true")
    async with stage.listen(started) as client:
        events = await client.rest()
    assert {event.type for event in events} == {
        "generation_started",
        "text_chunk",
        "generation_complete",
    }
    assert text_of(events) == STORY


async def test_a_story_that_does_not_exist_cannot_grow(stage: Stage) -> None:
    response = await stage.http.post(f"/api/stories/999/{GENERATE}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


async def test_a_prompt_may_have_8000_characters(stage: Stage) -> None:
    await stage.start(custom_prompt="x" * 8_000)
    too_long = await stage.http.post(
        f"{stage.story_url}/{GENERATE}", data={"custom_prompt": "x" * 8_001}
    )
    assert too_long.status_code == 422
    assert too_long.json()["error"]["param"] == "custom_prompt"
    assert "8000" in too_long.json()["error"]["message"].replace(",", "")


async def test_an_engine_that_is_gone_is_refused_with_what_there_is(stage: Stage) -> None:
    parts = stage.server.app.state.parts
    user = parts.people.local_user()
    settings = parts.preferences.tts(user.id)
    gone = dataclasses.replace(settings, tts_provider_type="gramophone")
    parts.preferences.save_tts(user.id, gone, instead_of=settings)
    response = await stage.http.post(f"{stage.story_url}/{GENERATE}")
    assert response.status_code == 422
    error = response.json()["error"]
    assert (error["code"], error["allowed"]) == ("unknown_engine", ["tone"])


async def test_a_page_that_is_reloaded_finds_its_session(stage: Stage) -> None:
    assert (await stage.http.get(f"{stage.story_url}/session")).json() is None
    started = await stage.start()
    found = (await stage.http.get(f"{stage.story_url}/session")).json()
    assert found["session_id"] == started["session_id"]
    assert found["generating"] is True
    async with stage.listen(found) as client:
        assert text_of(await client.rest()) == STORY


async def test_so_many_scenes_at_once_and_no_more(stage: Stage, llm: ScriptedLLM) -> None:
    llm.reply = never_ending()
    for _ in range(4):
        await stage.start()
    fifth = await stage.http.post(f"{stage.story_url}/{GENERATE}")
    assert fifth.status_code == 409
    assert "4 is the limit" in fifth.json()["error"]["message"]


async def test_many_people_listen_at_once_each_to_their_own_scene(
    tmp_path: Path, llm: ScriptedLLM, engine: ToneEngine
) -> None:
    """Proves 003-G17: many concurrent users; every one hears a whole scene, and no other's."""
    app = create_app(
        settings_for(tmp_path, auth="accounts", allowed_servers=["127.0.0.1"]),
        {"tone": ThreadHost(engine)},
    )
    async with serving_app(app) as server, asyncio.TaskGroup() as listeners:
        heard = [
            listeners.create_task(hear_own_scene(server, llm, f"reader{number}"))
            for number in range(6)
        ]
    assert len(llm.completions) == 6
    assert len({scene_id for scene_id, _ in map(asyncio.Task.result, heard)}) == 6
    for _, events in map(asyncio.Task.result, heard):
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert text_of(events) == STORY
        assert bodies(events, "generation_complete")[0]["samples"] > 0


async def hear_own_scene(server: Server, llm: ScriptedLLM, name: str) -> tuple[int, list[Event]]:
    """Have a scene told to somebody new; return its number and what they heard."""
    people: AccountRepository = server.app.state.parts.people
    user, token = people.create_user(name, "a hash that is never asked for"), mint_token()
    people.add_token(user.id, token, utc_now() + timedelta(hours=1))
    async with server.client(headers={"Authorization": f"Bearer {token}"}) as http:
        await put(http, "/api/tts/settings", tts_provider_type="tone", default_voice="")
        await put(
            http, "/api/llm/settings", provider="openai", base_url=llm.base_url, model="scripted"
        )
        story = (await http.post("/api/stories", json={})).json()["id"]
        started = (await http.post(f"/api/stories/{story}/{GENERATE}")).json()
        async with live_socket(server.ws_url + started["websocket_url"]) as client:
            await client.start()
            events = await client.rest()
        [scene] = (await http.get(f"/api/stories/{story}/scenes")).json()
        return scene["id"], events


async def test_other_people_s_sessions_do_not_exist(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, auth="accounts"))
    async with (
        serving_app(app) as server,
        server.client() as owner,
        server.client() as stranger,
        server.client() as nobody,
    ):
        for http, name in ((owner, "owner"), (stranger, "stranger")):
            login = {"username": name, "password": "correct horse battery"}
            assert (await http.post("/api/auth/register", json=login)).status_code == 201
            answer = await http.post("/api/auth/login", json=login)
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        story = (await owner.post("/api/stories", json={})).json()["id"]
        form = {"enable_tts_stream": "false"}
        started = await owner.post(f"/api/stories/{story}/{GENERATE}", data=form)
        session_id = started.json()["session_id"]
        refused = [
            await stranger.post(f"/api/stories/{story}/{GENERATE}", data=form),
            await stranger.get(f"/api/stories/{story}/session"),
            await stranger.post(f"/api/sessions/{session_id}/ticket"),
            await stranger.post(f"/api/sessions/{session_id}/stop", json={}),
        ]
        assert [response.status_code for response in refused] == [404] * 4
        assert (await owner.post(f"/api/sessions/{session_id}/ticket")).status_code == 200
        assert (await nobody.post(f"/api/sessions/{session_id}/ticket")).status_code == 401
