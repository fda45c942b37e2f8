"""Watermark: PerTh's inaudible mark, put on a stream piece by piece.

Upstream marks the finished sound at once. Marking pieces by themselves would leave steps of up to
0.036 at their joints; with 0.2 s of what came before and 40 ms of what follows they are at most
0.004, and the mark is found in the whole.

Runs in the threads of the callers, never in the engine's.
"""

import warnings
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.errors import EngineUnavailableError

LEFT = SAMPLE_RATE // 5
RIGHT = SAMPLE_RATE // 25

_SHORTEST = SAMPLE_RATE // 20
"""PerTh's spectrum is over 64 ms, and mirrors half of that at both ends."""

Samples = NDArray[np.float32]


class _Network(Protocol):
    """What is used here of upstream's."""

    def apply_watermark(self, signal: Samples, sample_rate: int) -> Samples: ...

    def get_watermark(self, wm_signal: Samples, sample_rate: int) -> NDArray[np.float32]: ...


class Perth:
    """PerTh's network, loaded once. Any thread."""

    def __init__(self) -> None:
        """Load it; its weights come with its package.

        Raises:
            EngineUnavailableError: Its package is not whole.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import perth  # pyright: ignore[reportMissingTypeStubs] - it has no types
        # The package sets this name to None when one of its own imports failed.
        make: Callable[[], _Network] | None = getattr(perth, "PerthImplicitWatermarker", None)
        if make is None:
            raise EngineUnavailableError(
                "The watermark cannot be put on: PerTh lacks a package (setuptools below 81). "
                "Run `make chatterbox`."
            )
        self._upstream = make()

    def mark(self, samples: Samples) -> Samples:
        """Return marked sound of the same length, shape (n,)."""
        missing = max(0, _SHORTEST - len(samples))
        whole = np.pad(samples, (0, missing))
        marked = self._upstream.apply_watermark(whole, sample_rate=SAMPLE_RATE)
        # Resampling there and back may lose a sample at the end.
        fitted = np.zeros_like(samples)
        length = min(len(samples), len(marked))
        fitted[:length] = marked[:length]
        return fitted

    def confidence(self, samples: Samples) -> float:
        """Return how sure it is that a sound carries the mark, 0 to 1."""
        return float(np.mean(self._upstream.get_watermark(samples, sample_rate=SAMPLE_RATE)))


class MarkedStream:
    """Marks one sentence. Gives out every sample once, in order, `RIGHT` samples late."""

    def __init__(self, perth: Perth) -> None:
        """Begin a sentence."""
        self._perth = perth
        self._past: Samples = np.zeros(0, np.float32)
        self._held: Samples = np.zeros(0, np.float32)

    def push(self, samples: Samples) -> Samples:
        """Take the next samples, shape (n,); return what is ready."""
        self._held = np.concatenate((self._held, samples))
        return self._take(max(0, len(self._held) - RIGHT))

    def flush(self) -> Samples:
        """End the sentence; return the rest."""
        return self._take(len(self._held))

    def _take(self, ready: int) -> Samples:
        if not ready:
            return self._held[:0]
        marked = self._perth.mark(np.concatenate((self._past, self._held)))
        start = len(self._past)
        # What went in stays the context: marking what is marked already would drift.
        heard = np.concatenate((self._past, self._held[:ready]))
        self._past = heard[-LEFT:]
        self._held = self._held[ready:]
        return marked[start : start + ready]
