"""A live session goes on while somebody listens, and always ends its journal."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

import numpy as np
import pytest

from rhapsode.errors import ConflictError, NotFoundError, RestartingError
from rhapsode.live.session import LiveSession
from rhapsode.live.sessions import LiveSessions
from rhapsode.narration.events import (
    Failure,
    GenerationComplete,
    NarrationEvent,
    SentenceAudio,
    SentenceFinished,
    SentenceStarted,
    Stopped,
    TextDelta,
)

USER, OTHER_USER, STORY = 1, 2, 10
DONE = GenerationComplete(1, total_sentences=0, total_length=0, samples=0, audio_url=None)

Run = Callable[[LiveSession], Coroutine[None, None, None]]


def sessions(grace_s: float = 60, retention_s: float = 60, max_per_user: int = 4) -> LiveSessions:
    return LiveSessions(
        journal_bytes=1_000_000,
        grace_s=grace_s,
        retention_s=retention_s,
        max_per_user=max_per_user,
    )


async def completes(session: LiveSession) -> None:
    session.emit(DONE)


async def writes_until_stopped(session: LiveSession) -> None:
    """Behave as a run must: on cancellation save, and say so."""
    session.emit(TextDelta("Once", 0))
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.sleep(0)
        session.emit(Stopped(session.stop_reason, 0, 5 if session.keep else None))
        raise


def speaks_until(finish: asyncio.Event) -> Run:
    async def run(session: LiveSession) -> None:
        session.emit(SentenceStarted(0, "One.", 0, 4, start=0))
        session.emit(SentenceAudio(0, 0, np.zeros(480, np.int16), first=True, last=True))
        await finish.wait()
        session.emit(SentenceFinished(0, 0, 480))
        session.emit(SentenceStarted(1, "Two.", 5, 9, start=480))
        await asyncio.Event().wait()

    return run


async def events_of(session: LiveSession) -> list[NarrationEvent]:
    return [event async for _, event in session.journal.read(0)]


async def test_a_run_emits_into_its_own_session() -> None:
    session = sessions().open(USER, STORY, completes)
    assert await events_of(session) == [DONE]


async def test_session_ids_cannot_be_guessed() -> None:
    """Proves 003-D6."""
    live = sessions(max_per_user=50)
    ids = {live.open(USER, STORY, completes).id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(session_id) >= 22 for session_id in ids)  # 128 bits in base64


async def test_a_session_is_found_by_its_owner_only() -> None:
    live = sessions()
    session = live.open(USER, STORY, completes)
    assert live.get(session.id, USER) is session
    for session_id, user in ((session.id, OTHER_USER), ("unknown", USER)):
        with pytest.raises(NotFoundError):
            live.get(session_id, user)


async def test_the_newest_session_of_a_story_is_found_after_a_page_reload() -> None:
    live = sessions()
    live.open(USER, STORY, completes)
    newest = live.open(USER, STORY, completes)
    live.open(USER, STORY + 1, completes)
    assert live.newest_for_story(USER, STORY) is newest
    assert live.newest_for_story(OTHER_USER, STORY) is None


async def test_a_user_has_so_many_sessions_at_once_and_no_more() -> None:
    live = sessions(max_per_user=2)
    first = live.open(USER, STORY, writes_until_stopped)
    live.open(USER, STORY, writes_until_stopped)
    with pytest.raises(ConflictError, match="2 is the limit"):
        live.open(USER, STORY, writes_until_stopped)
    live.open(OTHER_USER, STORY, completes)
    first.stop("user")
    await first.wait_ended()
    live.open(USER, STORY, completes)
    await live.close()


async def test_stop_cancels_the_run_which_says_why() -> None:
    session = sessions().open(USER, STORY, writes_until_stopped)
    await asyncio.sleep(0)
    session.stop("user")
    assert await events_of(session) == [TextDelta("Once", 0), Stopped("user", 0, 5)]


async def test_stop_without_keeping_tells_the_run_to_save_nothing() -> None:
    session = sessions().open(USER, STORY, writes_until_stopped)
    await asyncio.sleep(0)
    session.stop("user", keep=False)
    assert (await events_of(session))[-1] == Stopped("user", 0, None)


async def test_a_second_stop_does_not_disturb_the_saving() -> None:
    session = sessions().open(USER, STORY, writes_until_stopped)
    await asyncio.sleep(0)
    session.stop("user")
    await asyncio.sleep(0)
    session.stop("again", keep=False)
    assert (await events_of(session))[-1] == Stopped("user", 0, 5)


async def test_a_run_stopped_before_its_first_step_still_ends_the_journal() -> None:
    session = sessions().open(USER, STORY, completes)
    session.stop("user")
    assert await events_of(session) == [Stopped("user", 0, None)]


async def test_an_unexpected_exception_becomes_a_safe_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Proves 003-G9."""

    async def run(session: LiveSession) -> None:
        raise ZeroDivisionError("secret")

    session = sessions().open(USER, STORY, run)
    (failure,) = await events_of(session)
    assert isinstance(failure, Failure)
    assert (failure.code, failure.fatal) == ("internal", True)
    assert "secret" not in failure.message
    assert "secret" in caplog.text


async def test_a_run_that_forgets_its_ending_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def run(session: LiveSession) -> None:
        session.emit(TextDelta("Once", 0))

    with caplog.at_level(logging.ERROR):
        session = sessions().open(USER, STORY, run)
        assert isinstance((await events_of(session))[-1], Failure)
    assert "without an ending" in caplog.text


async def test_a_session_nobody_listens_to_is_abandoned() -> None:
    """Proves 003-D12."""
    session = sessions(grace_s=0.01).open(USER, STORY, writes_until_stopped)
    assert (await events_of(session))[-1] == Stopped("abandoned", 0, 5)


async def test_the_grace_period_starts_when_the_last_listener_leaves() -> None:
    session = sessions(grace_s=0.01).open(USER, STORY, writes_until_stopped)
    with session.reading():
        with session.reading():
            await asyncio.sleep(0.03)
        await asyncio.sleep(0.03)
        assert not session.journal.ended
    assert (await events_of(session))[-1] == Stopped("abandoned", 0, 5)


async def test_an_abandoned_session_finishes_its_sentence() -> None:
    finish = asyncio.Event()
    session = sessions(grace_s=0.01).open(USER, STORY, speaks_until(finish))
    await asyncio.sleep(0.03)
    assert not session.journal.ended
    finish.set()
    events = await events_of(session)
    assert events[-1] == Stopped("abandoned", at_sample=480, scene_id=None)
    assert SentenceFinished(0, 0, 480) in events


async def test_a_listener_who_comes_back_in_time_saves_the_session() -> None:
    finish = asyncio.Event()
    session = sessions(grace_s=0.01).open(USER, STORY, speaks_until(finish))
    await asyncio.sleep(0.03)
    with session.reading():
        finish.set()
        await asyncio.sleep(0.01)
        assert not session.journal.ended
        session.stop("user")
        await session.wait_ended()


async def test_positions_only_move_forward() -> None:
    session = sessions().open(USER, STORY, completes)
    for sample, sentence in ((100, 3), (50, 1)):
        session.played(sample)
        session.listener.skip(sentence)
    assert (session.played_sample, session.listener.skip_to) == (100, 3)


async def test_an_ended_session_can_be_replayed_for_a_while() -> None:
    live = sessions(retention_s=0.02)
    session = live.open(USER, STORY, completes)
    await session.wait_ended()
    assert live.get(session.id, USER) is session
    async with asyncio.timeout(5):
        while True:
            await asyncio.sleep(0.01)
            try:
                live.get(session.id, USER)
            except NotFoundError:
                return


async def test_closing_warns_then_lets_the_sentence_finish() -> None:
    live, finish = sessions(), asyncio.Event()
    speaking = live.open(USER, STORY, speaks_until(finish))
    silent = live.open(USER, STORY, writes_until_stopped)
    await asyncio.sleep(0)
    closing = asyncio.create_task(live.close())
    assert (await events_of(silent))[-1] == Stopped("going_away", 0, 5)
    assert not speaking.journal.ended
    finish.set()
    await closing
    events = await events_of(speaking)
    warning = next(event for event in events if isinstance(event, Failure))
    assert (warning.code, warning.fatal, warning.retry_after_ms) == ("going_away", False, 2_000)
    assert events[-1] == Stopped("going_away", at_sample=480, scene_id=None)


async def test_closing_does_not_wait_for_a_sentence_that_never_ends() -> None:
    live = sessions()
    session = live.open(USER, STORY, speaks_until(asyncio.Event()))
    await asyncio.sleep(0)
    with session.reading():
        pass
    await live.close(drain_s=0.01)
    assert session.journal.ended


async def test_nothing_new_begins_while_the_server_goes_away() -> None:
    live = sessions()
    await live.close()
    with pytest.raises(RestartingError):
        live.open(USER, STORY, completes)


async def test_closing_waits_until_readers_have_heard_the_end() -> None:
    live = sessions()
    session = live.open(USER, STORY, writes_until_stopped)
    await asyncio.sleep(0)
    heard: list[NarrationEvent] = []

    async def read() -> None:
        with session.reading():
            async for _, event in session.journal.read(0):
                await asyncio.sleep(0.01)
                heard.append(event)

    reader = asyncio.create_task(read())
    await asyncio.sleep(0)
    await live.close()
    assert heard[-1] == Stopped("going_away", 0, 5)
    await reader


async def test_a_reader_who_comes_during_the_shutdown_does_not_prolong_it() -> None:
    live = sessions()
    session = live.open(USER, STORY, speaks_until(asyncio.Event()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(live.close(drain_s=0.02))
    await asyncio.sleep(0)
    with session.reading():
        await asyncio.wait_for(session.wait_ended(), timeout=5)
    await closing
