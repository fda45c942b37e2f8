"""The engine's side of a worker process: `python -m rhapsode.tts.worker espeak`.

Reads `Speak` and `Cancel` frames from stdin and writes replies to stdout. Ends when stdin does,
so that a host that was killed leaves no process behind.
"""

import os
import sys
import threading
import traceback
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from rhapsode.audio.chunk import AudioChunk
from rhapsode.errors import EngineUnavailableError, RhapsodeError, SynthesisError
from rhapsode.tts.engine import Speech, TTSEngine
from rhapsode.tts.framing import (
    Cancel,
    Failed,
    Finished,
    FrameDecoder,
    Message,
    Ready,
    Sound,
    Speak,
    Timed,
    encode,
)
from rhapsode.tts.registry import ENGINES

_READ_BYTES = 1 << 16


class Worker:
    """Speaks what it is asked to, as many sentences at once as the engine can."""

    def __init__(self, engine: TTSEngine, output: int) -> None:
        """Take an engine, and the file descriptor that frames are written to."""
        self._engine = engine
        self._output = output
        self._writing = threading.Lock()
        self._cancelled: dict[int, threading.Event] = {}
        """For each sentence that is open, whether its host still wants it."""

    def run(self, input: int) -> None:
        """Serve the frames that come from a file descriptor until it ends."""
        engine = self._engine
        self._write(Ready(engine.sample_rate, engine.max_concurrency, tuple(engine.voices())))
        frames = FrameDecoder()
        threads = ThreadPoolExecutor(engine.max_concurrency, "speak")
        while received := os.read(input, _READ_BYTES):
            for message in frames.push(received):
                self._take(message, threads)

    def _take(self, message: Message, threads: ThreadPoolExecutor) -> None:
        match message:
            case Speak():
                self._cancelled[message.id] = threading.Event()
                threads.submit(self._speak, message)
            case Cancel():
                # A sentence that has just ended is no longer known.
                if cancelled := self._cancelled.get(message.id):
                    cancelled.set()
            case _:
                raise ValueError(f"a host does not send {type(message).__name__}")

    def _speak(self, request: Speak) -> None:
        outcome = self._outcome(request)
        del self._cancelled[request.id]
        self._write(outcome)

    def _outcome(self, request: Speak) -> Finished | Failed:
        try:
            self._send_speech(request)
        except RhapsodeError as error:
            return Failed(request.id, error.code, error.message)
        except Exception as error:  # noqa: BLE001 - engines are other people's code
            traceback.print_exc()
            return Failed(request.id, SynthesisError.code, f"{self._engine.info.label}: {error!r}")
        return Finished(request.id)

    def _send_speech(self, request: Speak) -> None:
        cancelled = self._cancelled[request.id]
        if cancelled.is_set():
            return
        speech = self._engine.synthesize(request.text, request.voice, request.options)
        with closing(_as_generator(speech)) as pieces:
            for piece in pieces:
                if cancelled.is_set():
                    return
                self._write(_reply(request.id, piece))

    def _write(self, message: Message) -> None:
        frame = memoryview(encode(message))
        with self._writing:
            try:
                while frame:
                    frame = frame[os.write(self._output, frame) :]
            except BrokenPipeError:
                # Nobody listens any more. Only this ends a process with threads inside an engine.
                os._exit(0)


def _as_generator(speech: Iterator[Speech]) -> Generator[Speech]:
    try:
        yield from speech
    finally:
        close = getattr(speech, "close", None)
        if close is not None:
            close()


def _reply(id: int, piece: Speech) -> Sound | Timed:
    return Sound(id, piece) if isinstance(piece, AudioChunk) else Timed(id, piece)


def claim_stdout() -> int:
    """Return a file descriptor for frames, and send everything else printed to stderr.

    C libraries print to descriptor 1 whenever they like; one stray line would break the frames.
    """
    frames = os.dup(1)
    os.dup2(2, 1)
    return frames


def serve(engine: TTSEngine, output: int) -> None:
    """Serve an engine on stdin and `output` until stdin ends; does not return."""
    Worker(engine, output).run(sys.stdin.fileno())
    # At once: a thread may be inside an engine for a long time.
    os._exit(0)


def main(name: str) -> None:
    """Load an engine of the registry and serve it; ends the process."""
    output = claim_stdout()
    try:
        engine = ENGINES[name]()
    except EngineUnavailableError as error:
        # The host shows the last line of stderr.
        sys.exit(error.message)
    serve(engine, output)


if __name__ == "__main__":
    main(sys.argv[1])
