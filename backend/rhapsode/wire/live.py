"""What the server says on a live socket, version 1: JSON text frames, and sound in binary frames.

A binary frame is a 16-byte little-endian header and its payload:

====== ==== =====================================================================
offset type field
====== ==== =====================================================================
0      u8   kind: 1 = PCM s16le, 2 = Opus, n x (u16 length + packet)
1      u8   flags: bit 0 first frame of the sentence, bit 1 last frame
2      u16  sentence index
4      u32  seq
8      u32  start: absolute first sample on the session's timeline (24 kHz: 49 h)
12     u32  samples that this frame represents
====== ==== =====================================================================
"""

import base64
import dataclasses
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.narration.events import (
    Failure,
    GenerationComplete,
    GenerationStarted,
    NarrationEvent,
    SentenceAudio,
    SentenceExtended,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    SentenceWords,
    Stopped,
    TextDelta,
)
from rhapsode.wire.json_text import to_json

VERSION = 1
SUBPROTOCOL = "rhapsode.v1"

PCM: Final = "pcm_s16le"
OPUS: Final = "opus"
Codec = Literal["pcm_s16le", "opus"]

_HEADER = struct.Struct("<BBHIII")
_KIND_PCM = 1
_KIND_OPUS = 2
_FIRST = 1
_LAST = 2

_TYPES: Mapping[type[NarrationEvent], str] = {
    GenerationStarted: "generation_started",
    TextDelta: "text_chunk",
    SentenceStarted: "sentence_started",
    SentenceExtended: "sentence_extended",
    SentenceWords: "sentence_words",
    SentenceFinished: "sentence_finished",
    SentenceFailed: "sentence_failed",
    SentenceSkipped: "sentence_skipped",
    Stopped: "stopped",
    GenerationComplete: "generation_complete",
    Failure: "error",
}
"""Every event but sound. The fields of a message are the fields of its event."""

_FIELDS = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in _TYPES}

_LEFT_OUT_WHEN_NONE = {"scene_id", "retry_after_ms", "timings"}

JSONEvent = (
    GenerationStarted
    | TextDelta
    | SentenceStarted
    | SentenceExtended
    | SentenceWords
    | SentenceFinished
    | SentenceFailed
    | SentenceSkipped
    | Stopped
    | GenerationComplete
    | Failure
)


def encode(seq: int, event: JSONEvent) -> str:
    """Encode any event but sound as a JSON text frame."""
    return to_json({"type": _TYPES[type(event)], "seq": seq, **fields(event)})


def fields(event: JSONEvent) -> dict[str, Any]:
    """Return the fields of `event` under their names on the wire, for `to_json`."""
    return {
        name: value
        for name in _FIELDS[type(event)]
        if (value := getattr(event, name)) is not None or name not in _LEFT_OUT_WHEN_NONE
    }


def encode_pcm(seq: int, event: SentenceAudio) -> bytes:
    """Encode sound as a binary frame of 16-bit samples."""
    return _header(_KIND_PCM, seq, event) + event.samples.astype("<i2", copy=False).tobytes()


def encode_opus(seq: int, event: SentenceAudio, packets: Sequence[bytes]) -> bytes:
    """Encode sound as a binary frame of Opus packets, those that `event`'s samples made."""
    sized = (struct.pack("<H", len(packet)) + packet for packet in packets)
    return _header(_KIND_OPUS, seq, event) + b"".join(sized)


def encode_connected(
    session_id: str, *, next_seq: int, journal_from: int, opus_head: bytes | None
) -> str:
    """Encode the first message of a socket.

    Args:
        session_id: The session that is listened to.
        next_seq: The number that the session's next event will get.
        journal_from: The oldest event that can still be had.
        opus_head: The OpusHead of the stream (RFC 7845, 5.1); None when the codec is PCM.
    """
    message: dict[str, Any] = {
        "type": "connected",
        "v": VERSION,
        "session_id": session_id,
        "sample_rate": SAMPLE_RATE,
        "codec": PCM if opus_head is None else OPUS,
        "next_seq": next_seq,
        "journal_from": journal_from,
    }
    if opus_head is not None:
        message["opus_head"] = base64.b64encode(opus_head).decode()
    return to_json(message)


def encode_pong(t: float) -> str:
    """Encode the answer to a ping; `t` is the number that came with it."""
    return to_json({"type": "pong", "t": t})


def encode_refusal(code: str, message: str) -> str:
    """Encode the error that ends one socket, but not its session: it has no `seq`."""
    return to_json({"type": "error", "code": code, "message": message, "fatal": True})


def _header(kind: int, seq: int, event: SentenceAudio) -> bytes:
    flags = (_FIRST if event.first else 0) | (_LAST if event.last else 0)
    return _HEADER.pack(kind, flags, event.index, seq, event.start, len(event.samples))
