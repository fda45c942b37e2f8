"""Compressed files, read by FFmpeg while they arrive."""

# PyAV leaves some of its types open.
# pyright: reportUnknownMemberType=false

import asyncio
import threading
from collections import deque
from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.errors import NoSpeechError
from rhapsode.tts.openai_remote.decoding import Measured, Sink
from rhapsode.tts.settle import settle

if TYPE_CHECKING:
    import av


class FileDecoder:
    """Reads compressed files with FFmpeg, in a thread: it asks for bytes, and waits for them."""

    def __init__(self, demuxer: str, sink: Sink, threads: Executor) -> None:
        """Begin to read.

        Args:
            demuxer: FFmpeg's name of the format. Never guessed by FFmpeg, whose guesses include
                playlists that open other files.
            sink: Takes the sound, in the event loop.
            threads: Where to decode.
        """
        self._bytes = _BytePipe()
        self._wanted = True
        self._sink = sink
        loop = asyncio.get_running_loop()

        def pass_on(samples: NDArray[np.float32]) -> None:
            loop.call_soon_threadsafe(self._give, samples)

        output = Measured(pass_on)
        self._reading = loop.run_in_executor(threads, _decode, self._bytes, demuxer, output)

    def push(self, received: bytes) -> None:
        """Take the next bytes; see `Decoder.push`."""
        self._bytes.write(received)
        if self._reading.done():
            self._reading.result()

    async def finish(self) -> None:
        """Give out the rest; see `Decoder.finish`."""
        self._bytes.end()
        await asyncio.shield(self._reading)

    async def close(self) -> None:
        """Stop reading; see `Decoder.close`."""
        self._wanted = False
        self._bytes.close()
        await settle(self._reading)

    def _give(self, samples: NDArray[np.float32]) -> None:
        if self._wanted:
            self._sink(samples)


def _decode(source: "_BytePipe", demuxer: str, output: Measured) -> None:
    # Late, as in `rhapsode.audio.opus`.
    import av
    import av.error

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    # A short look at the beginning is enough when the format is known; the default waits for
    # seconds of sound.
    options = {"probesize": "2048", "formatprobesize": "2048"}
    try:
        with av.open(source, "r", format=demuxer, options=options, buffer_size=4096) as container:
            for frame in container.decode(audio=0):
                for resampled in resampler.resample(frame):
                    output.take(_samples(resampled))
            if output.samples:
                for resampled in resampler.resample(None):
                    output.take(_samples(resampled))
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        message = "The speech server sent sound that is damaged or cut off."
        raise NoSpeechError(message) from error
    output.require()


def _samples(frame: "av.AudioFrame") -> NDArray[np.float32]:
    return frame.to_ndarray().reshape(-1).astype(np.float32, copy=False)


class _BytePipe:
    """A file that is still being written: reading waits for bytes."""

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._ended = False

    def write(self, part: bytes) -> None:
        with self._changed:
            self._parts.append(part)
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._parts.clear()
            self._ended = True
            self._changed.notify_all()

    def read(self, size: int) -> bytes:
        """Return 1 to `size` bytes, or none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._parts or self._ended)
            if not self._parts:
                return b""
            part = self._parts.popleft()
            if len(part) > size:
                self._parts.appendleft(part[size:])
            return part[:size]
