"""LiveSession: one generation that is going on, and those who follow it."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine, Generator
from functools import cached_property

from rhapsode import metrics
from rhapsode.live.journal import Journal
from rhapsode.live.opus_track import OpusTrack
from rhapsode.narration.events import (
    Failure,
    NarrationEvent,
    SentenceAudio,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    Stopped,
)
from rhapsode.narration.listener import Listener

logger = logging.getLogger(__name__)

ABANDONED = "abandoned"
"""Stop reason: nobody has been listening for the grace period."""

GOING_AWAY = "going_away"
"""Stop reason: the server is shutting down."""

LAST_SENTENCE_S = 20.0
"""How long a sentence may go on after everybody has left or the server was told to stop."""


class LiveSession:
    """One generation: its journal, its readers, and the task that produces its events.

    Created by `LiveSessions.open`. Belongs to one event loop.
    """

    def __init__(
        self,
        user_id: int,
        story_id: int,
        journal: Journal,
        grace_s: float,
        on_end: Callable[["LiveSession"], None],
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.user_id = user_id
        self.story_id = story_id
        self.journal = journal
        self.stop_reason = ""
        """Why the session was stopped; "" while it was not."""
        self.keep = True
        """False when the listener wants the text thrown away."""
        self.played_sample = 0
        """How far the reader furthest ahead has heard, as an absolute sample."""
        self.listener = Listener()
        """What the narration knows of all the readers together."""
        self._grace_s = grace_s
        self._on_end = on_end
        self._readers = 0
        self._unread = asyncio.Event()
        self._unread.set()
        self._end_sample = 0
        self._speaking = False
        self._last_sentence_reason = ""
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, run: Callable[["LiveSession"], Coroutine[None, None, None]]) -> None:
        """Run the generation as a task, and count the grace period until somebody reads.

        When `stop` cancels `run`, it saves what `keep` asks for and emits `Stopped` with
        `stop_reason` itself. However it leaves, the journal gets an ending.
        """
        metrics.SESSIONS_ACTIVE.inc()
        self._task = asyncio.create_task(run(self), name=f"live-session-{self.id}")
        self._task.add_done_callback(self._ended)
        self._wait_for_readers()

    @cached_property
    def opus(self) -> OpusTrack:
        """The session's sound as Opus; nothing is encoded for sessions that nobody wants it of."""
        return OpusTrack(self.journal)

    def emit(self, event: NarrationEvent) -> None:
        """Append `event` to the journal. Never waits."""
        self.journal.append(event)
        match event:
            case SentenceStarted():
                self._speaking = True
            case SentenceAudio(start=start, samples=samples):
                self._end_sample = start + len(samples)
            case SentenceFinished() | SentenceFailed() | SentenceSkipped():
                self._speaking = False
                if self._last_sentence_reason:
                    self.stop(self._last_sentence_reason)
            case _:
                pass

    @contextlib.contextmanager
    def reading(self) -> Generator[None, None, None]:
        """Count as a reader while in this context; the last one out starts the grace period."""
        self._readers += 1
        self._unread.clear()
        if self._last_sentence_reason != GOING_AWAY:
            self._last_sentence_reason = ""
            self._cancel_timer()
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._unread.set()
                self._wait_for_readers()

    def played(self, sample: int, underruns: int = 0) -> None:
        """Take note that a reader has heard everything before `sample`.

        Args:
            sample: Absolute, on the session's timeline.
            underruns: How often its sound has run out; the reader who suffered most counts.
        """
        self.played_sample = max(self.played_sample, sample)
        self.listener.hear(self.played_sample)
        if (more := underruns - self.listener.underruns) > 0:
            metrics.AUDIO_UNDERRUNS.inc(more)
            self.listener.underruns = underruns

    def stop(self, reason: str, *, keep: bool = True) -> None:
        """Stop writing and speaking now. Only the first stop counts.

        Args:
            reason: What `Stopped` will say: "user", "abandoned" or "going_away".
            keep: Whether the text so far is saved as a scene.
        """
        # A second cancel would hit the run while it saves the text.
        if self.stop_reason or self._task is None or self._task.done():
            return
        self.stop_reason, self.keep = reason, keep
        self._cancel_timer()
        self._task.cancel()

    def stop_after_sentence(self, reason: str, at_most_s: float = LAST_SENTENCE_S) -> None:
        """Stop when the sentence that is being spoken ends, and after `at_most_s` at the latest."""
        if not self._speaking:
            self.stop(reason)
            return
        self._last_sentence_reason = reason
        self._call_later(at_most_s, lambda: self.stop(reason))

    async def wait_ended(self) -> None:
        """Wait until the generation is over and its journal has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def wait_unread(self) -> None:
        """Wait until nobody reads: after the end, until everybody has heard of it."""
        await self._unread.wait()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Give the journal an ending whatever happened: readers wait for one."""
        metrics.SESSIONS_ACTIVE.dec()
        self._cancel_timer()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("live session %s failed", self.id, exc_info=error)
        if not self.journal.ended:
            self._append_missing_ending(stopped=task.cancelled())
        self._on_end(self)

    def _append_missing_ending(self, *, stopped: bool) -> None:
        if stopped:
            # Cancelled before its first step, a task never runs and cannot say so itself.
            reason = self.stop_reason or GOING_AWAY
            self.journal.append(Stopped(reason, at_sample=self._end_sample, scene_id=None))
            return
        logger.error("live session %s left its journal without an ending", self.id)
        message = "Something went wrong on the server. Please try again."
        self.journal.append(Failure("internal", message, fatal=True))

    def _wait_for_readers(self) -> None:
        if not self.journal.ended and not self._last_sentence_reason:
            self._call_later(self._grace_s, lambda: self.stop_after_sentence(ABANDONED))

    def _call_later(self, delay_s: float, act: Callable[[], None]) -> None:
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(delay_s, act)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
