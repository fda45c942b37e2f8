"""A speech engine with a set first-chunk time and real-time factor, for every contestant alike.

It makes a tone of the length that the text would have, in chunks, each at the moment at which an
engine of that speed would have it. Standard library only: it runs in other projects' environments.
"""

import array
import asyncio
import math
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field

SAMPLE_RATE = 24_000
CHUNK_S = 0.1

LETTER_S = 0.055
WORD_S = 0.08
PAUSES_S = {".": 0.25, "!": 0.25, "?": 0.25, "…": 0.25, ",": 0.12, ";": 0.15, ":": 0.15, "—": 0.15}
"""Together about 165 words per minute, a reader's usual pace."""

_RUN = re.compile(r"[.!?…]+|[,;:—]")
_TONE = array.array(
    "h", (round(9000 * math.sin(math.tau * 220 * n / SAMPLE_RATE)) for n in range(SAMPLE_RATE))
).tobytes()


@dataclass(frozen=True)
class Pace:
    """How fast the engine is."""

    first_chunk_s: float
    """From a request's turn to its first chunk."""

    rtf: float
    """Seconds of work for a second of sound, after the first chunk."""

    slots: int
    """Requests at a time. Each goes at the full pace, as in an engine that computes in batches."""


@dataclass
class Utterance:
    """One request to the engine, with the times of what happened to it, by `time.monotonic`."""

    text: str
    asked_s: float = field(default_factory=time.monotonic)
    first_chunk_s: float = 0.0
    last_chunk_s: float = 0.0
    sound_s: float = 0.0

    def note(self, sound_s: float) -> None:
        """Note a chunk that the engine gives now."""
        self.last_chunk_s = time.monotonic()
        self.first_chunk_s = self.first_chunk_s or self.last_chunk_s
        self.sound_s += sound_s

    def as_json(self) -> dict[str, object]:
        """Return what happened, for a line of JSON."""
        return asdict(self)


def sound_length_s(text: str) -> float:
    """Return how long a text sounds."""
    letters = sum(map(str.isalnum, text))
    pauses = sum(PAUSES_S[match[0][0]] for match in _RUN.finditer(text))
    return max(CHUNK_S, letters * LETTER_S + len(text.split()) * WORD_S + pauses)


def chunk_lengths_s(text: str) -> Iterator[float]:
    """Yield the lengths of a text's chunks."""
    left_s = sound_length_s(text)
    while left_s > 0.001:
        yield min(CHUNK_S, left_s)
        left_s -= CHUNK_S


def tone_s16(length_s: float) -> bytes:
    """Return `length_s`, at most one second, of sound: 16-bit little-endian mono."""
    return _TONE[: 2 * round(length_s * SAMPLE_RATE)]


class SyntheticEngine:
    """The engine of one listener. Keeps a record of every request in `spoken`."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self.slots = pace.slots
        self._slots = asyncio.Semaphore(pace.slots)
        self.spoken: list[Utterance] = []

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        """Yield the sound of `text` at the engine's pace; see `tone_s16`."""
        utterance = Utterance(text)
        self.spoken.append(utterance)
        async with self._slots:
            due_s = time.monotonic() + self._pace.first_chunk_s
            for length_s in chunk_lengths_s(text):
                await asyncio.sleep(due_s - time.monotonic())
                utterance.note(length_s)
                yield tone_s16(length_s)
                due_s += length_s * self._pace.rtf

    def speak_blocking(self, text: str) -> Iterator[bytes]:
        """Yield the same to a thread; for those who ask for one text after the other."""
        utterance = Utterance(text)
        self.spoken.append(utterance)
        due_s = time.monotonic() + self._pace.first_chunk_s
        for length_s in chunk_lengths_s(text):
            time.sleep(max(0.0, due_s - time.monotonic()))
            utterance.note(length_s)
            yield tone_s16(length_s)
            due_s += length_s * self._pace.rtf
