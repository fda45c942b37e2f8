"""Seat: the place of one process of an engine, whoever sits there."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rhapsode.errors import EngineCrashedError, EngineUnavailableError
from rhapsode.tts.engine import SpeechOptions
from rhapsode.tts.host import Emit
from rhapsode.tts.settle import settle
from rhapsode.tts.worker_process import WorkerProcess

_log = logging.getLogger(__name__)

_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 5.0


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a process; see `ProcessHost`."""

    label: str
    command: Sequence[str]
    start_s: float
    stall_s: float
    environment: Mapping[str, str]

    async def __call__(self) -> WorkerProcess:
        """Start one; see `WorkerProcess.launch`."""
        return await WorkerProcess.launch(
            self.label,
            self.command,
            start_s=self.start_s,
            stall_s=self.stall_s,
            environment=self.environment,
        )


class Seat:
    """The place of one process, whoever sits there."""

    def __init__(self, launch: Launch, idle_s: float | None, rest_s: float | None) -> None:
        self._start = launch
        self._idle_s = idle_s
        self._rest_s = rest_s
        self._rested_at_s = 0.0
        self._refusal: str | None = None
        """Why the last launch failed; None when it did not."""

        self._retiring: asyncio.Task[None] | None = None
        self._filling: asyncio.Task[WorkerProcess] | None = None
        self._worker: WorkerProcess | None = None
        self._launching = asyncio.Lock()
        self._failures = 0
        self._closed = False
        self.sentences = 0
        """How many are being spoken here."""

    @property
    def unavailable(self) -> str | None:
        """Why the last launch failed; None when it did not, or when its rest is over."""
        rested = self._rest_s is not None and time.monotonic() >= self._rested_at_s
        return None if rested else self._refusal

    @property
    def pid(self) -> int | None:
        """The process's number, None if there is none that lives."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    async def worker(self) -> WorkerProcess:
        """Return the process, starting one if there is none that lives.

        Loading goes on when the one who asked leaves: the next finds it begun.

        Raises:
            EngineUnavailableError: It could not be started.
        """
        return await asyncio.shield(self.fill())

    def fill(self) -> asyncio.Task[WorkerProcess]:
        """Start a process in the background, unless one is being started."""
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill(), name="start-worker")
            # Nobody may be left to hear why it failed; that is noted by then.
            self._filling.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._filling

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence here; see `EngineHost.speak`."""
        self.sentences += 1
        if self._retiring is not None:
            self._retiring.cancel()
        try:
            worker = await self.worker()
            await worker.speak(text, voice, options, emit)
        except EngineCrashedError as error:
            self._failures += 1
            _log.warning("%s", error.message)
            raise
        else:
            self._failures = 0
        finally:
            self.sentences -= 1
            self._retire_if_unused()

    async def close(self) -> None:
        """End the process, and start none any more."""
        self._closed = True
        for task in (self._retiring, self._filling):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        async with self._launching:
            if self._worker is not None:
                await self._worker.close()

    async def _fill(self) -> WorkerProcess:
        async with self._launching:
            if self._worker is None or not self._worker.alive:
                self._worker = await self._launch()
                self._retire_if_unused()
            return self._worker

    def _retire_if_unused(self) -> None:
        if self._idle_s is None or self.sentences or self._closed:
            return
        if self._retiring is not None:
            self._retiring.cancel()
        self._retiring = asyncio.create_task(self._retire(self._idle_s), name="retire")

    async def _retire(self, idle_s: float) -> None:
        """End the process after a while; cancelled by the next sentence."""
        await asyncio.sleep(idle_s)
        async with self._launching:
            # Once begun, this is finished: a process that is half closed serves nobody.
            if self._worker is not None and not self.sentences:
                _log.info("%s was not used for %g s: freeing its memory", self._start.label, idle_s)
                await settle(asyncio.ensure_future(self._worker.close()))

    async def _launch(self) -> WorkerProcess:
        if self._rest_s is not None and self.unavailable:
            raise EngineUnavailableError(self.unavailable)
        if self._worker is not None:
            await self._worker.kill("is replaced")
        if self._failures > 1:
            await asyncio.sleep(
                min(_FIRST_BACKOFF_S * 2 ** (self._failures - 2), _LONGEST_BACKOFF_S)
            )
        if self._closed:
            raise EngineUnavailableError(f"{self._start.label} has been closed.")
        try:
            worker = await self._start()
        except EngineUnavailableError as error:
            self._failures += 1
            self._refusal = error.message
            self._rested_at_s = time.monotonic() + (self._rest_s or 0.0)
            raise
        self._refusal = None
        return worker
