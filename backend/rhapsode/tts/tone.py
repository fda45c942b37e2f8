"""ToneEngine: a sine wave per word, for tests and measurements."""

import time
import zlib
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.errors import SynthesisError, UnknownVoiceError
from rhapsode.tts.engine import EngineInfo, Speech, SpeechOptions, Voice, WordTime

_VOICES = {"tone": 220.0, "high": 440.0}
"""Voice id -> lowest frequency in Hz."""


class ToneEngine:
    """Deterministic engine: the same text always gives the same samples and exact word times.

    Each word of the text is one chunk; its pitch depends on the word, so that two sentences can be
    told apart by their sound.
    """

    name = "tone"
    info = EngineInfo(
        name="tone",
        label="Tone",
        description="A beep for every word, to test and measure with.",
        available=True,
        unavailable_reason=None,
        word_times=True,
        default_voice="tone",
        version="1",
    )

    def __init__(
        self,
        *,
        seconds_per_word: float = 0.05,
        first_delay_s: float = 0.0,
        delay_s: float = 0.0,
        fails_on: str = "",
        sample_rate: int = SAMPLE_RATE,
        max_concurrency: int = 1,
    ) -> None:
        """Set how the engine behaves.

        Args:
            seconds_per_word: Length of each word's tone at speed 1.
            first_delay_s: How long each sentence takes before its first chunk.
            delay_s: How long every chunk takes.
            fails_on: A sentence with this text in it fails; "" means none.
            sample_rate: Samples per second (Hz).
            max_concurrency: How many sentences may be spoken at once.
        """
        self.sample_rate = sample_rate
        self.max_concurrency = max_concurrency
        self._seconds_per_word = seconds_per_word
        self._first_delay_s = first_delay_s
        self._delay_s = delay_s
        self._fails_on = fails_on

    def voices(self) -> list[Voice]:
        """Return the two voices."""
        return [Voice(id, f"Tone from {low:.0f} Hz", "zxx") for id, low in _VOICES.items()]

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        """Yield the time and the tone of each word.

        Raises:
            UnknownVoiceError: There is no such voice.
            SynthesisError: The text has `fails_on` in it.
        """
        if voice not in _VOICES:
            raise UnknownVoiceError(f"No voice {voice!r}.", param="voice", allowed=list(_VOICES))
        return self._tones(text, _VOICES[voice], options)

    def _tones(self, text: str, low_hz: float, options: SpeechOptions) -> Iterator[Speech]:
        time.sleep(self._first_delay_s)
        if self._fails_on and self._fails_on in text:
            raise SynthesisError(f"The tone engine was told to fail on {self._fails_on!r}.")
        length = round(self._seconds_per_word / options.speed * self.sample_rate)
        spans = _word_spans(text)
        for index, (char_start, char_end) in enumerate(spans):
            time.sleep(self._delay_s)
            yield WordTime(index * length, (index + 1) * length, char_start, char_end)
            yield AudioChunk(
                self._tone(text[char_start:char_end], low_hz, length), self.sample_rate
            )

    def _tone(self, word: str, low_hz: float, length: int) -> NDArray[np.float32]:
        hz = low_hz + zlib.crc32(word.encode("utf-8", "surrogatepass")) % 200
        at_s = np.arange(length, dtype=np.float64) / self.sample_rate
        return (0.5 * np.sin(2 * np.pi * hz * at_s)).astype(np.float32)


def _word_spans(text: str) -> list[tuple[int, int]]:
    """Return where each run of characters between spaces starts and ends."""
    edges = [
        index
        for index, (before, after) in enumerate(pairwise(f" {text} "))
        if before.isspace() != after.isspace()
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))
