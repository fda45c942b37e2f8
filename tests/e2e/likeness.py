"""Whether what was heard is what is stored, although a browser has decoded it."""

import numpy as np

AUDIBLE = 0.002
"""Amplitude that is sound, and no decoder's noise."""

MOST_SHIFT = 200
"""Samples by which two decoders may disagree about where sound begins."""


def best_likeness(heard: np.ndarray, stored: np.ndarray) -> float:
    """Return the correlation of what was heard with all that is stored, at its best place.

    It is high only where the stored sound was heard from its first sample to its last.
    """
    begin = _first_sound(heard) - _first_sound(stored)
    shifts = range(-MOST_SHIFT, MOST_SHIFT)
    return max(_likeness(heard, stored, begin + shift) for shift in shifts)


def _first_sound(samples: np.ndarray) -> int:
    return int(np.flatnonzero(np.abs(samples) > AUDIBLE)[0])


def _likeness(heard: np.ndarray, stored: np.ndarray, begin: int) -> float:
    cut = heard[max(0, begin) : max(0, begin) + len(stored)]
    return float(np.corrcoef(cut, stored[: len(cut)])[0, 1])
