"""Mp3Stream: an MP3 whose every byte has its place before it is encoded."""

# PyAV leaves the type parameter of its packets open.
# pyright: reportUnknownMemberType=false

import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE

BIT_RATE = 64_000
"""Bits per second; transparent for one synthetic voice at 24 kHz."""

FRAME_SAMPLES = 576
FRAME_BYTES = 192
"""At this bit rate and 24 kHz every frame has this size, so the file's size is known beforehand."""

_ENCODER_DELAY = 576
"""Samples of silence that the encoder puts first, besides a decoder's own 529."""

_FLUSHED_FRAMES = 2
"""Frames that hold what the encoder's delay has kept back."""

_FRAME_HEADER = bytes.fromhex("fff384c0")
"""MPEG-2 Layer III, 64 kbit/s, 24 kHz, mono, without checksum."""

_SIDE_INFORMATION = bytes(9)
_ALL_FIELDS = 0b1111

# ISO 11172-3 knows nothing of this frame; see "MP3 Info Tag" revision 1.
_INFO = struct.Struct(">4s9s4sIII100sI")
_LAME = struct.Struct(">9s12x3s4xIH")
_CRC = struct.Struct(">H")


def mp3_size(samples: int) -> int:
    """Return the size of a file with so many samples, in bytes."""
    return FRAME_BYTES * (1 + _frames(samples))


class Mp3Stream:
    """Writes a mono MP3 file at 24 kHz, front to back. Call `close` at the end.

    The header lets players know the length and drop the encoder's padding, although it is written
    first.
    """

    def __init__(self, file: BinaryIO, samples: int) -> None:
        """Begin a file.

        Args:
            file: Where to; need not be seekable.
            samples: How many will be written in all.
        """
        import av  # late, as in `rhapsode.audio.opus`

        file.write(_info_frame(samples))
        self._container = av.open(
            file, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}
        )
        self._stream = self._container.add_stream(
            "libmp3lame", rate=SAMPLE_RATE, layout="mono", format="s16p"
        )
        self._stream.bit_rate = BIT_RATE

    def write(self, samples: NDArray[np.int16]) -> None:
        """Add sound, shape (n,)."""
        if not len(samples):
            return
        import av

        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16p", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what the encoder still holds; leaves the file open."""
        self._container.mux(self._stream.encode(None))
        self._container.close()


def _frames(samples: int) -> int:
    return -(-samples // FRAME_SAMPLES) + _FLUSHED_FRAMES if samples else 0


def _info_frame(samples: int) -> bytes:
    """Return the silent frame in front that describes the others."""
    frames, size = _frames(samples), mp3_size(samples)
    seek_points = bytes(percent * 256 // 100 for percent in range(100))
    info = _INFO.pack(
        _FRAME_HEADER, _SIDE_INFORMATION, b"Info", _ALL_FIELDS, frames, size, seek_points, 0
    )
    padding = max(0, frames * FRAME_SAMPLES - samples - _ENCODER_DELAY)
    trimmed = (_ENCODER_DELAY << 12 | padding).to_bytes(3, "big")
    # Players trust the padding of encoders that they know by name; this one is behind PyAV's.
    # The sound's checksum could only be known at the end; nobody checks it, and 0 is allowed.
    tag = info + _LAME.pack(b"LAME", trimmed, size, 0)
    return (tag + _CRC.pack(_crc16(tag))).ljust(FRAME_BYTES, b"\0")


def _crc16(message: bytes) -> int:
    """Return the checksum CRC-16/ARC."""
    crc = 0
    for byte in message:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
