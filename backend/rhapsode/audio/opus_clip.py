"""Opus clips: one sentence by itself, small enough to keep."""

# PyAV leaves the type parameter of its frames open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import struct
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.opus import PACKET_SAMPLES, OpusPackets

_LENGTH = struct.Struct("<H")
_DECODED_RATE = 48_000
"""Opus always decodes to this rate (Hz)."""


@cache
def opus_head() -> bytes:
    """Return the OpusHead (RFC 7845, 5.1) of every clip, and of every stream of `OpusPackets`.

    Slow the first time: call it from a thread.
    """
    return OpusPackets().head


@cache
def pre_skip() -> int:
    """Return how many samples at 48 kHz a player drops from the start of a clip."""
    return OpusPackets().pre_skip


def encode_clip(samples: NDArray[np.int16]) -> bytes:
    """Encode a sentence: its packets, each after its length as a little-endian u16.

    The same samples always give the same bytes. A clip is decoded by itself: a decoder that still
    has another one's state clicks where it begins. What is decoded can be laid end to end, and
    every sample is in its place.

    Args:
        samples: Shape (n,), 24 kHz, n a multiple of 480; the last 160 are silent.
    """
    packets = OpusPackets().push(samples)
    return b"".join(_LENGTH.pack(len(packet)) + packet for packet in packets)


def packets_of(clip: bytes) -> Iterator[bytes]:
    """Yield the packets of a clip, 20 ms each."""
    position = 0
    while position < len(clip):
        (length,) = _LENGTH.unpack_from(clip, position)
        position += _LENGTH.size + length
        yield clip[position - length : position]


def decode_clip(clip: bytes) -> NDArray[np.int16]:
    """Return the sentence's samples, shape (n,), 24 kHz: as many as were encoded."""
    import av  # late, as in `rhapsode.audio.opus`

    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.sample_rate = _DECODED_RATE
    decoder.layout = "mono"
    frames = [frame for packet in packets_of(clip) for frame in decoder.decode(av.Packet(packet))]
    if not frames:
        return np.zeros(0, np.int16)
    decoded = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    # The encoder was given 24 kHz, so there is nothing above 12 kHz that could fold back.
    sound = decoded[pre_skip() :: 2]
    samples = np.zeros(len(frames) * PACKET_SAMPLES, np.int16)
    samples[: len(sound)] = sound
    return samples
