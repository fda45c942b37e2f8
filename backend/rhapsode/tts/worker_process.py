"""WorkerProcess: the host's side of one worker process."""

import asyncio
import itertools
import logging
import os
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Self

from rhapsode.errors import EngineCrashedError, EngineUnavailableError, SynthesisError
from rhapsode.tts.engine import SpeechOptions
from rhapsode.tts.framing import (
    Cancel,
    Failed,
    Finished,
    FrameDecoder,
    FramingError,
    Message,
    Ready,
    Reply,
    Request,
    Sound,
    Speak,
    Timed,
    encode,
)
from rhapsode.tts.host import Emit
from rhapsode.tts.settle import settle

_log = logging.getLogger(__name__)

_READ_BYTES = 1 << 18
_LONGEST_LINE = 1 << 12
_EXIT_S = 2.0
"""How long a process may take to end after its stdin was closed."""

_Replies = asyncio.Queue[Reply | None]
"""What the worker says about one sentence; None when the worker is gone."""

_ERRORS: dict[str, type[SynthesisError]] = {
    error.code: error for error in (SynthesisError, EngineUnavailableError, EngineCrashedError)
}


class WorkerProcess:
    """A running process with an engine in it. Made by `launch`."""

    def __init__(self, label: str, process: Process, stall_s: float) -> None:
        self._label = label
        self._process = process
        self._stall_s = stall_s
        self._ids = itertools.count()
        self._open: dict[int, _Replies] = {}
        self._ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self._last_lines: deque[str] = deque(maxlen=30)
        self._fate = ""
        """Why the process is no longer used; "" while it is."""

        self._tasks = (
            asyncio.create_task(self._read_errors()),
            asyncio.create_task(self._read_frames()),
        )

    @classmethod
    async def launch(
        cls,
        label: str,
        command: Sequence[str],
        *,
        start_s: float,
        stall_s: float,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Start a process and wait until its engine is loaded.

        Args:
            label: The engine's name for people.
            command: Program and arguments.
            start_s: Longest time until the engine is loaded.
            stall_s: Longest time without a sign of life while a sentence is open.
            environment: Variables besides those of this process.

        Raises:
            EngineUnavailableError: The engine could not be loaded.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=_READ_BYTES,
                env=os.environ | dict(environment or {}),
                # Ctrl-C in the terminal is for the server, which then ends its workers in order.
                start_new_session=True,
            )
        except OSError as error:
            raise EngineUnavailableError(f"{label} could not start: {error}") from error
        worker = cls(label, process, stall_s)
        try:
            async with asyncio.timeout(start_s):
                await asyncio.shield(worker._ready)
        except TimeoutError:
            await worker.kill("did not start")
            raise EngineUnavailableError(f"{label} was not ready after {start_s:g} s.") from None
        except BaseException:
            await worker.kill("was not wanted any more")
            raise
        return worker

    @property
    def facts(self) -> Ready:
        """What the worker said about its engine."""
        return self._ready.result()

    @property
    def alive(self) -> bool:
        """Whether it can be asked to speak."""
        return not self._fate

    @property
    def pid(self) -> int:
        """The operating system's number for the process."""
        return self._process.pid

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence; see `EngineHost.speak`.

        Raises:
            EngineCrashedError: The process died, or gave no sign of life for `stall_s`.
            SynthesisError: The engine could not speak the sentence.
        """
        id, replies = next(self._ids), _Replies()
        self._open[id] = replies
        try:
            self._send(Speak(id, text, voice, options))
            outcome = await self._follow(replies, emit)
        except BaseException:
            await settle(asyncio.ensure_future(self._abandon(id, replies)))
            raise
        finally:
            del self._open[id]
        match outcome:
            case None:
                raise EngineCrashedError(f"{self._label} {self._fate} while speaking.")
            case Failed():
                raise _ERRORS.get(outcome.code, SynthesisError)(outcome.message)
            case Finished():
                pass

    async def close(self) -> None:
        """End the process: close its stdin, and kill it if that does not help."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_S):
                await self._process.wait()
        await self.kill("has been closed")

    async def kill(self, fate: str) -> None:
        """End the process at once. Sentences that are open fail."""
        self._fate = self._fate or fate
        with suppress(ProcessLookupError):
            self._process.kill()
        await asyncio.wait(self._tasks)

    async def _follow(self, replies: _Replies, emit: Emit) -> Finished | Failed | None:
        """Emit a sentence's speech until the worker says how it ended; None if it cannot say."""
        while True:
            match await self._next_reply(replies):
                case Sound(chunk=piece) | Timed(word=piece):
                    emit(piece)
                case outcome:
                    return outcome

    async def _next_reply(self, replies: _Replies) -> Reply | None:
        try:
            async with asyncio.timeout(self._stall_s):
                return await replies.get()
        except TimeoutError:
            _log.warning("%s is silent for %g s: restarting it", self._label, self._stall_s)
            await self.kill(f"gave no sign of life for {self._stall_s:g} s")
            return None

    async def _abandon(self, id: int, replies: _Replies) -> None:
        """Cancel a sentence and wait until the engine has left it."""
        self._send(Cancel(id))
        await self._follow(replies, _drop)

    def _send(self, request: Request) -> None:
        assert self._process.stdin is not None
        # Not drained: a sentence is small, and a worker that does not read is killed by stall_s.
        if self.alive:
            self._process.stdin.write(encode(request))

    async def _read_frames(self) -> None:
        assert self._process.stdout is not None
        frames = FrameDecoder()
        try:
            while received := await self._process.stdout.read(_READ_BYTES):
                for message in frames.push(received):
                    self._deliver(message)
        except FramingError as error:
            self._fate = self._fate or f"sent {error}"
            with suppress(ProcessLookupError):
                self._process.kill()
        await self._bury()

    def _deliver(self, message: Message) -> None:
        if isinstance(message, Ready):
            if not self._ready.done():
                self._ready.set_result(message)
        elif isinstance(message, Reply) and message.id in self._open:
            self._open[message.id].put_nowait(message)

    async def _bury(self) -> None:
        """Note how the process ended, and tell everybody who waits for it."""
        status = await self._process.wait()
        await asyncio.wait(self._tasks[:1])
        if not self._fate:
            self._fate = f"died (exit status {status})"
            _log.warning("%s %s:\n%s", self._label, self._fate, "\n".join(self._last_lines))
        if not self._ready.done():
            reason = self._last_lines[-1].strip() if self._last_lines else f"exit status {status}"
            self._ready.set_exception(
                EngineUnavailableError(f"{self._label} could not start: {reason}")
            )
            # Whoever launched it may have left already.
            self._ready.exception()
        for replies in self._open.values():
            replies.put_nowait(None)

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        rest = b""
        # Not by lines: a progress bar is one line without end.
        while received := await self._process.stderr.read(_READ_BYTES):
            *lines, rest = (rest + received).replace(b"\r", b"\n").split(b"\n")
            for line in lines:
                self._note(line)
            rest = rest[-_LONGEST_LINE:]
        self._note(rest)

    def _note(self, line: bytes) -> None:
        if text := line.decode(errors="replace").rstrip():
            self._last_lines.append(text)
            _log.debug("%s: %s", self._label, text)


def _drop(_piece: object) -> None:
    """Take speech that nobody wants any more."""
