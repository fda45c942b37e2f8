"""The plain dialect of the live protocol: JSON only, one complete MP3 for each sentence.

Messages: `connected`, `generation_started`, `text_chunk`, `audio_chunk`, and at the end
`generation_complete` or `error`. For clients that play clips one after another and know nothing of
sample addresses. A generation that is stopped ends with an `error` too (code "stopped"), because
such a client knows no other sign that nothing follows.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    Stopped,
    TextDelta,
)
from rhapsode.wire.json_text import to_json
from rhapsode.wire.live import fields


@dataclass(frozen=True, slots=True)
class Message:
    """Ready to be sent."""

    text: str
    ending: bool = False
    """True when nothing follows. An ending waits for the clips before it."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A spoken sentence that has to be made an MP3 before it can be sent."""

    seq: int
    number: int
    """0, 1, 2 ... over the clips of the session, without holes."""
    text: str
    samples: NDArray[np.int16]
    """Shape (n,), n > 0, at 24 kHz."""

    def message(self, mp3: bytes) -> str:
        """Return the `audio_chunk` message with the encoded sound."""
        return to_json(
            {
                "type": "audio_chunk",
                "audio": base64.b64encode(mp3).decode(),
                "sentence_number": self.number,
                "sentence_text": self.text,
                "format": "mp3",
                "seq": self.seq,
                "duration_ms": len(self.samples) * 1000 // SAMPLE_RATE,
            }
        )


@dataclass(slots=True)
class _Sentence:
    """The sentence that is being collected."""

    text: str
    sound: list[NDArray[np.int16]] = field(default_factory=list[NDArray[np.int16]])


class SentenceClips:
    """Turns a session's events, from the first one on, into messages and clips. Does no I/O."""

    def __init__(self) -> None:
        self._sentences: dict[int, _Sentence] = {}
        self._clips = 0

    def push(self, seq: int, event: NarrationEvent) -> Message | Clip | None:
        """Take the next event.

        Returns:
            What to send for it; None when this dialect has no message for it.
        """
        match event:
            case GenerationStarted():
                return _message("generation_started", seq, fields(event))
            case TextDelta():
                return _message("text_chunk", seq, fields(event))
            case GenerationComplete() | Stopped() | Failure():
                return self._end(seq, event)
            case _:
                return self._collect(seq, event)

    def _collect(self, seq: int, event: NarrationEvent) -> Clip | None:
        match event:
            case SentenceStarted(index=index, text=text):
                self._sentences[index] = _Sentence(text)
            case SentenceExtended(index=index, text=text):
                self._sentences[index].text = text
            case SentenceAudio(index=index, samples=samples):
                self._sentences[index].sound.append(samples)
            case SentenceFailed(index=index) | SentenceSkipped(index=index):
                # Half a sentence would sound like a fault; its text is on the page.
                self._sentences.pop(index, None)
            case SentenceFinished(index=index):
                return self._finish(seq, index)
            case _:
                pass
        return None

    def _finish(self, seq: int, index: int) -> Clip | None:
        sentence = self._sentences.pop(index, None)
        if sentence is None or not sentence.sound:
            return None
        number, self._clips = self._clips, self._clips + 1
        return Clip(seq, number, sentence.text, np.concatenate(sentence.sound))

    def _end(self, seq: int, event: GenerationComplete | Stopped | Failure) -> Message | None:
        match event:
            case GenerationComplete():
                complete = {**fields(event), "total_sentences": self._clips}
                return _message("generation_complete", seq, complete, ending=True)
            case Stopped():
                stopped = {"message": _why(event), "code": "stopped", "fatal": True}
                return _message("error", seq, {**stopped, **fields(event)}, ending=True)
            case Failure(fatal=True):
                return _message("error", seq, fields(event), ending=True)
            case Failure():
                # To this dialect's clients every error is the end, and this one is not.
                return None


def encode_connected(session_id: str) -> str:
    """Encode the first message of a socket."""
    return to_json({"type": "connected", "session_id": session_id})


def _why(event: Stopped) -> str:
    saved = "" if event.scene_id is None else " What was written so far is saved."
    return f"The generation was stopped.{saved}"


def _message(name: str, seq: int, body: Mapping[str, Any], *, ending: bool = False) -> Message:
    return Message(to_json({"type": name, **body, "seq": seq}), ending)
