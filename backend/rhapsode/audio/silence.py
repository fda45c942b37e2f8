"""Silence at the end of an utterance: kept between sentences, shortened inside one."""

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.004
"""Quieter samples count as silence (-48 dB of full scale)."""


class TrailingSilence:
    """Holds back silence that may be the last, so that it can be shortened. Delays no sound."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._held: list[NDArray[np.float32]] = []

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the samples up to the last audible one, those held back before included.

        Args:
            samples: Shape (n,), values in [-1, 1].
        """
        audible = np.flatnonzero(np.abs(samples) > THRESHOLD)
        if not len(audible):
            self._held.append(samples)
            return samples[:0]
        end = int(audible[-1]) + 1
        ready = np.concatenate((*self._held, samples[:end]))
        self._held = [samples[end:]]
        return ready

    def flush(self) -> NDArray[np.float32]:
        """Return what is kept of the silence at the end: `keep` samples at most."""
        held = np.concatenate(self._held) if self._held else np.zeros(0, np.float32)
        self._held = []
        return held[: self._keep]
