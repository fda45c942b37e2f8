"""Journal: every event of one session, numbered, kept for those who come late or come back."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

from rhapsode.errors import InvalidInputError, JournalGapError
from rhapsode.narration.events import (
    Failure,
    GenerationComplete,
    NarrationEvent,
    SentenceAudio,
    Stopped,
)

_EVENT_OVERHEAD_BYTES = 512
"""About what an event weighs besides text and sound; bounds a flood of tiny events."""


def is_ending(event: NarrationEvent) -> bool:
    """Tell whether nothing follows `event` in its session."""
    match event:
        case Stopped() | GenerationComplete():
            return True
        case Failure(fatal=fatal):
            return fatal
        case _:
            return False


def weight_bytes(event: NarrationEvent) -> int:
    """Estimate the memory that `event` holds, in bytes."""
    text = getattr(event, "text", "")
    sound = event.samples.nbytes if isinstance(event, SentenceAudio) else 0
    return _EVENT_OVERHEAD_BYTES + 4 * len(text) + sound


class Journal:
    """An append-only log of one session's events, bounded in bytes.

    Events are numbered 1, 2, 3 ...; this number, `seq`, is what clients resume by.
    Any number of readers may read at once, each at its own pace; none can hold up the writer.
    Belongs to one event loop: not safe to use from threads.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._events: dict[int, NarrationEvent] = {}
        self._bytes = 0
        self._grown = asyncio.Event()
        self.first_seq = 1
        """The oldest event that is still kept (equals `next_seq` before the first event)."""
        self.next_seq = 1
        """The number that the next event will get."""
        self.ended = False
        """True once an ending event is in; nothing can be appended after it."""

    def append(self, event: NarrationEvent) -> int:
        """Add `event` and wake the readers. Never waits; drops the oldest events when full.

        The newest event is always kept, however large.

        Returns:
            The event's `seq`.

        Raises:
            RuntimeError: The journal has ended.
        """
        if self.ended:
            raise RuntimeError(f"{type(event).__name__} comes after the end of the journal")
        seq = self.next_seq
        self._events[seq] = event
        self._bytes += weight_bytes(event)
        self.next_seq += 1
        self.ended = is_ending(event)
        self._evict()
        # A fresh Event per append wakes everybody exactly once; nobody has to clear it.
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        return seq

    async def read(self, after_seq: int) -> AsyncGenerator[tuple[int, NarrationEvent], None]:
        """Yield every event after `after_seq` in order, waiting for those that are still to come.

        Args:
            after_seq: The last event the reader has; 0 reads from the beginning.

        Yields:
            `(seq, event)`; the last one is the ending event.

        Raises:
            JournalGapError: The next event has been dropped.
            InvalidInputError: `after_seq` is greater than any number given out so far.
        """
        if after_seq >= self.next_seq:
            raise InvalidInputError(
                f"after_seq {after_seq} is ahead of this session, which is at {self.next_seq - 1}.",
                param="after_seq",
            )
        seq = after_seq + 1
        while True:
            if seq < self.next_seq:
                yield seq, self._kept(seq)
                seq += 1
            elif self.ended:
                return
            else:
                await self._grown.wait()

    def kept(self, from_seq: int) -> Iterator[tuple[int, NarrationEvent]]:
        """Iterate over the events from `from_seq` on that are in the journal now, oldest first."""
        for seq in range(max(from_seq, self.first_seq), self.next_seq):
            yield seq, self._events[seq]

    def _kept(self, seq: int) -> NarrationEvent:
        if seq < self.first_seq:
            raise JournalGapError(
                f"Events up to {self.first_seq - 1} are no longer kept. "
                "Open the story again to see what was written."
            )
        return self._events[seq]

    def _evict(self) -> None:
        while self._bytes > self._max_bytes and self.first_seq < self.next_seq - 1:
            self._bytes -= weight_bytes(self._events.pop(self.first_seq))
            self.first_seq += 1
