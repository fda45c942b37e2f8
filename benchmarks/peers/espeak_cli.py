"""The `espeak-ng` program as an engine, for the contestants that have none for it.

Standard library only: it runs in other projects' environments.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator

from synthetic_engine import Utterance

SAMPLE_RATE = 22_050
COMMAND = ("espeak-ng", "-v", "en-gb", "-s", "168", "--stdout")
WAV_HEADER_BYTES = 44
PIECE_BYTES = 8192


class EspeakCli:
    """One process per text. Keeps a record of every request in `spoken`."""

    def __init__(self) -> None:
        self.spoken: list[Utterance] = []

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        """Yield the sound of `text`: 16-bit little-endian mono at `SAMPLE_RATE`."""
        utterance = self._begin(text)
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "--", text, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        await process.stdout.readexactly(WAV_HEADER_BYTES)
        rest = b""
        while piece := await process.stdout.read(PIECE_BYTES):
            sound, rest = _whole(rest + piece)
            utterance.note(len(sound) / 2 / SAMPLE_RATE)
            yield sound
        await process.wait()

    def speak_blocking(self, text: str) -> Iterator[bytes]:
        """Yield the same to a thread."""
        utterance = self._begin(text)
        with subprocess.Popen([*COMMAND, "--", text], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.read(WAV_HEADER_BYTES)
            while sound := process.stdout.read(PIECE_BYTES):
                utterance.note(len(sound) / 2 / SAMPLE_RATE)
                yield sound

    def _begin(self, text: str) -> Utterance:
        utterance = Utterance(text)
        self.spoken.append(utterance)
        return utterance


def _whole(sound: bytes) -> tuple[bytes, bytes]:
    """Cut sound after its last whole sample."""
    end = len(sound) - len(sound) % 2
    return sound[:end], sound[end:]
