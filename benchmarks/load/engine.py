"""A speech engine's process for load tests: many texts at once, each at real engines' pace.

Speaks `rhapsode.tts.framing`, as every engine's process does. Each chunk carries in its samples
the moment at which it was given out, which survives the way to the client; see `stamp_of`.
"""

import asyncio
import json
import os
import sys
import time

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.tts.engine import Voice
from rhapsode.tts.framing import (
    Cancel,
    Finished,
    FrameDecoder,
    Message,
    Ready,
    Sound,
    Speak,
    encode,
)

SESSIONS = 4096
MARK = np.array([12345, -12345, 12321, -11111], "<i2")
_MARK_BYTES = MARK.tobytes()
_DIGITS = 5
_BASE = 1 << 12
"""A 16-bit sample below 16384 comes through the conversion to float and back unchanged."""


def stamped(chunk: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return sound with the mark and the microseconds of now at its beginning."""
    moment_us = time.monotonic_ns() // 1000
    digits = [moment_us // _BASE**place % _BASE for place in range(_DIGITS)]
    chunk = chunk.copy()
    chunk[: len(MARK)] = MARK
    chunk[len(MARK) : len(MARK) + _DIGITS] = digits
    return chunk.astype(np.float32) / 32767


def stamp_of(sound: bytes) -> float | None:
    """Return the `time.monotonic` at which 16-bit sound left the engine; None if it is unmarked."""
    at = sound.find(_MARK_BYTES)
    if at < 0:
        return None
    digits = np.frombuffer(sound, "<i2", count=_DIGITS, offset=at + len(_MARK_BYTES))
    return sum(int(digit) * _BASE**place for place, digit in enumerate(digits)) / 1e6


class Engine:
    """Speaks every text that is asked for, all at once."""

    def __init__(self, first_chunk_s: float, rtf: float, chunk_s: float, output: int) -> None:
        self._first_chunk_s = first_chunk_s
        self._rtf = rtf
        self._chunk_s = chunk_s
        self._output = output
        seconds = np.arange(round(chunk_s * SAMPLE_RATE)) / SAMPLE_RATE
        self._tone = (9000 * np.sin(2 * np.pi * 220 * seconds)).astype("<i2")
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Answer requests until the input ends."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 20)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        self._say(Ready(SAMPLE_RATE, SESSIONS, (Voice("tone", "Tone", "zxx"),)))
        decoder = FrameDecoder()
        while received := await reader.read(1 << 18):
            for message in decoder.push(received):
                self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case Speak(id=id, text=text):
                self._tasks[id] = asyncio.create_task(self._speak(id, text))
            case Cancel(id=id) if id in self._tasks:
                self._tasks[id].cancel()
            case _:
                pass

    async def _speak(self, id: int, text: str) -> None:
        try:
            due_s = time.monotonic() + self._first_chunk_s
            for _ in range(1 + round(len(text) / 15 / self._chunk_s)):
                await asyncio.sleep(due_s - time.monotonic())
                self._say(Sound(id, AudioChunk(stamped(self._tone), SAMPLE_RATE)))
                due_s += self._chunk_s * self._rtf
        finally:
            del self._tasks[id]
            self._say(Finished(id))

    def _say(self, message: Message) -> None:
        frame = memoryview(encode(message))
        while frame:
            frame = frame[os.write(self._output, frame) :]


def main() -> None:
    """Serve on stdin and stdout; the argument is JSON."""
    output = os.dup(1)
    os.dup2(2, 1)
    asyncio.run(Engine(**json.loads(sys.argv[1]), output=output).serve())


if __name__ == "__main__":
    main()
