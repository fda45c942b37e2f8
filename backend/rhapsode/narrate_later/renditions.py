"""Renditions: whole narrations as files, made when somebody asks and kept for a while."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import time

from rhapsode.narrate_later.rendering import Contents, Format, Rendering

logger = logging.getLogger(__name__)

MEDIA_TYPES: dict[Format, str] = {"wav": "audio/wav", "mp3": "audio/mpeg", "opus": "audio/ogg"}

MAX_BYTES = 512 * 1024 * 1024
"""An hour is 173 MB as WAV, 29 MB as MP3, 18 MB as Opus."""

_IN_USE_S = 600.0
"""A file that was asked for this recently is not deleted: somebody may be in the middle of it."""

_SCHEME = "3"
"""Change it when the same sentences give other bytes: files of earlier versions are left to age."""

_PIECE_BYTES = 64 * 1024


class Renditions:
    """Files named after what is in them: the same sentences in the same format are one file."""

    def __init__(self, directory: Path, max_bytes: int = MAX_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._being_made: dict[str, Rendering] = {}

    def open(self, contents: Contents) -> "Rendition":
        """Return a file with the sentences one after the other, without gaps.

        It is written while it is read; how large it will be is known at once.
        """
        return Rendition(_name(contents), contents, self)

    async def read(
        self, name: str, contents: Contents, start: int, end: int
    ) -> AsyncGenerator[bytes]:
        """Yield the bytes from `start` to `end` of a file as they are there.

        Raises:
            KeyError: One of the sentences is not kept any more.
        """
        path = self._directory / name
        making = await self._making(path, contents)
        if making:
            await making.reach(start + 1)
        file = await asyncio.to_thread(making.open if making else lambda: path.open("rb"))
        try:
            file.seek(start)
            while start < end:
                wanted = min(end - start, _PIECE_BYTES)
                if making:
                    await making.reach(start + wanted)
                piece = await asyncio.to_thread(file.read, wanted)
                if not piece:
                    raise EOFError(f"{name} is shorter than it was")
                start += len(piece)
                yield piece
        finally:
            file.close()

    async def _making(self, path: Path, contents: Contents) -> Rendering | None:
        """Return how a file is being made, beginning with it if need be; None: it is finished."""
        if path.name not in self._being_made and await asyncio.to_thread(_touch, path):
            return None
        making = self._being_made.get(path.name)
        if making is None:
            making = self._being_made[path.name] = Rendering(path, contents, self._make_room)
            making.task.add_done_callback(lambda task: self._finish(path.name, task))
        return making

    def _finish(self, name: str, task: asyncio.Task[int]) -> None:
        del self._being_made[name]
        if not task.cancelled() and (error := task.exception()):
            logger.warning("rendition %s could not be made: %r", name, error)

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


@dataclass(frozen=True, slots=True)
class Rendition:
    """A narration as a file, whose name changes with what is in it."""

    name: str
    """Good as an entity tag."""

    contents: Contents
    renditions: Renditions

    @property
    def size(self) -> int:
        """In bytes."""
        return self.contents.size

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return MEDIA_TYPES[self.contents.format]

    def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """Yield the bytes from `start` to `end`; see `Renditions.read`."""
        return self.renditions.read(self.name, self.contents, start, end)


def _name(contents: Contents) -> str:
    identity = [_SCHEME, *contents.keys]
    return f"{sha256(''.join(identity).encode()).hexdigest()}.{contents.format}"


def _touch(path: Path) -> bool:
    """Note that a file is wanted; return False if it is not there."""
    if not path.exists():
        return False
    path.touch()
    return True
