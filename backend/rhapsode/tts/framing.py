"""Frames: what an engine's process and its host say to each other, as bytes.

A frame is two little-endian u32 (length of the header, length of the payload), the header as JSON
and the payload: float32 samples for `Sound`, empty for everything else. Pure functions, no I/O.
"""

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rhapsode.audio.chunk import AudioChunk
from rhapsode.tts.engine import Demand, SpeechOptions, Voice, WordTime

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""More than ten minutes of sound in one frame: the stream is out of step, not generous."""

_LENGTHS = struct.Struct("<II")


class FramingError(Exception):
    """The bytes are no frames: something else wrote into the pipe."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Host to worker: speak this sentence."""

    id: int
    text: str
    voice: str
    options: SpeechOptions


@dataclass(frozen=True, slots=True)
class Cancel:
    """Host to worker: stop speaking this sentence, then say `Finished`."""

    id: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Worker to host, once: the engine is loaded."""

    sample_rate: int
    max_concurrency: int
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class Sound:
    """Worker to host: the next piece of a sentence's sound."""

    id: int
    chunk: AudioChunk


@dataclass(frozen=True, slots=True)
class Timed:
    """Worker to host: when a word of a sentence sounds."""

    id: int
    word: WordTime


@dataclass(frozen=True, slots=True)
class Finished:
    """Worker to host: the engine has left this sentence, spoken or cancelled."""

    id: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Worker to host: the engine has left this sentence because it could not speak it."""

    id: int
    code: str
    """The `code` of an error class."""

    message: str


Request = Speak | Cancel
Reply = Sound | Timed | Finished | Failed
Message = Request | Ready | Reply


def encode(message: Message) -> bytes:
    """Return the frame of a message."""
    payload = b""
    if isinstance(message, Sound):
        fields: dict[str, Any] = {"id": message.id, "sample_rate": message.chunk.sample_rate}
        payload = message.chunk.samples.astype("<f4", copy=False).tobytes()
    else:
        fields = asdict(message)
    header = json.dumps({"type": type(message).__name__} | fields).encode("ascii")
    return _LENGTHS.pack(len(header), len(payload)) + header + payload


class FrameDecoder:
    """Turns a stream of bytes, however it is cut, into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def push(self, received: bytes) -> list[Message]:
        """Take the next bytes and return the messages that are complete.

        Raises:
            FramingError: The bytes are no frames.
        """
        self._buffer += received
        messages: list[Message] = []
        start = 0
        while (end := self._frame_end(start)) is not None:
            messages.append(self._decode(start, end))
            start = end
        del self._buffer[:start]
        return messages

    def _frame_end(self, start: int) -> int | None:
        body = start + _LENGTHS.size
        if len(self._buffer) < body:
            return None
        end = body + sum(_LENGTHS.unpack_from(self._buffer, start))
        if end - start > MAX_FRAME_BYTES:
            raise FramingError(f"a frame of {end - start} bytes")
        return end if len(self._buffer) >= end else None

    def _decode(self, start: int, end: int) -> Message:
        header_length, _ = _LENGTHS.unpack_from(self._buffer, start)
        header_start = start + _LENGTHS.size
        payload_start = header_start + header_length
        try:
            fields = json.loads(self._buffer[header_start:payload_start])
            return _PARSERS[fields.pop("type")](fields, bytes(self._buffer[payload_start:end]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FramingError(f"not a frame: {error}") from error


def _parse_speak(fields: Mapping[str, Any], _payload: bytes) -> Speak:
    demand = Demand(**fields["options"].pop("demand"))
    options = SpeechOptions(**fields["options"], demand=demand)
    return Speak(fields["id"], fields["text"], fields["voice"], options)


def _parse_ready(fields: Mapping[str, Any], _payload: bytes) -> Ready:
    voices = tuple(Voice(**voice) for voice in fields["voices"])
    return Ready(fields["sample_rate"], fields["max_concurrency"], voices)


def _parse_sound(fields: Mapping[str, Any], payload: bytes) -> Sound:
    samples = np.frombuffer(payload, "<f4").astype(np.float32, copy=False)
    return Sound(fields["id"], AudioChunk(samples, fields["sample_rate"]))


def _parse_timed(fields: Mapping[str, Any], _payload: bytes) -> Timed:
    return Timed(fields["id"], WordTime(**fields["word"]))


_PARSERS: dict[str, Callable[[Mapping[str, Any], bytes], Message]] = {
    "Speak": _parse_speak,
    "Cancel": lambda fields, _: Cancel(**fields),
    "Ready": _parse_ready,
    "Sound": _parse_sound,
    "Timed": _parse_timed,
    "Finished": lambda fields, _: Finished(**fields),
    "Failed": lambda fields, _: Failed(**fields),
}
