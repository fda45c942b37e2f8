"""TTSEngine: what every speech engine must offer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from rhapsode.audio.chunk import AudioChunk


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that an engine can speak with."""

    id: str
    """Unique within its engine, stable over time."""

    name: str
    """What people see."""

    language: str
    """BCP 47 tag, such as `en-GB`."""

    description: str = ""
    featured: bool = True
    """False for voices that belong behind "all voices"."""


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How to speak. No engine ignores an option: what it cannot do, its info does not offer."""

    speed: float = 1.0
    """Pace relative to the voice's own, 0.25 to 4.0."""


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """Which voice of which engine speaks, and how."""

    engine: str
    voice: str
    options: SpeechOptions = SpeechOptions()


@dataclass(frozen=True, slots=True)
class WordTime:
    """When one word of the text sounds."""

    start: int
    """First sample, counted from the start of the utterance, at the engine's sample rate."""

    end: int
    """One past the last sample."""

    char_start: int
    """Offset of the word in the text that was given to the engine."""

    char_end: int
    """One past the word's last character."""


Speech = AudioChunk | WordTime
"""What an engine yields: sound, and the times of words as they become known."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What the rest of the product may know about an engine."""

    name: str
    label: str
    description: str
    available: bool
    unavailable_reason: str | None
    """What is missing and how to get it; None when available."""

    word_times: bool
    """True when the engine reports the times of words itself."""

    min_speed: float = 0.25
    max_speed: float = 4.0
    default_voice: str = ""


class TTSEngine(Protocol):
    """A speech engine. Blocking: it is always called from a thread or process of its own."""

    name: str
    info: EngineInfo
    """What the rest of the product may know about it."""

    sample_rate: int
    """Samples per second (Hz) of every chunk."""

    max_concurrency: int
    """How many `synthesize` generators may be alive at once in one process."""

    def voices(self) -> list[Voice]:
        """Return every voice this engine can speak with, the featured ones first."""
        ...

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        """Speak one sentence, yielding sound as soon as it exists.

        Closing the iterator stops the engine.

        Args:
            text: One sentence, already speakable (no markup), not empty.
            voice: The id of one of this engine's voices.
            options: Pace and the like.

        Yields:
            Chunks of one constant sample rate in playing order, and word times.

        Raises:
            UnknownVoiceError: The engine has no such voice; raised before the iterator exists.
            SynthesisError: The engine could not speak this sentence.
        """
        ...
