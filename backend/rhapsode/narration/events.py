"""NarrationEvent: everything that a narration tells the outside world.

All times are integer samples at `SAMPLE_RATE`, absolute on the session's timeline unless said
otherwise. All character offsets count Unicode code points of the displayed text, which equals the
model's text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class GenerationStarted:
    """The scene begins."""

    message: str
    voice: str | None
    engine: str | None
    """None when the scene is written without sound."""

    model: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text arrived from the language model."""

    text: str
    char_start: int
    """Offset in the scene."""


@dataclass(frozen=True, slots=True)
class SentenceStarted:
    """The first audio of this sentence follows."""

    index: int
    text: str
    """Displayed text from `char_start` to `char_end`."""

    char_start: int
    char_end: int
    start: int
    """Absolute sample at which the sentence begins to sound."""


@dataclass(frozen=True, slots=True)
class SentenceExtended:
    """The sentence that is being spoken goes on: it began to sound before its end was written."""

    index: int
    text: str
    """The whole sentence as far as it is known, from its `char_start` to `char_end`."""

    char_end: int


@dataclass(frozen=True, slots=True)
class SentenceAudio:
    """A piece of one sentence's sound."""

    index: int
    start: int
    """Absolute first sample; always a multiple of 480 (20 ms)."""

    samples: NDArray[np.int16]
    """Shape (n,), n a multiple of 480."""

    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class TimedWord:
    """When a displayed word sounds, relative to its sentence."""

    t0: int
    """First sample, counted from the sentence's start."""

    t1: int
    c0: int
    """First character, counted from the sentence's first character."""

    c1: int


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """Word times of a sentence; a later one for the same sentence replaces an earlier one."""

    index: int
    words: tuple[TimedWord, ...]
    source: Literal["engine", "aligner", "estimate"]


@dataclass(frozen=True, slots=True)
class SentenceFinished:
    """No more sound for this sentence."""

    index: int
    start: int
    samples: int


@dataclass(frozen=True, slots=True)
class SentenceFailed:
    """This sentence, or the rest of it, could not be spoken. Its text stays."""

    index: int
    code: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class SentenceSkipped:
    """The listener went past this sentence before it was spoken."""

    index: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody stopped the generation, or nobody was listening any more."""

    reason: str
    at_sample: int
    scene_id: int | None


@dataclass(frozen=True, slots=True)
class Timings:
    """What a narration took, in seconds from its beginning unless said otherwise."""

    first_text_s: float | None
    """Until the first text; None when none came."""

    first_audio_s: float | None
    """Until the first sound; None when there was none."""

    total_s: float
    sound_s: float
    """How long it sounds."""

    lowest_lead_s: float | None
    """The least sound that was waiting for the listener when more came; 0 is a dry spell.

    None when less than two pieces came. Where no listener reports, playing is taken to have begun
    with the first."""

    underruns: int
    """How often the listener said that the sound ran out."""

    engine_wait_s: float
    """Time that sentences waited for a busy engine, all together."""

    engine_first_chunk_s: float | None
    """What the voice takes to its first sound, lately; None when it was not measured."""

    rtf: float | None
    """Real-time factor: seconds of the engine's work per second of sound."""


@dataclass(frozen=True, slots=True)
class GenerationComplete:
    """The scene is written, spoken and saved."""

    scene_id: int
    total_sentences: int
    total_length: int
    """Characters of the scene's text."""

    samples: int
    audio_url: str | None
    """Where the stored narration can be heard again; None when it is not stored."""

    timings: Timings | None = None
    """None when nobody measured."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The generation ended with an error. What was written so far is kept."""

    code: str
    message: str
    fatal: bool
    retry_after_ms: int | None = None
    scene_id: int | None = None
    """The scene that holds the text so far, if there was any."""


NarrationEvent = (
    GenerationStarted
    | TextDelta
    | SentenceStarted
    | SentenceExtended
    | SentenceAudio
    | SentenceWords
    | SentenceFinished
    | SentenceFailed
    | SentenceSkipped
    | Stopped
    | GenerationComplete
    | Failure
)

Emit = Callable[[NarrationEvent], None]
"""Takes every event, in order; must not wait, since whoever waits here holds an engine."""
