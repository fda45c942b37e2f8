"""Whole clips: samples in, one complete playable file out."""

# PyAV leaves the type parameter of its packets open.
# pyright: reportUnknownMemberType=false

import io
import wave
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
import numpy as np
from numpy.typing import NDArray

from rhapsode.errors import InvalidInputError

MP3_BIT_RATE = 64_000
"""Bits per second; transparent for one synthetic voice at 24 kHz."""


def encode_wav(samples: NDArray[np.int16], sample_rate: int) -> bytes:
    """Return a mono 16-bit WAV file.

    Args:
        samples: Shape (n,).
        sample_rate: Samples per second (Hz).
    """
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(sample_rate)
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def encode_mp3(samples: NDArray[np.int16], sample_rate: int) -> bytes:
    """Return a mono MP3 file with the header that lets players drop the encoder's padding.

    Args:
        samples: Shape (n,).
        sample_rate: Samples per second (Hz), one that MP3 knows: 8,000 to 48,000.
    """
    file = io.BytesIO()
    with Mp3Writer(file, sample_rate) as writer:
        writer.write(samples)
    return file.getvalue()


class Mp3Writer:
    """Writes a mono MP3 file piece by piece; a context manager that completes it at the end."""

    def __init__(self, file: BinaryIO, sample_rate: int) -> None:
        """Begin a file.

        Args:
            file: Where to; must be seekable, since the header is written last.
            sample_rate: Samples per second (Hz), one that MP3 knows: 8,000 to 48,000.
        """
        self._sample_rate = sample_rate
        self._container = av.open(file, "w", format="mp3")
        self._stream = self._container.add_stream(
            "libmp3lame", rate=sample_rate, layout="mono", format="s16p"
        )
        self._stream.bit_rate = MP3_BIT_RATE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with self._container:
            if type is None:
                self._container.mux(self._stream.encode(None))

    def write(self, samples: NDArray[np.int16]) -> None:
        """Add sound, shape (n,)."""
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16p", layout="mono")
        frame.sample_rate = self._sample_rate
        self._container.mux(self._stream.encode(frame))


_ENCODERS: dict[str, Callable[[NDArray[np.int16], int], bytes]] = {
    ".wav": encode_wav,
    ".mp3": encode_mp3,
}


def write_audio(path: Path, samples: NDArray[np.int16], sample_rate: int) -> None:
    """Write a clip in the format that the file's name asks for.

    Args:
        path: Where to; ends in `.wav` or `.mp3`.
        samples: Shape (n,).
        sample_rate: Samples per second (Hz).

    Raises:
        InvalidInputError: The name ends in something else.
        OSError: The file cannot be written.
    """
    encode = _ENCODERS.get(path.suffix.lower())
    if encode is None:
        allowed = list(_ENCODERS)
        raise InvalidInputError(
            f"{path.name}: audio is written as {' or '.join(allowed)}.",
            param="path",
            allowed=allowed,
        )
    path.write_bytes(encode(samples, sample_rate))
