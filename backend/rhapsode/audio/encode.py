"""Whole clips: samples in, one complete playable file out."""

# PyAV leaves the type parameter of its packets open.
# pyright: reportUnknownMemberType=false

import io
import wave
from collections.abc import Callable
from pathlib import Path

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
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=sample_rate, layout="mono", format="s16p")
        stream.bit_rate = MP3_BIT_RATE
        if len(samples):
            frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16p", layout="mono")
            frame.sample_rate = sample_rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


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
