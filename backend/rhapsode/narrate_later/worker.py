"""NarrationWorker: drains the queue of narrations, in the background lane, whatever happens."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from rhapsode import metrics
from rhapsode.database import Database, utc_now
from rhapsode.errors import InvalidInputError, SynthesisError
from rhapsode.live.user_events import TtsProgress, UserEvent
from rhapsode.narrate_later.casting import Casting
from rhapsode.narrate_later.queue.repository import NarrationQueue
from rhapsode.narrate_later.records import Job, Step
from rhapsode.narrate_later.studio import Studio
from rhapsode.tts.turns import Priority

logger = logging.getLogger(__name__)

NARRATORS = 4
"""Narrations made at once, each for another user; their sentences take turns at the engine."""

ATTEMPTS = 3
"""Failures in a row at one sentence before a narration is given up."""

BACKOFF_GROWTH = 4
PROGRESS_EVERY_S = 0.25
RENEWALS_PER_LEASE = 3
LONGEST_NAP_S = 5.0
"""How long an idle worker sleeps at most: other processes can put work into the queue."""

Publish = Callable[[int, UserEvent], None]
"""Takes a user's id and what they are to be told; must not wait."""


class NarrationWorker:
    """Makes narrations one sentence at a time.

    The rows are the truth: a worker that is killed at any point leaves every sentence kept that it
    has finished, and the next one goes on behind it.
    """

    def __init__(
        self,
        db: Database,
        queue: NarrationQueue,
        casting: Casting,
        studio: Studio,
        publish: Publish,
        *,
        retry_s: float,
    ) -> None:
        """Prepare; `run` does the work.

        Args:
            db: Whose threads read and write.
            queue: What is to be done.
            casting: Who finds the voices.
            studio: Who does it.
            publish: Told of progress, success and failure.
            retry_s: Pause after a first failure; later ones are four times the one before.
        """
        self._db = db
        self._queue = queue
        self._casting = casting
        self._studio = studio
        self._publish = publish
        self._retry_s = retry_s
        self._running: dict[str, asyncio.Task[None]] = {}
        """What is being made here, by its lease."""
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._db.run(self._queue.requeue_interrupted)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_leases(), name="narration-leases")
            for number in range(NARRATORS):
                tasks.create_task(self._drain(), name=f"narrator-{number}")

    def wake(self) -> None:
        """Say that there is something new in the queue."""
        woken, self._woken = self._woken, asyncio.Event()
        woken.set()

    async def review(self) -> None:
        """Drop what is being made for scenes that were deleted or edited: nobody wants it.

        The leases of the rest are renewed.
        """
        running = dict(self._running)
        if not running:
            return
        held = await self._db.run(lambda: self._queue.renew(running.keys()))
        for lease in running.keys() - held:
            running[lease].cancel()

    async def _drain(self) -> None:
        while True:
            try:
                await self._take_one()
            except Exception:
                # An outermost loop: a database that is away for a moment must not end it.
                logger.exception("the queue of narrations cannot be worked off")
                await asyncio.sleep(self._retry_s)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._queue.lease_s / RENEWALS_PER_LEASE)
            try:
                await self.review()
            except Exception:
                # The same holds here: there are more renewals before the leases run out.
                logger.exception("the leases of narrations cannot be renewed")

    async def _take_one(self) -> None:
        woken = self._woken
        wait_s = await self._db.run(self._queue.wait_s)
        if wait_s is None or wait_s > 0:
            await _nap(woken, LONGEST_NAP_S if wait_s is None else min(wait_s, LONGEST_NAP_S))
        elif job := await self._db.run(self._queue.claim):
            await self._attend(job)
            # The user's next narration has waited for this one.
            self.wake()

    async def _attend(self, job: Job) -> None:
        """See a job to its end. A review may cancel the job, but not the one who attends to it."""
        task = asyncio.create_task(self._make(job), name=f"narration-{job.narration.id}")
        self._running[job.lease] = task
        try:
            await asyncio.wait([task])
        finally:
            del self._running[job.lease]
            task.cancel()
            await asyncio.wait([task])
            if task.cancelled() or task.exception():
                # Whoever works on this database, here or elsewhere, need not wait for the lease.
                await self._db.run(lambda: self._queue.release(job))
        if not task.cancelled():
            task.result()

    async def _make(self, job: Job) -> None:
        began = monotonic()
        try:
            await self._record_missing(job)
        except InvalidInputError as error:
            await self._give_up(job, error.code, error.message)
        except SynthesisError as error:
            if error.retryable:
                await self._take_failure(job, error.code, error.message)
            else:
                await self._give_up(job, error.code, error.message)
        except Exception:
            # The outermost loop: one broken narration must not end those of everybody else.
            logger.exception("narration %d failed", job.narration.id)
            message = "Something went wrong on the server."
            await self._take_failure(job, "internal", message)
        else:
            event = await self._db.run(lambda: self._queue.finish(job))
            if event:
                metrics.NARRATIONS.labels("complete").inc()
                self._publish(job.narration.user_id, event)
                _log_finished(job, monotonic() - began)

    async def _record_missing(self, job: Job) -> None:
        """Record sentence after sentence until all are there, or nobody wants them any more."""
        reader = await self._casting.reader(job.narration)
        delivery = job.narration.delivery
        done = -1
        told_at = float("-inf")
        while (step := await self._next_step(job, done)) and step.missing:
            if monotonic() - told_at >= PROGRESS_EVERY_S:
                told_at = monotonic()
                self._tell_progress(job, step.chunks_ready)
            await self._studio.record(step.missing, reader, delivery, Priority.BACKGROUND)
            done = step.missing.index
            if step.attempts:
                await self._db.run(lambda: self._queue.note_success(job))

    async def _next_step(self, job: Job, after_index: int) -> Step | None:
        return await self._db.run(lambda: self._queue.next_step(job, after_index))

    def _tell_progress(self, job: Job, ready: int) -> None:
        narration = job.narration
        progress = TtsProgress(narration.scene_id, job.story_id, ready, narration.chunk_count)
        self._publish(narration.user_id, progress)

    async def _take_failure(self, job: Job, code: str, message: str) -> None:
        failures = await self._db.run(lambda: self._queue.count_failure(job))
        if failures >= ATTEMPTS:
            await self._give_up(job, code, message)
            return
        pause_s = self._retry_s * BACKOFF_GROWTH ** (failures - 1)
        until = utc_now() + timedelta(seconds=pause_s)
        logger.info("narration %d: %s; again in %.1f s", job.narration.id, code, pause_s)
        await self._db.run(lambda: self._queue.postpone(job, code, message, until))

    async def _give_up(self, job: Job, code: str, message: str) -> None:
        logger.warning("narration %d given up: %s", job.narration.id, code)
        event = await self._db.run(lambda: self._queue.fail(job, code, message))
        if event:
            metrics.NARRATIONS.labels("failed").inc()
            self._publish(job.narration.user_id, event)


async def _nap(woken: asyncio.Event, at_most_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            await woken.wait()


def _log_finished(job: Job, took_s: float) -> None:
    narration = job.narration
    logger.info(
        "narration %d finished: %d sentences, %.1f s", narration.id, narration.chunk_count, took_s
    )
