"""Narrations as the rest of the product sees them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypedDict, cast

from rhapsode.text.speakable import Diction
from rhapsode.tts.engine import SpeechOptions, VoiceChoice

NarrationStatus = Literal["queued", "running", "complete", "failed"]
"""Where the making stands. A complete one can lose sound to the disk cap; see `Narration`."""

WordsSource = Literal["engine", "aligner", "estimate"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that is spoken in one piece."""

    text: str
    char_start: int
    char_end: int


class VoiceParameters(TypedDict, total=False):
    """The fields of `SpeechOptions` that change how a sentence sounds."""

    speed: float
    exaggeration: float
    cfg_weight: float
    temperature: float


def voice_parameters(
    options: SpeechOptions, followed: Collection[str] | None = None
) -> VoiceParameters:
    """Return what in the options changes how a sentence sounds.

    Args:
        options: How to speak.
        followed: What the engine follows; None means everything.
    """
    return cast(
        VoiceParameters,
        {
            name: getattr(options, name)
            for name in VoiceParameters.__annotations__
            if followed is None or name in followed
        },
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who reads a scene, and how."""

    choice: VoiceChoice
    """Its voice is named, so that another default changes nothing; a server is not part of it."""

    engine_version: str
    min_sentence_length: int
    """Shorter sentences are spoken together with the next one (characters)."""

    chunk_size: int
    """The most characters that the engine is given at once."""

    diction: Diction
    """How the text is read."""

    def for_text(self, text: str) -> "Delivery":
        """Return the same without what makes no difference to a text."""
        return replace(self, diction=self.diction.within(text))

    @property
    def cut(self) -> tuple[int, int]:
        """What decides where a text is cut."""
        return self.min_sentence_length, self.chunk_size


@dataclass(frozen=True, slots=True)
class Recording:
    """The sound of one sentence, as it is kept."""

    sound: bytes
    """See `rhapsode.audio.opus_clip`."""

    samples: int
    words: tuple[tuple[int, int, int, int], ...]
    """`(t0, t1, c0, c1)`: samples from the start, characters of the spoken text."""

    words_source: WordsSource


@dataclass(frozen=True, slots=True)
class Chunk:
    """One sentence of a narration, before anybody asks whether it can be heard."""

    index: int
    span: Span
    key: str


@dataclass(frozen=True, slots=True)
class Word:
    """When a displayed word sounds: samples and characters from its sentence's start."""

    t0: int
    t1: int
    c0: int
    c1: int


@dataclass(frozen=True, slots=True)
class HeardChunk:
    """A chunk that can be heard."""

    chunk: Chunk
    start: int
    """First sample on the narration's timeline."""

    samples: int
    words: tuple[Word, ...]
    words_source: WordsSource


@dataclass(frozen=True, slots=True)
class Summary:
    """How far a scene's narration is."""

    status: NarrationStatus
    chunk_count: int
    chunks_ready: int
    samples: int
    """Length of what is ready."""


@dataclass(frozen=True, slots=True)
class Narration:
    """The narration of a scene, without its chunks."""

    id: int
    scene_id: int
    user_id: int
    revision: str
    text_length: int
    delivery: Delivery
    status: NarrationStatus
    auto_play: bool
    chunk_count: int
    attempts: int
    error_code: str | None
    error_message: str | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """A narration in the hands of a worker."""

    narration: Narration
    story_id: int
    lease: str
    """Every claim has its own: whoever claimed it before has nothing more to say."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a job needs next."""

    chunks_ready: int
    attempts: int
    """Failures since the last sentence that worked."""

    missing: Chunk | None
    """None when every chunk can be heard."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far somebody has listened to a scene."""

    scene_id: int
    sample: int
    sentence: int
    at: datetime
