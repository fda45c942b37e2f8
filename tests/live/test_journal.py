"""The journal numbers events, keeps within its bytes, and tells every reader the same story."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.errors import InvalidInputError, JournalGapError
from rhapsode.live.journal import Journal, is_ending, weight_bytes
from rhapsode.narration.events import (
    Failure,
    GenerationComplete,
    NarrationEvent,
    SentenceAudio,
    Stopped,
    TextDelta,
)

ROOMY = 64 * 1024 * 1024
END = GenerationComplete(1, total_sentences=0, total_length=0, samples=0, audio_url=None)


def delta(text: str) -> TextDelta:
    return TextDelta(text, char_start=0)


def audio(n_samples: int) -> SentenceAudio:
    return SentenceAudio(0, 0, np.zeros(n_samples, np.int16), first=True, last=True)


async def collect(reader: AsyncIterator[tuple[int, NarrationEvent]]) -> list[tuple[int, object]]:
    return [entry async for entry in reader]


def test_events_are_numbered_from_one() -> None:
    journal = Journal(ROOMY)
    assert [journal.append(delta(text)) for text in "abc"] == [1, 2, 3]
    assert (journal.first_seq, journal.next_seq, journal.ended) == (1, 4, False)


@pytest.mark.parametrize("ending", [END, Stopped("user", 0, None), Failure("x", "y", fatal=True)])
async def test_read_ends_after_an_ending_event(ending: NarrationEvent) -> None:
    journal = Journal(ROOMY)
    journal.append(delta("a"))
    journal.append(ending)
    assert journal.ended
    assert await collect(journal.read(0)) == [(1, delta("a")), (2, ending)]
    assert await collect(journal.read(2)) == []


def test_a_failure_that_is_not_fatal_ends_nothing() -> None:
    journal = Journal(ROOMY)
    journal.append(Failure("going_away", "soon", fatal=False))
    assert not journal.ended
    assert not is_ending(delta("a"))


def test_nothing_can_be_appended_after_the_end() -> None:
    journal = Journal(ROOMY)
    journal.append(END)
    with pytest.raises(RuntimeError, match="TextDelta comes after the end"):
        journal.append(delta("late"))


async def test_read_waits_for_events_that_are_still_to_come() -> None:
    journal = Journal(ROOMY)
    reader = journal.read(0)
    first = asyncio.ensure_future(anext(reader))
    await asyncio.sleep(0)
    assert not first.done()
    journal.append(delta("a"))
    assert await first == (1, delta("a"))
    await reader.aclose()


async def test_read_refuses_a_position_that_does_not_exist_yet() -> None:
    journal = Journal(ROOMY)
    journal.append(delta("a"))
    with pytest.raises(InvalidInputError, match="after_seq 2 is ahead"):
        await anext(journal.read(2))


def test_a_full_journal_drops_its_oldest_events() -> None:
    journal = Journal(max_bytes=3 * weight_bytes(audio(480)))
    for _ in range(5):
        journal.append(audio(480))
    assert journal.first_seq == 3
    assert [seq for seq, _ in journal.kept(1)] == [3, 4, 5]


def test_the_newest_event_is_kept_however_large() -> None:
    journal = Journal(max_bytes=1)
    journal.append(delta("a"))
    journal.append(audio(48_000))
    assert (journal.first_seq, journal.next_seq) == (2, 3)


async def test_a_reader_of_dropped_events_is_told_of_the_gap() -> None:
    journal = Journal(max_bytes=2 * weight_bytes(audio(480)))
    for _ in range(3):
        journal.append(audio(480))
    with pytest.raises(JournalGapError, match="up to 1 are no longer kept"):
        await anext(journal.read(0))
    assert (await anext(journal.read(1)))[0] == 2


async def test_a_reader_that_falls_behind_is_told_of_the_gap_too() -> None:
    journal = Journal(max_bytes=weight_bytes(audio(480)))
    journal.append(audio(480))
    reader = journal.read(0)
    assert (await anext(reader))[0] == 1
    journal.append(audio(480))
    journal.append(audio(480))
    with pytest.raises(JournalGapError):
        await anext(reader)


@given(
    sizes=st.lists(st.integers(0, 2_000), min_size=1, max_size=40),
    max_bytes=st.integers(1, 60_000),
)
def test_the_bytes_kept_never_exceed_the_bound_by_more_than_one_event(
    sizes: list[int], max_bytes: int
) -> None:
    journal = Journal(max_bytes)
    for size in sizes:
        journal.append(audio(size))
        kept = [weight_bytes(event) for _, event in journal.kept(1)]
        assert sum(kept) <= max_bytes or len(kept) == 1


@given(
    texts=st.lists(st.text(max_size=5), max_size=30),
    joins=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6),
)
def test_every_reader_sees_the_same_events_wherever_and_whenever_it_joins(
    texts: list[str], joins: list[tuple[int, int]]
) -> None:
    """`joins`: a reader starts when so many events are in, and resumes after such a seq."""

    async def run() -> None:
        journal = Journal(ROOMY)
        events: list[NarrationEvent] = [*(delta(text) for text in texts), END]
        readers: list[tuple[int, asyncio.Task[list[tuple[int, object]]]]] = []
        for written, event in enumerate(events):
            for when, after in joins:
                if min(when, len(events) - 1) == written:
                    after_seq = min(after, written)
                    readers.append(
                        (after_seq, asyncio.create_task(collect(journal.read(after_seq))))
                    )
            await asyncio.sleep(0)
            journal.append(event)
        whole = list(enumerate(events, start=1))
        for after_seq, reader in readers:
            assert await reader == whole[after_seq:]

    asyncio.run(run())
