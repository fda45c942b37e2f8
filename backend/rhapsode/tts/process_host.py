"""ProcessHost: runs an engine in processes of its own, and replaces those that die."""

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from rhapsode.errors import EngineCrashedError, EngineUnavailableError
from rhapsode.tts.engine import EngineInfo, SpeechOptions, Voice
from rhapsode.tts.framing import Ready
from rhapsode.tts.host import Emit
from rhapsode.tts.settle import settle
from rhapsode.tts.worker_process import WorkerProcess

_log = logging.getLogger(__name__)

_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 5.0


def worker_command(engine: str) -> list[str]:
    """Return the command that runs an engine of the registry in a process of its own."""
    return [sys.executable, "-m", "rhapsode.tts.worker", engine]


class ProcessHost:
    """Runs an engine in one or more processes.

    One process is started at first; the others follow when a sentence finds every process busy.
    Nobody waits for them: that sentence is spoken by one that lives.

    A process that dies or hangs costs the sentences it was speaking; the next sentence finds a
    new process, after a pause that doubles with every failure in a row.
    """

    def __init__(
        self,
        info: EngineInfo,
        command: Sequence[str],
        *,
        processes: int,
        start_s: float = 60.0,
        stall_s: float = 30.0,
        environment: Mapping[str, str] | None = None,
        lazy: bool = False,
        idle_s: float | None = None,
    ) -> None:
        """Describe the processes; `start` starts them.

        Args:
            info: What is known about the engine before it is loaded.
            command: Program and arguments; it speaks `rhapsode.tts.framing` on stdin and stdout.
            processes: How many at most.
            start_s: Longest time until the engine is loaded.
            stall_s: Longest time without a sign of life while a sentence is open.
            environment: Variables for the processes, besides those of this one.
            lazy: Whether the first sentence starts the first one, instead of `start`.
            idle_s: After so long without a sentence a process ends and frees its memory; the next
                sentence starts it again. None: never.
        """
        self._info = info
        self._lazy = lazy
        launch = _Launch(info.label, command, start_s, stall_s, environment or {})
        self._seats = [_Seat(launch, idle_s) for _ in range(processes)]
        self._facts: Ready | None = None

    @property
    def sample_rate(self) -> int:
        """Samples per second (Hz) of every chunk.

        Raises:
            EngineUnavailableError: The engine has never been loaded, so nobody knows.
        """
        if self._facts is None:
            raise EngineUnavailableError(f"{self._info.label} has not been started.")
        return self._facts.sample_rate

    @property
    def concurrency(self) -> int:
        """How many sentences can be spoken at once; one per process until the engine says more."""
        return len(self._seats) * (self._facts.max_concurrency if self._facts else 1)

    @property
    def pids(self) -> list[int]:
        """The operating system's numbers of the processes that live."""
        return [pid for seat in self._seats if (pid := seat.pid) is not None]

    async def start(self) -> None:
        """Start one process. See `EngineHost.start`."""
        if not self._lazy:
            await self.voices()

    async def close(self) -> None:
        """End every process."""
        await asyncio.gather(*(seat.close() for seat in self._seats))

    def info(self) -> EngineInfo:
        """Return what is known about the engine, and whether it can be used now."""
        reasons = [seat.unavailable for seat in self._seats if seat.unavailable]
        if self.pids or not reasons:
            return self._info
        return replace(self._info, available=False, unavailable_reason=reasons[0])

    async def voices(self) -> list[Voice]:
        """Return the engine's voices, starting it if need be; see `EngineHost.voices`."""
        if self._facts is None:
            self._facts = (await self._seats[0].worker()).facts
        return list(self._facts.voices)

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence in the process that has least to do; see `EngineHost.speak`."""
        await self.voices()
        await self._choose_seat().speak(text, voice, options, emit)

    def _choose_seat(self) -> "_Seat":
        living = [seat for seat in self._seats if seat.pid is not None]
        chosen = min(living or self._seats, key=lambda seat: seat.sentences)
        empty = next((seat for seat in self._seats if seat.pid is None), None)
        if living and empty and chosen.sentences:
            empty.fill()
        return chosen


@dataclass(frozen=True, slots=True)
class _Launch:
    """How to start a process; see `ProcessHost`."""

    label: str
    command: Sequence[str]
    start_s: float
    stall_s: float
    environment: Mapping[str, str]

    async def __call__(self) -> WorkerProcess:
        return await WorkerProcess.launch(
            self.label,
            self.command,
            start_s=self.start_s,
            stall_s=self.stall_s,
            environment=self.environment,
        )


class _Seat:
    """The place of one process, whoever sits there."""

    def __init__(self, launch: _Launch, idle_s: float | None) -> None:
        self._start = launch
        self._idle_s = idle_s
        self._retiring: asyncio.Task[None] | None = None
        self._filling: asyncio.Task[None] | None = None
        self._worker: WorkerProcess | None = None
        self._launching = asyncio.Lock()
        self._failures = 0
        self._closed = False
        self.sentences = 0
        """How many are being spoken here."""

        self.unavailable: str | None = None
        """Why the last launch failed; None when it did not."""

    @property
    def pid(self) -> int | None:
        """The process's number, None if there is none that lives."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    async def worker(self) -> WorkerProcess:
        """Return the process, starting one if there is none that lives.

        Raises:
            EngineUnavailableError: It could not be started.
        """
        async with self._launching:
            if self._worker is None or not self._worker.alive:
                self._worker = await self._launch()
            return self._worker

    def fill(self) -> None:
        """Start a process in the background, unless one is being started."""
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill(), name="start-worker")

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
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
            if self._idle_s is not None and not self.sentences and not self._closed:
                self._retiring = asyncio.create_task(self._retire(self._idle_s), name="retire")

    async def close(self) -> None:
        self._closed = True
        for task in (self._retiring, self._filling):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        async with self._launching:
            if self._worker is not None:
                await self._worker.close()

    async def _fill(self) -> None:
        # Why it could not be started is noted by then.
        with suppress(EngineUnavailableError):
            await self.worker()

    async def _retire(self, idle_s: float) -> None:
        """End the process after a while; cancelled by the next sentence."""
        await asyncio.sleep(idle_s)
        async with self._launching:
            # Once begun, this is finished: a process that is half closed serves nobody.
            if self._worker is not None and not self.sentences:
                _log.info("%s was not used for %g s: freeing its memory", self._start.label, idle_s)
                await settle(asyncio.ensure_future(self._worker.close()))

    async def _launch(self) -> WorkerProcess:
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
            self.unavailable = error.message
            raise
        self.unavailable = None
        return worker
