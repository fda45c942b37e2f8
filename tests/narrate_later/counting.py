"""A voice that remembers what it was asked to say."""

import threading
from collections.abc import Iterator

import numpy as np

from rhapsode.accounts.records import TtsSettings
from rhapsode.audio.chunk import AudioChunk
from rhapsode.tts.engine import Speech, SpeechOptions
from rhapsode.tts.tone import ToneEngine

TONE = TtsSettings(tts_provider_type="tone")


class CountingEngine(ToneEngine):
    """A tone engine that remembers what it was asked to say, and can be held."""

    def __init__(self, **options) -> None:
        super().__init__(**({"seconds_per_word": 0.02} | options))
        self.said: list[str] = []
        self.let = threading.Event()
        self.let.set()
        self.asked = threading.Event()
        self.left = threading.Event()

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        self.said.append(text)
        return self._held(super().synthesize(text, voice, options))

    def _held(self, speech: Iterator[Speech]) -> Iterator[Speech]:
        self.asked.set()
        try:
            for piece in speech:
                while not self.let.wait(0.01):
                    # An engine can be stopped only between two chunks.
                    yield AudioChunk(np.zeros(0, np.float32), self.sample_rate)
                yield piece
        finally:
            self.left.set()
