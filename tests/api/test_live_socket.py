"""Sockets of the live protocol: admission, resuming, flow control, and every way to end."""

import asyncio
import base64
import contextlib
import dataclasses
import io
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import av
import httpx2
import numpy as np
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from rhapsode.api import live
from rhapsode.api.live_socket import Patience, default_patience
from rhapsode.api.parts import Parts
from rhapsode.app import create_app
from rhapsode.live.journal import weight_bytes
from rhapsode.live.session import LiveSession
from rhapsode.live.sessions import LiveSessions
from rhapsode.live.tickets import Tickets
from rhapsode.narration.events import (
    GenerationComplete,
    GenerationStarted,
    NarrationEvent,
    SentenceAudio,
    SentenceFinished,
    SentenceStarted,
    Stopped,
    TextDelta,
)
from tests.api.live_client import Event, LiveClient, chain, live_socket
from tests.serving import serving_app, settings_for

USER, OTHER_USER, STORY = 1, 2, 10
SECOND = 24_000

Run = Callable[[LiveSession], Coroutine[None, None, None]]


@dataclasses.dataclass
class Stage:
    """A server with live sockets, and direct access to its sessions."""

    ws_url: str
    parts: Parts

    def open(self, run: Run, user_id: int = USER) -> LiveSession:
        return self.parts.sessions.open(user_id, STORY, run)

    def url(self, session_id: str, ticket: str) -> str:
        return f"{self.ws_url}/ws/scene-generation/{session_id}?ticket={ticket}"

    def ticketed(self, session: LiveSession) -> str:
        return self.url(session.id, self.parts.tickets.issue(session.user_id, session.id))

    def connect(self, session: LiveSession):
        return live_socket(self.ticketed(session))


def sessions(grace_s: float = 60, journal_bytes: int = 64_000_000) -> LiveSessions:
    return LiveSessions(journal_bytes=journal_bytes, grace_s=grace_s, retention_s=60)


@pytest.fixture
def live_sessions() -> LiveSessions:
    return sessions()


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
async def stage(
    tmp_path: Path, live_sessions: LiveSessions, patience: Patience
) -> AsyncIterator[Stage]:
    """Serve the sockets alone: neither database nor engines have to start."""
    app = FastAPI()
    app.include_router(live.router)
    app.dependency_overrides[default_patience] = lambda: patience
    parts: Parts = create_app(settings_for(tmp_path)).state.parts
    parts = dataclasses.replace(parts, sessions=live_sessions, tickets=Tickets(30))
    app.state.parts = parts
    async with serving_app(app) as server:
        yield Stage(server.ws_url, parts)
        await live_sessions.close(drain_s=0)


def sentence(index: int, n_samples: int = 4_800) -> list[NarrationEvent]:
    start = index * n_samples
    half = n_samples // 2
    samples = np.random.default_rng(index).integers(-9_000, 9_000, n_samples).astype(np.int16)
    return [
        TextDelta("Say ", index * 8),
        TextDelta("it. ", index * 8 + 4),
        SentenceStarted(index, "Say it.", index * 8, index * 8 + 7, start),
        SentenceAudio(index, start, samples[:half], first=True, last=False),
        SentenceAudio(index, start + half, samples[half:], first=False, last=True),
        SentenceFinished(index, start, n_samples),
    ]


def scene(sentences: int = 4) -> list[NarrationEvent]:
    spoken = [event for index in range(sentences) for event in sentence(index)]
    length, samples = 8 * sentences, 4_800 * sentences
    return [
        GenerationStarted("Starting", "voice", "engine", "model"),
        *spoken,
        GenerationComplete(7, sentences, length, samples, None),
    ]


def tells(events: list[NarrationEvent]) -> Run:
    """Emit the events at once."""

    async def run(session: LiveSession) -> None:
        for event in events:
            session.emit(event)

    return run


def tells_stepwise(events: list[NarrationEvent]) -> Run:
    """Emit the events with a turn of the loop between them, so that readers race the writer."""

    async def run(session: LiveSession) -> None:
        for event in events:
            session.emit(event)
            await asyncio.sleep(0.001)

    return run


def tells_then_waits(events: list[NarrationEvent]) -> Run:
    async def run(session: LiveSession) -> None:
        for event in events:
            session.emit(event)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            session.emit(Stopped(session.stop_reason, 0, 5 if session.keep else None))
            raise

    return run


async def hear(stage: Stage, session: LiveSession, after_seq: int = 0, **start) -> list[Event]:
    async with stage.connect(session) as client:
        await client.start(after_seq, **start)
        return await client.rest()


async def test_a_socket_is_told_everything_in_order_and_closed(stage: Stage) -> None:
    session = stage.open(tells(scene()))
    async with stage.connect(session) as client:
        await client.start()
        events = await client.rest()
    assert [event.seq for event in events] == list(range(1, len(scene()) + 1))
    assert client.socket.close_code == 1000
    assert client.socket.subprotocol == "rhapsode.v1"


async def test_connected_says_where_the_journal_is(stage: Stage) -> None:
    session = stage.open(tells(scene()))
    await session.wait_ended()
    async with stage.connect(session) as client:
        await client.start()
    assert client.connected == {
        "type": "connected",
        "v": 1,
        "session_id": session.id,
        "sample_rate": SECOND,
        "codec": "pcm_s16le",
        "next_seq": len(scene()) + 1,
        "journal_from": 1,
    }


@pytest.mark.parametrize("codecs", [["pcm_s16le"], ["opus"]])
async def test_resuming_after_any_event_gives_the_same_chain(
    stage: Stage, codecs: list[str]
) -> None:
    session = stage.open(tells(scene()))
    whole = await hear(stage, session, codecs=codecs)
    for after_seq in range(len(whole) + 1):
        rest = await hear(stage, session, after_seq, codecs=codecs)
        assert chain(whole[:after_seq] + rest) == chain(whole)


async def test_killed_sockets_lose_and_double_nothing(stage: Stage) -> None:
    events = scene(sentences=20)
    session = stage.open(tells_stepwise(events))
    heard: list[Event] = []
    kills = 0
    while not heard or heard[-1].type != "generation_complete":
        async with stage.connect(session) as client:
            await client.start(heard[-1].seq if heard else 0)
            for _ in range(5 + kills % 4):
                try:
                    heard.append(await client.next())
                except ConnectionClosed:
                    break
            client.kill()
            kills += 1
    assert kills > 15
    assert chain(heard) == chain(await hear(stage, session))


async def test_two_sockets_hear_the_same_at_once(stage: Stage) -> None:
    session = stage.open(tells_stepwise(scene()))
    first, second = await asyncio.gather(hear(stage, session), hear(stage, session))
    assert chain(first) == chain(second)
    assert len(first) == len(scene())


async def test_opus_is_sent_to_those_who_ask_for_it(stage: Stage) -> None:
    session = stage.open(tells(scene()))
    async with stage.connect(session) as client:
        await client.start(codecs=["opus", "pcm_s16le"])
        frames = [event.frame for event in await client.rest() if event.type == "audio"]
    assert client.connected["codec"] == "opus"
    assert client.connected["opus_head"]
    assert {frame[0] for frame in frames if isinstance(frame, bytes)} == {2}


async def test_the_first_ticket_works_once(stage: Stage) -> None:
    session = stage.open(tells(scene()))
    url = stage.ticketed(session)
    async with live_socket(url) as client:
        await client.start()
    async with live_socket(url) as client:
        assert await client.closing_code() == 4401


async def test_without_a_ticket_nobody_gets_in(stage: Stage) -> None:
    """Proves 003-D6."""
    session = stage.open(tells(scene()))
    for ticket in ("", "guess"):
        async with live_socket(stage.url(session.id, ticket)) as client:
            assert await client.closing_code() == 4401


async def test_a_ticket_opens_its_own_session_only(stage: Stage) -> None:
    mine, also_mine = stage.open(tells(scene())), stage.open(tells(scene()))
    theirs = stage.open(tells(scene()), user_id=OTHER_USER)
    for session_id, code in ((also_mine.id, 4403), (theirs.id, 4404), ("unknown", 4404)):
        ticket = stage.parts.tickets.issue(USER, mine.id)
        async with live_socket(stage.url(session_id, ticket)) as client:
            assert await client.closing_code() == code


@pytest.mark.parametrize(
    "first",
    [
        "not json",
        '{"type":"ping"}',
        '{"type":"start","v":2}',
        '{"type":"start","v":1,"codecs":["flac"]}',
        b"\x00\x01",
    ],
)
async def test_a_socket_that_begins_wrongly_is_closed(stage: Stage, first: str | bytes) -> None:
    async with stage.connect(stage.open(tells(scene()))) as client:
        await client.socket.send(first)
        assert await client.closing_code() == 4000


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        '{"type":"start","v":1}',
        '{"type":"ack","seq":1,"played_sample":"x"}',
        '{"type":"ping","pad":"' + "x" * 70_000 + '"}',
        b"\x00\x01",
    ],
)
async def test_a_bad_message_closes_the_socket_but_not_the_session(
    stage: Stage, message: str | bytes
) -> None:
    session = stage.open(tells_then_waits(scene()[:-1]))
    async with stage.connect(session) as client:
        await client.start()
        await client.socket.send(message)
        assert await client.closing_code() == 4000
    assert not session.journal.ended


class TestImpatient:
    @pytest.fixture
    def patience(self) -> Patience:
        return Patience(start_s=0.05, send_s=0.2)

    async def test_a_socket_that_says_nothing_is_closed(self, stage: Stage) -> None:
        async with stage.connect(stage.open(tells(scene()))) as client:
            assert await client.closing_code() == 4000

    async def test_a_client_that_takes_nothing_is_closed_and_can_resume(self, stage: Stage) -> None:
        second = SentenceAudio(0, 0, np.zeros(50 * SECOND, np.int16), first=False, last=False)
        session = stage.open(tells([*[second] * 8, scene()[-1]]))
        async with stage.connect(session) as client:
            await client.start()
            client.socket.transport.pause_reading()
            await asyncio.sleep(0.3)
            client.socket.transport.resume_reading()
            heard = await client.rest()
        assert client.socket.close_code == 4408
        rest = await hear(stage, session, after_seq=heard[-1].seq)
        assert [event.seq for event in heard + rest] == list(range(1, 10))


async def test_a_position_that_does_not_exist_is_refused(stage: Stage) -> None:
    session = stage.open(tells(scene()))
    async with stage.connect(session) as client:
        await client.start(after_seq=99)
        (refusal,) = await client.rest()
    assert refusal.body["code"] == "invalid_input"
    assert client.socket.close_code == 4000


class TestSmallJournal:
    @pytest.fixture
    def live_sessions(self) -> LiveSessions:
        return sessions(journal_bytes=3 * weight_bytes(sentence(0)[3]))

    async def test_events_that_are_gone_are_reported_as_a_gap(self, stage: Stage) -> None:
        session = stage.open(tells(scene()))
        await session.wait_ended()
        async with stage.connect(session) as client:
            await client.start()
            (gap,) = await client.rest()
        assert (gap.body["code"], gap.body["fatal"]) == ("journal_gap", True)
        assert "seq" not in gap.body
        assert client.socket.close_code == 4000


async def test_ping_is_answered_outside_the_sequence(stage: Stage) -> None:
    async with stage.connect(stage.open(tells_then_waits([]))) as client:
        await client.start()
        await client.send(type="ping", t=12.5)
        assert (await client.next()).body == {"type": "pong", "t": 12.5}


@pytest.mark.parametrize(("keep", "scene_id"), [(True, 5), (False, None)])
async def test_stop_stops_the_session(stage: Stage, keep: bool, scene_id: int | None) -> None:
    session = stage.open(tells_then_waits(scene()[:-1]))
    async with stage.connect(session) as client:
        await client.start()
        await client.send(type="stop", keep=keep)
        stopped = (await client.rest())[-1].body
    assert (stopped["type"], stopped["reason"]) == ("stopped", "user")
    assert stopped.get("scene_id") == scene_id
    assert client.socket.close_code == 1000


async def test_skip_and_ack_reach_the_narration(stage: Stage) -> None:
    session = stage.open(tells_then_waits(scene()[:-1]))
    async with stage.connect(session) as client:
        await client.start()
        await client.send(type="skip", to_sentence=3)
        await client.send(type="ack", seq=5, played_sample=4_800)
        await client.send(type="ping")
        await client.until("pong")
    assert (session.listener.skip_to, session.played_sample) == (3, 4_800)


async def test_the_underruns_of_the_reader_who_suffered_most_are_counted_once(stage: Stage) -> None:
    before = REGISTRY.get_sample_value("rhapsode_audio_underruns_total")
    session = stage.open(tells_then_waits(scene()[:-1]))
    async with stage.connect(session) as one, stage.connect(session) as other:
        for client, counts in ((one, (1, 2)), (other, (1, 3))):
            await client.start()
            for underruns in counts:
                await client.send(type="ack", seq=5, played_sample=0, underruns=underruns)
            await client.send(type="ping")
            await client.until("pong")
    assert session.listener.underruns == 3
    assert REGISTRY.get_sample_value("rhapsode_audio_underruns_total") == before + 3


async def test_sound_waits_until_the_listener_is_near(stage: Stage) -> None:
    """One second may be sent ahead; every sentence lasts one."""
    events = [event for index in range(3) for event in sentence(index, n_samples=SECOND)]
    session = stage.open(tells([*events, scene()[-1]]))
    async with stage.connect(session) as client:
        await client.start(window_ms=1_000)
        first = await client.until("sentence_finished")
        assert [event.start for event in first if event.type == "audio"] == [0, SECOND // 2]
        assert [(await client.next()).type for _ in range(3)] == [
            "text_chunk",
            "text_chunk",
            "sentence_started",
        ]
        await answers_only_to_ping(client)
        await client.send(type="ack", seq=first[-1].seq, played_sample=SECOND // 2)
        assert (await client.next()).start == SECOND
        await answers_only_to_ping(client)
        await client.send(type="ack", seq=9, played_sample=SECOND // 2, window_ms=60_000)
        assert (await client.rest())[-1].type == "generation_complete"


async def answers_only_to_ping(client: LiveClient) -> None:
    """Show that the server has nothing else to say now: twice round, and only pongs come back."""
    for t in (1, 2):
        await client.send(type="ping", t=t)
        assert (await client.next()).body == {"type": "pong", "t": t}


async def test_a_second_socket_starts_from_where_the_first_one_plays(stage: Stage) -> None:
    events = [event for index in range(3) for event in sentence(index, n_samples=SECOND)]
    session = stage.open(tells([*events, scene()[-1]]))
    session.played(2 * SECOND)
    assert len(await hear(stage, session, after_seq=6, window_ms=1_000)) == len(events) + 1 - 6


class TestShortGrace:
    @pytest.fixture
    def live_sessions(self) -> LiveSessions:
        return sessions(grace_s=0.05)

    async def test_when_the_last_socket_has_gone_the_session_ends(self, stage: Stage) -> None:
        """Proves 003-D12."""
        session = stage.open(tells_then_waits(scene()[:-1]))
        with contextlib.ExitStack() as escort:
            # However slow the machine, the session is not alone before the socket is there.
            escort.enter_context(session.reading())
            async with stage.connect(session) as client:
                await client.start()
                escort.close()
                await asyncio.sleep(0.1)
                assert not session.journal.ended
                client.kill()
        async with asyncio.timeout(5):
            await session.wait_ended()
        assert session.stop_reason == "abandoned"


async def test_a_server_that_goes_away_says_so_and_asks_to_come_back(stage: Stage) -> None:
    session = stage.open(tells_then_waits(scene()[:-1]))
    async with stage.connect(session) as client:
        await client.start()
        await client.until("sentence_finished")
        await stage.parts.sessions.close()
        warning, stopped = (await client.rest())[-2:]
    assert (warning.body["code"], warning.body["fatal"]) == ("going_away", False)
    assert warning.body["retry_after_ms"] > 0
    assert (stopped.type, stopped.body["reason"]) == ("stopped", "going_away")
    assert client.socket.close_code == 1012


@pytest.mark.parametrize("frames", [True, False])
async def test_nobody_listens_on_with_a_login_that_has_ended(
    accounts_server, ada: httpx2.AsyncClient, frames: bool
) -> None:
    ada_id = (await ada.get("/api/auth/me")).json()["user"]["id"]
    parts: Parts = accounts_server.app.state.parts
    session = parts.sessions.open(ada_id, STORY, tells_then_waits(scene()[:2]))
    ticket = (await ada.post(f"/api/sessions/{session.id}/ticket")).json()
    address = accounts_server.ws_url + ticket["websocket_url"]
    if frames:
        async with live_socket(address) as client:
            await client.start()
            await client.next()
            await ada.post("/api/auth/logout")
            assert await client.closing_code() == 4401
    else:
        async with connect(address, proxy=None) as socket:
            await socket.recv()
            await ada.post("/api/auth/logout")
            with contextlib.suppress(ConnectionClosed):
                async for _ in socket:
                    pass
        assert socket.close_code == 4401
    assert not session.journal.ended
    session.stop("test over")
    await session.wait_ended()


async def clips_of(url: str) -> tuple[list[dict], int | None]:
    async with connect(url, proxy=None, max_size=None) as socket:
        messages = [json.loads(frame) async for frame in socket]
    return messages, socket.close_code


async def test_clips_are_complete_mp3s_in_order_before_the_ending(stage: Stage) -> None:
    """Proves 003-G7 and 003-G10."""
    session = stage.open(tells(scene()))
    messages, code = await clips_of(stage.ticketed(session))
    types = [message["type"] for message in messages]
    assert types[:2] == ["connected", "generation_started"]
    assert types[-1] == "generation_complete"
    clips = [message for message in messages if message["type"] == "audio_chunk"]
    assert [clip["sentence_number"] for clip in clips] == [0, 1, 2, 3]
    for clip in clips:
        assert clip["sentence_text"] == "Say it."
        assert mp3_samples(clip["audio"]) == pytest.approx(4_800, abs=2_400)
    assert messages[-1]["total_sentences"] == 4
    assert code == 1000


async def test_text_does_not_wait_while_a_clip_is_encoded(stage: Stage) -> None:
    """Proves 003-D2."""
    minute = sentence(0, n_samples=60 * SECOND)
    later = [TextDelta(f"{word} ", 8 + 2 * word) for word in range(10)]
    session = stage.open(tells([*minute, *later, scene()[-1]]))
    messages, _ = await clips_of(stage.ticketed(session))
    types = [message["type"] for message in messages]
    assert types == ["connected", *["text_chunk"] * 12, "audio_chunk", "generation_complete"]


async def test_a_client_of_clips_may_say_anything_but_binary(stage: Stage) -> None:
    session = stage.open(tells_then_waits(scene()[:-1]))
    async with connect(stage.ticketed(session), proxy=None, max_size=None) as socket:
        await socket.send("anything")
        await socket.send(b"\x00")
        await socket.wait_closed()
    assert socket.close_code == 4000


def mp3_samples(audio: str) -> int:
    with av.open(io.BytesIO(base64.b64decode(audio))) as clip:
        return sum(frame.samples for frame in clip.decode(audio=0))
