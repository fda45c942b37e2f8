"""Renditions: whole narrations as files, made when somebody asks and kept for a while."""

import asyncio
import os
import wave
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time
from typing import BinaryIO, Literal, cast

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.encode import Mp3Writer
from rhapsode.audio.ogg import OggOpusWriter
from rhapsode.audio.opus_clip import decode_clip, opus_head, packets_of

Format = Literal["wav", "mp3", "opus"]
MEDIA_TYPES: dict[Format, str] = {"wav": "audio/wav", "mp3": "audio/mpeg", "opus": "audio/ogg"}

MAX_BYTES = 512 * 1024 * 1024
"""An hour is 173 MB as WAV, 29 MB as MP3, 14 MB as Opus."""

_IN_USE_S = 600.0
"""A file that was asked for this recently is not deleted: somebody may be in the middle of it."""


class Renditions:
    """Files named after what is in them: the same sentences in the same format are one file."""

    def __init__(self, directory: Path, max_bytes: int = MAX_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._being_made: dict[str, asyncio.Task[Path]] = {}

    @staticmethod
    def name(keys: list[str], format: Format) -> str:
        """Return a name for these sentences in this format, good as an entity tag."""
        return f"{sha256(''.join(keys).encode()).hexdigest()}.{format}"

    async def file(self, keys: list[str], format: Format, read: Callable[[str], bytes]) -> Path:
        """Return a file with the sentences one after the other, without gaps.

        Args:
            keys: What the sentences are kept under.
            format: What kind of file.
            read: Returns the clip under a key; called from a thread.
        """
        name = self.name(keys, format)
        making = self._being_made.get(name)
        if making is None:
            making = asyncio.create_task(
                asyncio.to_thread(self._make, name, keys, format, read), name="rendition"
            )
            self._being_made[name] = making
            making.add_done_callback(lambda _: self._being_made.pop(name, None))
        # Shielded: a listener who leaves must not take the file away from the others.
        return await asyncio.shield(making)

    def _make(
        self, name: str, keys: list[str], format: Format, read: Callable[[str], bytes]
    ) -> Path:
        path = self._directory / name
        if path.exists():
            path.touch()
            return path
        self._directory.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._directory, prefix=".", delete=False) as file:
            unfinished = Path(file.name)
            try:
                _WRITERS[format](cast(BinaryIO, file), (read(key) for key in keys))
            except BaseException:
                unfinished.unlink()
                raise
        unfinished.replace(path)
        self._make_room()
        return path

    def _make_room(self) -> None:
        """Delete what was asked for longest ago, unfinished files of a killed server included."""
        found: list[tuple[os.stat_result, Path]] = []
        for path in self._directory.iterdir():
            with suppress(FileNotFoundError):
                found.append((path.stat(), path))
        excess = sum(facts.st_size for facts, _ in found) - self._max_bytes
        for facts, path in sorted(found, key=lambda entry: entry[0].st_mtime):
            if excess <= 0 or time() - facts.st_mtime < _IN_USE_S:
                return
            path.unlink(missing_ok=True)
            excess -= facts.st_size


def _write_wav(file: BinaryIO, clips: Iterator[bytes]) -> None:
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE)
        for clip in clips:
            writer.writeframes(decode_clip(clip).astype("<i2", copy=False).tobytes())


def _write_mp3(file: BinaryIO, clips: Iterator[bytes]) -> None:
    with Mp3Writer(file, SAMPLE_RATE) as writer:
        for clip in clips:
            writer.write(decode_clip(clip))


def _write_opus(file: BinaryIO, clips: Iterator[bytes]) -> None:
    writer = OggOpusWriter(file, opus_head())
    for clip in clips:
        writer.write(packets_of(clip))
    writer.close()


_WRITERS: dict[Format, Callable[[BinaryIO, Iterator[bytes]], None]] = {
    "wav": _write_wav,
    "mp3": _write_mp3,
    "opus": _write_opus,
}
