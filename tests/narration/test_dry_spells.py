"""Does the sound ever run out? A listener of virtual flesh presses play at the first sample.

They have no buffer and no patience: sound that comes later than it is due is a dry spell. The
language model and the engine have a pace that is set, and everything between them is the product.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.narration.events import NarrationEvent, SentenceAudio, TextDelta
from rhapsode.narration.listener import Listener
from rhapsode.narration.pipeline import narrate
from rhapsode.narration.plan import SpeechPlan
from rhapsode.tts.engine import EngineInfo, SpeechOptions, Voice, VoiceChoice
from rhapsode.tts.host import Emit
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority
from tests.virtual_time import run_in_virtual_time

ANSWERS = (Path(__file__).parent / "answers.txt").read_text().split("\n---\n")
PACED = VoiceChoice("paced", "paced")
CHARS_PER_S = 15
CHUNK_S = 0.2
LATE_S = 0.01


class PacedHost:
    """An engine with a set time to its first chunk and a set real-time factor, in virtual time."""

    sample_rate = SAMPLE_RATE

    def __init__(self, *, first_chunk_s: float, rtf: float, concurrency: int) -> None:
        self.concurrency = concurrency
        self.calls = 0
        self._first_chunk_s = first_chunk_s
        self._rtf = rtf

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def info(self) -> EngineInfo:
        return EngineInfo("paced", "Paced", "", True, None, False, default_voice="paced")

    async def voices(self) -> list[Voice]:
        return [Voice("paced", "Paced", "en")]

    async def speak(self, text: str, _voice: str, _options: SpeechOptions, emit: Emit) -> None:
        self.calls += 1
        left_s, wait_s = len(text) / CHARS_PER_S, self._first_chunk_s
        while left_s > 0:
            await asyncio.sleep(wait_s)
            chunk_s = min(CHUNK_S, left_s)
            emit(AudioChunk(np.full(round(chunk_s * SAMPLE_RATE), 0.5, np.float32), SAMPLE_RATE))
            left_s -= chunk_s
            wait_s = min(CHUNK_S, left_s) * self._rtf


@dataclass
class Ear:
    """Plays what comes, from its first sample on."""

    first_text_at: float | None = None
    first_sound_at: float | None = None
    dry_spells: int = 0
    _due: float = 0.0

    def take(self, event: NarrationEvent) -> None:
        now = asyncio.get_running_loop().time()
        match event:
            case TextDelta() if self.first_text_at is None:
                self.first_text_at = now
            case SentenceAudio(samples=samples):
                self._play(now, len(samples) / SAMPLE_RATE)

    @property
    def waited_s(self) -> float:
        """From the first token to the first sound."""
        return self.first_sound_at - self.first_text_at

    def _play(self, now: float, seconds: float) -> None:
        if self.first_sound_at is None:
            self.first_sound_at = self._due = now
        self.dry_spells += now > self._due + LATE_S
        self._due = max(self._due, now) + seconds


def tokens(text: str) -> list[str]:
    """Cut as language models do: short words whole, longer ones in pieces."""
    return re.findall(r"\s?[\w']{1,6}|\s?[^\w\s]|\s+", text)


async def replay(text: str, tokens_per_s: float, chance: random.Random) -> AsyncIterator[str]:
    for token in tokens(text):
        yield token
        await asyncio.sleep(max(0.0, chance.gauss(1, 0.4)) / tokens_per_s)


async def listen(host: PacedHost, tokens_per_s: float) -> list[Ear]:
    clock = asyncio.get_running_loop().time
    chance = random.Random(1)
    ears = []
    async with Synthesizer({"paced": host}, clock) as synthesizer:
        # An engine that has spoken before: its pace is known.
        await synthesizer.speak(ANSWERS[0], PACED, Priority.LIVE, lambda _: None)
        for answer in ANSWERS:
            ear = Ear()
            plan = SpeechPlan(synthesizer, PACED, listener=Listener(clock))
            await narrate(replay(answer, tokens_per_s, chance), plan, ear.take)
            ears.append(ear)
    return ears


def heard(tokens_per_s: float, **pace: float) -> list[Ear]:
    return run_in_virtual_time(listen(PacedHost(**pace), tokens_per_s))


def dry(ears: list[Ear]) -> int:
    return sum(ear.dry_spells > 0 for ear in ears)


def test_the_answers_come_whole_through_the_tokens():
    for answer in ANSWERS:
        assert "".join(tokens(answer)) == answer


@pytest.mark.parametrize("concurrency", [1, 2])
@pytest.mark.parametrize("rtf", [0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize(("tokens_per_s", "borne"), [(50, 0), (20, 1)])
def test_the_sound_does_not_run_out(tokens_per_s, borne, rtf, concurrency):
    ears = heard(tokens_per_s, first_chunk_s=0.15, rtf=rtf, concurrency=concurrency)
    assert len(ears) == 19
    assert dry(ears) <= borne


@pytest.mark.parametrize("rtf", [0.3, 0.9])
@pytest.mark.parametrize(("tokens_per_s", "mean_s", "most_s"), [(50, 0.33, 0.40), (20, 0.60, 0.75)])
def test_the_voice_begins_within_a_few_words(tokens_per_s, mean_s, most_s, rtf):
    """Virtual seconds: 0.15 s that the engine takes, the rest is waiting for words."""
    ears = heard(tokens_per_s, first_chunk_s=0.15, rtf=rtf, concurrency=1)
    waits = sorted(ear.waited_s for ear in ears)
    assert sum(waits) / len(waits) <= mean_s
    assert waits[round(0.95 * len(waits)) - 1] <= most_s


def test_a_slow_engine_that_speaks_alone_gets_longer_fragments():
    """What it takes to its first sound must not come more often than the sound can pay for."""
    alone, many = (
        PacedHost(first_chunk_s=0.5, rtf=0.6, concurrency=concurrency) for concurrency in (1, 4)
    )
    for host in (alone, many):
        assert dry(run_in_virtual_time(listen(host, tokens_per_s=50))) == 0
    assert alone.calls < many.calls
