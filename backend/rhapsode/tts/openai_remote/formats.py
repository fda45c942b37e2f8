"""What a stretch of bytes is: told by the bytes themselves, since headers often lie. No I/O."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["pcm", "wav", "mp3", "aac", "flac", "ogg", "text", "unknown"]

HEAD_BYTES = 16 * 1024
"""More than two frames of any format; by then it is known what the bytes are."""

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"\x1aE\xdf\xa3", "unknown"),  # Matroska and WebM
)
_PRINTABLE = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
_TEXT_BYTES = 24
"""So many printable bytes in a row are no sound: by chance once in 10^10 beginnings."""

_PCM_NAMES = ("pcm", "l16", "raw", "octet-stream")
_RATE = re.compile(r"rate\s*=\s*([0-9]{4,6})", re.IGNORECASE)

_MP3_RATES = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))
"""Samples per second by version: MPEG 2.5, none, 2, 1."""

_MP3_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the answer's head says of its body."""

    content_type: str

    @property
    def may_be_pcm(self) -> bool:
        """True unless another format is named."""
        return not self.content_type or any(name in self.content_type for name in _PCM_NAMES)

    @property
    def sample_rate(self) -> int | None:
        """Samples per second (Hz) of raw PCM; None when it is not said."""
        rate = _RATE.search(self.content_type)
        return int(rate[1]) if rate and 8_000 <= int(rate[1]) <= 192_000 else None


def recognize(head: bytes, *, complete: bool) -> Kind | None:
    """Tell what a body is by its beginning; None when more of it is needed.

    Raw PCM has no mark of its own: it is what nothing else is.

    Args:
        head: The body so far.
        complete: True when there is no more of it.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and (len(head) >= 12 or complete):
        return "wav" if head[8:12] == b"WAVE" else "unknown"
    if head[4:8] == b"ftyp":  # MP4
        return "unknown"
    if len(head) < _TEXT_BYTES and not complete:
        return None
    if all(byte in _PRINTABLE for byte in head.lstrip(b"\xef\xbb\xbf")[:_TEXT_BYTES]):
        return "text"
    return _recognize_frames(head, complete=complete)


def _recognize_frames(head: bytes, *, complete: bool) -> Kind | None:
    """Tell MP3 and AAC from PCM: a frame must be followed by another one.

    One header alone proves nothing: quiet PCM is full of bytes with all bits set.
    """
    readers: tuple[tuple[Callable[[bytes], int | None], Kind], ...] = (
        (_mp3_frame_bytes, "mp3"),
        (_aac_frame_bytes, "aac"),
    )
    for length_of, kind in readers:
        length = length_of(head)
        if length is None:
            continue
        if len(head) < length + 8 and not complete:
            return None
        if length_of(head[length:]) is not None:
            return kind
    return "pcm"


def _mp3_frame_bytes(head: bytes) -> int | None:
    """Return the length of the MP3 frame that begins here; None when none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None  # the sync word, and layer III
    version, bit_rate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bit_rate in (0, 15) or rate == 3:
        return None
    kbits = (_MP3_KBITS_1 if version == 3 else _MP3_KBITS_2)[bit_rate]
    samples = 1152 if version == 3 else 576
    return samples // 8 * kbits * 1000 // _MP3_RATES[version][rate] + (head[2] >> 1 & 1)


def _aac_frame_bytes(head: bytes) -> int | None:
    """Return the length of the ADTS frame that begins here; None when none does."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    rate = head[2] >> 2 & 15
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if rate < 13 and length > 7 else None
