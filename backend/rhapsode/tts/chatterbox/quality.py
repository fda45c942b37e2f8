"""The quality gate: tells a bad take from a good one by its samples. Pure, knows no torch.

The model sometimes babbles on after the text, drops words, or falls silent. It does so at random:
another seed usually helps, and there is time for it while the listener has something to hear.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.tts.chatterbox.pieces import letters
from rhapsode.tts.chatterbox.schedule import TOKENS_PER_SECOND

Samples = NDArray[np.float32]

MIN_S_PER_LETTER, MAX_S_PER_LETTER = 0.025, 0.16
"""40 and 6 letters a second; people read aloud at 10 to 20. See `pieces.letters`."""

ALLOWANCE_S = 1.2
"""What a text may take beyond its letters: pauses, a breath, a drawn-out word."""

MAX_LEADING_S = 0.8
MAX_TRAILING_S = 1.0
MAX_PAUSE_S = 2.0
MAX_CLIPPED = 0.002
"""Share of samples at full scale; a shout has some."""

REPEATED = 0.88
"""Mean likeness of spectra above which sound repeats itself."""

MIN_REPEATED_S = 1.5
"""How long it must do so: a refrain of two words is no fault."""

MOST_TOKENS = 1000
"""Upstream's limit, 40 s."""

_FRAME = SAMPLE_RATE // 50
_QUIET = 0.006
"""Root mean square below which a frame of 20 ms is silent (-44 dB of full scale)."""

_BANDS = 32


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a take."""

    kind: str
    """`short`, `long`, `silent`, `leading`, `trailing`, `pause`, `clipped` or `repeated`."""

    detail: str
    """A figure, for the log."""


def token_limit(text: str) -> int:
    """Return how many speech tokens a text may become: what lies beyond is babble."""
    longest_s = ALLOWANCE_S + MAX_S_PER_LETTER * letters(text)
    return min(MOST_TOKENS, max(30, round(longest_s * TOKENS_PER_SECOND)))


def find_faults(samples: Samples, text: str) -> list[Fault]:
    """Return what is wrong with the sound of a text; nothing for a good take.

    Args:
        samples: Shape (n,), mono, at 24 kHz, values in [-1, 1].
        text: What it should say.
    """
    levels = _levels(samples)
    loud = np.flatnonzero(levels > _QUIET)
    if not len(loud):
        return [Fault("silent", f"{len(samples) / SAMPLE_RATE:.2f} s")]
    faults = [
        _duration(len(samples) / SAMPLE_RATE, letters(text)),
        _over("leading", loud[0] / 50, MAX_LEADING_S),
        _over("trailing", (len(levels) - 1 - loud[-1]) / 50, MAX_TRAILING_S),
        _over("pause", (np.diff(loud).max(initial=1) - 1) / 50, MAX_PAUSE_S),
        _clipping(samples),
        _over("repeated", _repeated_s(samples, levels), MIN_REPEATED_S),
    ]
    return [fault for fault in faults if fault is not None]


def badness(faults: list[Fault]) -> int:
    """Return a figure to compare takes by; 0 is a good one. Nothing is worse than silence."""
    return sum(100 if fault.kind == "silent" else 1 for fault in faults)


def _levels(samples: Samples) -> Samples:
    """Return the root mean square of every frame of 20 ms."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return np.sqrt((frames**2).mean(axis=1))


def _over(kind: str, found_s: float, most_s: float) -> Fault | None:
    return Fault(kind, f"{found_s:.2f} s") if found_s > most_s else None


def _duration(length_s: float, said: int) -> Fault | None:
    if length_s < MIN_S_PER_LETTER * said:
        return Fault("short", f"{length_s:.2f} s for {said} letters")
    if length_s > ALLOWANCE_S + MAX_S_PER_LETTER * said - 2 / TOKENS_PER_SECOND:
        return Fault("long", f"{length_s:.2f} s for {said} letters")
    return None


def _clipping(samples: Samples) -> Fault | None:
    share = float((np.abs(samples) >= 0.985).mean())
    return Fault("clipped", f"{100 * share:.1f} %") if share > MAX_CLIPPED else None


def _repeated_s(samples: Samples, levels: Samples) -> float:
    """Return for how long the sound repeats what it said 0.16 to 1.2 s before; 0.0 if it does not.

    Compares the shapes of spectra over `MIN_REPEATED_S`, so that a loop need be exact neither in
    its length nor in its waveform. Speech reaches 0.7 there, loops 0.97.
    """
    shapes, audible = _shapes(samples), levels > _QUIET
    window, longest = round(MIN_REPEATED_S * 50), 0
    for lag in range(8, min(60, len(shapes) - window)):
        counts = (audible[lag:] | audible[:-lag]).astype(np.float32)
        alike = _moving_sum((shapes[lag:] * shapes[:-lag]).sum(axis=1) * counts, window)
        counted = _moving_sum(counts, window)
        loops = (alike > REPEATED * counted) & (counted >= window / 3)
        if loops.any():
            longest = max(longest, int(loops.sum()) + window)
    return longest / 50


def _moving_sum(values: Samples, window: int) -> Samples:
    total = np.concatenate(([0.0], np.cumsum(values)))
    return total[window:] - total[:-window]


def _shapes(samples: Samples) -> Samples:
    """Return the shape of the spectrum around every frame: unit vectors, loudness left out."""
    frames = len(samples) // _FRAME
    around = np.pad(samples[: frames * _FRAME], (_FRAME, _FRAME))
    cut = np.stack([around[_FRAME * k : _FRAME * (k + frames)] for k in range(3)])
    windows = cut.reshape(3, frames, _FRAME).transpose(1, 0, 2).reshape(frames, 3 * _FRAME)
    power = np.abs(np.fft.rfft(windows * np.hanning(3 * _FRAME), axis=1))[:, 3:]
    bounds = cast("NDArray[np.float64]", np.geomspace(1, power.shape[1], _BANDS + 1))
    edges = np.unique(bounds.astype(int)) - 1
    mean = np.add.reduceat(power, edges[:-1], axis=1) / np.diff(edges)
    bands = np.log(mean + 0.01).astype(np.float32)
    bands -= bands.mean(axis=1, keepdims=True)
    return bands / np.maximum(np.linalg.norm(bands, axis=1, keepdims=True), 1e-6)
