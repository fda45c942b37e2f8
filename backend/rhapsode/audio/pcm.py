"""PCM: from float samples to 16-bit ones, and from one sample rate to another."""

import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs] - ships its types inline
from numpy.typing import NDArray


def to_s16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Convert float samples in [-1, 1] to signed 16-bit ones, same shape.

    Values outside the range are clipped, never wrapped.
    """
    return np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16)


class Resampler:
    """Changes the sample rate of one stream of mono float samples, piece by piece.

    However the input is cut, the output is the same, and after `flush` its length is the
    input's length times `to_rate / from_rate`, rounded.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        """Take both rates in samples per second (Hz)."""
        self._stream = (
            None if from_rate == to_rate else soxr.ResampleStream(from_rate, to_rate, 1, "float32")
        )

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples; return those that are ready (about 20 ms are held back)."""
        if self._stream is None:
            return samples
        return self._stream.resample_chunk(samples)

    def flush(self) -> NDArray[np.float32]:
        """End the stream; return what the filter still held back."""
        nothing = np.zeros(0, np.float32)
        if self._stream is None:
            return nothing
        return self._stream.resample_chunk(nothing, last=True)
