"""Rendering: one file that is being written, sentence after sentence, and can be read meanwhile."""

import asyncio
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.mp3 import Mp3Stream, mp3_size
from rhapsode.audio.opus_clip import decode_clip
from rhapsode.audio.opus_stream import OpusStream, opus_stream_size
from rhapsode.tts.settle import settle

T = TypeVar("T")
Format = Literal["wav", "mp3", "opus"]

_WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to be in a file."""

    keys: Sequence[str]
    """What the sentences are kept under, in order."""

    samples: int
    """How long they are together, at 24 kHz."""

    format: Format
    read: Callable[[str], bytes]
    """Returns the clip under a key, or raises KeyError; called from a thread."""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        match self.format:
            case "wav":
                return _WAV_HEADER.size + _SAMPLE_BYTES * self.samples
            case "mp3":
                return mp3_size(self.samples)
            case "opus":
                return opus_stream_size(self.samples)


class Rendering:
    """A file that is being written. Belongs to one event loop; writes in threads."""

    def __init__(self, path: Path, contents: Contents, on_finished: Callable[[], None]) -> None:
        """Begin to write.

        Args:
            path: Where the file stands when it is finished; until then it has another name there.
            contents: What is to be in it.
            on_finished: Called from a thread when the file stands there.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as unfinished:
            self._unfinished = Path(unfinished.name)
        self._path = path
        self._contents = contents
        self._on_finished = on_finished
        self._size = 0
        self._grown = asyncio.Event()
        self.task = asyncio.create_task(self._write(), name="rendition")

    async def reach(self, size: int) -> None:
        """Wait until there are `size` bytes, or until all are there.

        Raises:
            KeyError: One of the sentences is not kept any more.
            OSError: The disk is full, for instance.
        """
        while self._size < size and not self.task.done():
            await self._grown.wait()
        if self.task.done():
            self.task.result()

    def open(self) -> BinaryIO:
        """Open the file for reading, finished or not. Blocking."""
        try:
            return self._unfinished.open("rb")
        except FileNotFoundError:
            return self._path.open("rb")

    async def _write(self) -> int:
        """Write everything; return how many bytes that was."""
        try:
            with self._unfinished.open("wb") as file:
                stream = await _in_thread(lambda: _stream(file, self._contents))
                for key in self._contents.keys:
                    await _in_thread(lambda key=key: self._add(key, stream))
                    self._grow(file)
                await _in_thread(stream.close)
                self._grow(file)
            self._check_size()
            self._unfinished.replace(self._path)
            await _in_thread(self._on_finished)
        except BaseException:
            self._unfinished.unlink(missing_ok=True)
            raise
        finally:
            self._grown.set()
        return self._size

    def _add(self, key: str, stream: "_Stream") -> None:
        stream.write(decode_clip(self._contents.read(key)))

    def _grow(self, file: BinaryIO) -> None:
        file.flush()
        self._size = file.tell()
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def _check_size(self) -> None:
        if self._size != self._contents.size:
            promised = self._contents.size
            raise RuntimeError(f"{self._path.name}: {self._size} bytes instead of {promised}")


class _Stream(Protocol):
    def write(self, samples: NDArray[np.int16]) -> None: ...

    def close(self) -> None: ...


class _WavStream:
    def __init__(self, file: BinaryIO, samples: int) -> None:
        size = _SAMPLE_BYTES * samples
        rate = SAMPLE_RATE, SAMPLE_RATE * _SAMPLE_BYTES, _SAMPLE_BYTES, 8 * _SAMPLE_BYTES
        header = _WAV_HEADER.pack(
            b"RIFF", _WAV_HEADER.size - 8 + size, b"WAVE", b"fmt ", 16, 1, 1, *rate, b"data", size
        )
        file.write(header)
        self._file = file

    def write(self, samples: NDArray[np.int16]) -> None:
        self._file.write(samples.astype("<i2", copy=False).tobytes())

    def close(self) -> None:
        pass


async def _in_thread(work: Callable[[], T]) -> T:
    """Run `work` in a thread, and leave only when the thread has left the file."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    finally:
        await settle(working)


def _stream(file: BinaryIO, contents: Contents) -> _Stream:
    match contents.format:
        case "wav":
            return _WavStream(file, contents.samples)
        case "mp3":
            return Mp3Stream(file, contents.samples)
        case "opus":
            return OpusStream(file)
