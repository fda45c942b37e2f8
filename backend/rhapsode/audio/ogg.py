"""OggOpusWriter: Opus packets as a file that every player opens (RFC 3533, RFC 7845)."""

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

from rhapsode.audio.opus import PACKET_SAMPLES

_PAGE = struct.Struct("<4sBBqIIIB")
_CRC_AT = 22
_SERIAL = 0x52_48_41_50
"""One stream to a file needs no random number, and the same sound then gives the same bytes."""

_FIRST = 2
_LAST = 4
_VENDOR = b"rhapsode"
_TAGS = b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", 0)

_PACKETS_PER_PAGE = 42
"""A packet takes 6 of a page's 255 segments at most (1,275 bytes)."""

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def ogg_size(head_bytes: int, packets: int, packet_bytes: int) -> int:
    """Return the bytes of a file whose packets are all of one size, less than 255 bytes each."""
    pages = max(1, -(-packets // _PACKETS_PER_PAGE))
    before = 2 * (_PAGE.size + 1) + head_bytes + len(_TAGS)
    return before + pages * _PAGE.size + packets * (1 + packet_bytes)


class OggOpusWriter:
    """Writes one mono stream, page by page. Call `close` at the end; it leaves the file open."""

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        """Begin the file.

        Args:
            file: Where to.
            head: The OpusHead of the stream.
        """
        self._file = file
        self._pages = 0
        self._granule = 0
        self._waiting: list[bytes] = []
        self._write_page([head], flags=_FIRST)
        self._write_page([_TAGS], flags=0)

    def write(self, packets: Iterable[bytes]) -> None:
        """Add packets of 20 ms."""
        for packet in packets:
            if len(self._waiting) == _PACKETS_PER_PAGE:
                self._flush(flags=0)
            self._waiting.append(packet)

    def close(self, end: int | None = None) -> None:
        """Write what is left, marked as the end.

        Args:
            end: Where the sound ends in the decoded stream, at 48 kHz and with what players drop
                from its start; they drop what follows too. None: with the last packet.
        """
        self._flush(_LAST, end)

    def _flush(self, flags: int, end: int | None = None) -> None:
        # Positions count samples at 48 kHz, two for each of ours.
        self._granule += 2 * PACKET_SAMPLES * len(self._waiting)
        if end is not None:
            self._granule = end
        self._write_page(self._waiting, flags)
        self._waiting = []

    def _write_page(self, packets: list[bytes], flags: int) -> None:
        lacing = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
        header = _PAGE.pack(b"OggS", 0, flags, self._granule, _SERIAL, self._pages, 0, len(lacing))
        page = bytearray(header + lacing + b"".join(packets))
        page[_CRC_AT : _CRC_AT + 4] = struct.pack("<I", _crc(bytes(page)))
        self._file.write(page)
        self._pages += 1


def _crc(page: bytes) -> int:
    """Return Ogg's checksum: that of zlib with the bits of bytes and result in opposite order."""
    # 0xFFFFFFFF undoes zlib's own start value and final inversion.
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
