"""Whole clips: samples in, one complete playable file out."""

import io
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.mp3 import Mp3Stream
from rhapsode.errors import InvalidInputError


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


def encode_mp3(samples: NDArray[np.int16]) -> bytes:
    """Return a mono MP3 file; see `Mp3Stream`.

    Args:
        samples: Shape (n,), 24 kHz.
    """
    file = io.BytesIO()
    writer = Mp3Stream(file, len(samples))
    writer.write(samples)
    writer.close()
    return file.getvalue()


_ENCODERS: dict[str, Callable[[NDArray[np.int16]], bytes]] = {
    ".wav": lambda samples: encode_wav(samples, SAMPLE_RATE),
    ".mp3": encode_mp3,
}


def write_audio(path: Path, samples: NDArray[np.int16]) -> None:
    """Write a clip in the format that the file's name asks for.

    Args:
        path: Where to; ends in `.wav` or `.mp3`.
        samples: Shape (n,), 24 kHz.

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
    path.write_bytes(encode(samples))
