"""ProcessHost: runs an engine in processes of its own, and replaces those that die."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.engine import EngineInfo, SpeechOptions, Voice
from rhapsode.tts.framing import Ready
from rhapsode.tts.host import Emit
from rhapsode.tts.seat import Launch, Seat


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
        rest_s: float | None = None,
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
            rest_s: After the engine could not be loaded, sentences fail at once for so long, for
                the same reason; then it is available again. None: every sentence tries.
        """
        self._info = info
        self._lazy = lazy
        launch = Launch(info.label, command, start_s, stall_s, environment or {})
        self._seats = [Seat(launch, idle_s, rest_s) for _ in range(processes)]
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

    def _choose_seat(self) -> Seat:
        living = [seat for seat in self._seats if seat.pid is not None]
        chosen = min(living or self._seats, key=lambda seat: seat.sentences)
        empty = next((seat for seat in self._seats if seat.pid is None), None)
        if living and empty and chosen.sentences:
            empty.fill()
        return chosen
