"""AudioChunk: the one audio type that crosses package borders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
"""Samples per second (Hz) of everything that leaves the synthesizer."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of mono audio."""

    samples: NDArray[np.float32]
    """Shape (n_samples,), values in [-1, 1]."""

    sample_rate: int
    """Samples per second (Hz)."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate
