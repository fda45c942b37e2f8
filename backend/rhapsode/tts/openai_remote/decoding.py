"""Decoders: from the bytes of one answer to sound at `SAMPLE_RATE`, as they arrive."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.errors import NoSpeechError

MAX_SOUND_S = 900.0
"""A sentence of 500 characters at the slowest speed has two minutes; a bomb has hours."""

Sink = Callable[[NDArray[np.float32]], None]
"""Takes sound, shape (n,), mono, at `SAMPLE_RATE`."""


class Decoder(Protocol):
    """Turns one body into sound. Every method is called from the event loop."""

    def push(self, received: bytes) -> None:
        """Take the next bytes.

        Raises:
            NoSpeechError: They are no sound.
        """
        ...

    async def finish(self) -> None:
        """Give out the rest; the body has ended.

        Raises:
            NoSpeechError: There was no sound in it.
            SpeechInterruptedError: It ended too early.
        """
        ...

    async def close(self) -> None:
        """Give out nothing more, and hold no thread any longer."""
        ...


class Measured:
    """Counts sound on its way to a sink, and ends the patience with a body that has no end."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.samples = 0

    def take(self, samples: NDArray[np.float32]) -> None:
        """Pass sound on.

        Raises:
            NoSpeechError: It is longer than any sentence.
        """
        self.samples += len(samples)
        if self.samples > MAX_SOUND_S * SAMPLE_RATE:
            raise NoSpeechError("The speech server sent more sound than any sentence has.")
        if len(samples):
            self._sink(samples)

    def require(self) -> None:
        """Raise `NoSpeechError` if there was no sound at all."""
        if not self.samples:
            raise NoSpeechError("The speech server answered without any sound.")
