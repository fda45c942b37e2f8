"""A river with a tone at its end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pytest

from rhapsode.narration.events import (
    NarrationEvent,
    SentenceAudio,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    SentenceWords,
    TextDelta,
)
from rhapsode.narration.plan import SpeechPlan
from rhapsode.tts.engine import VoiceChoice
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.tone import ToneEngine


@dataclass
class Heard:
    """What came down the river, and ways to look at it."""

    events: list[NarrationEvent] = field(default_factory=list)
    waiting: list[tuple[Callable[[NarrationEvent], bool], asyncio.Event]] = field(
        default_factory=list
    )

    def emit(self, event: NarrationEvent) -> None:
        self.events.append(event)
        for wanted, seen in self.waiting:
            if wanted(event):
                seen.set()

    async def until(self, kind: type) -> None:
        seen = asyncio.Event()
        if any(isinstance(event, kind) for event in self.events):
            return
        self.waiting.append((lambda event: isinstance(event, kind), seen))
        await seen.wait()

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.of(TextDelta))

    def sound(self, index: int | None = None) -> np.ndarray:
        frames = [f.samples for f in self.of(SentenceAudio) if index is None or f.index == index]
        return np.concatenate(frames) if frames else np.zeros(0, np.int16)

    def check_laws(self) -> None:
        """What holds for every narration, however it went."""
        text = self.text
        position = 0
        for frame in self.of(SentenceAudio):
            assert frame.start == position
            assert len(frame.samples) % 480 == 0
            position += len(frame.samples)
        begun = [event.index for event in self.of(SentenceStarted)]
        assert begun == sorted(set(begun))
        ended = [
            event.index
            for event in self.events
            if isinstance(event, SentenceFinished | SentenceFailed | SentenceSkipped)
        ]
        assert ended == sorted(set(ended))
        assert set(begun) <= set(ended)
        for started in self.of(SentenceStarted):
            assert text[started.char_start : started.char_end] == started.text
        for words in self.of(SentenceWords):
            for word in words.words:
                assert 0 <= word.t0 <= word.t1
                assert 0 <= word.c0 < word.c1


class River:
    def __init__(self, **engine: object) -> None:
        self.synthesizer = Synthesizer({"tone": ThreadHost(ToneEngine(**engine))})

    async def __aenter__(self) -> "River":
        await self.synthesizer.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.synthesizer.__aexit__(None, None, None)

    def plan(self, **options: object) -> SpeechPlan:
        return SpeechPlan(self.synthesizer, VoiceChoice("tone", "tone"), **options)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def river() -> type[River]:
    return River


async def stream(deltas: Iterable[str]) -> AsyncIterator[str]:
    for delta in deltas:
        yield delta
        await asyncio.sleep(0)


@pytest.fixture
def deltas() -> Callable[[Iterable[str]], AsyncIterator[str]]:
    return stream
