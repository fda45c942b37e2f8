"""TTSEngine: what every speech engine must offer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rhapsode.audio.chunk import AudioChunk
from rhapsode.errors import UnknownVoiceError


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
class Demand:
    """Who waits for a sentence, and how urgently. Decides when it is spoken, never how."""

    session: str = ""
    """Whose it is: an engine that many share is shared fairly between sessions."""

    live: bool = True
    """False for work that nobody waits for."""

    slack_s: float = 0.0
    """Seconds of sound that the listener still has to hear before this sentence is due."""


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How to speak. An engine follows those options that its info names as `parameters`."""

    speed: float = 1.0
    """Pace relative to the voice's own, 0.25 to 4.0."""

    exaggeration: float = 0.5
    """How much feeling: 0.25 to 2.0, 0.5 is neutral."""

    cfg_weight: float = 0.5
    """How closely the voice's own pace is kept: 0 to 1."""

    temperature: float = 0.8
    """How much chance there is in the delivery: 0.05 to 5."""

    demand: Demand = Demand()


@dataclass(frozen=True, slots=True)
class RemoteServer:
    """A user's own speech server. Two users' servers are never the same object or connection."""

    base_url: str
    """Without a trailing slash: `https://api.openai.com/v1`."""

    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    """Patience for its next bytes, 5 to 120 seconds."""

    extra_params: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    """JSON that goes with every request, such as `model` and `response_format`."""


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """Which voice of which engine speaks, and how."""

    engine: str
    voice: str
    options: SpeechOptions = SpeechOptions()
    server: RemoteServer | None = None
    """Where the engine is, for engines that are servers of their users."""


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
class Cloning:
    """What a clip must be to become a voice of an engine."""

    min_clip_s: float
    max_clip_s: float
    max_clip_bytes: int
    formats: tuple[str, ...]
    """Endings of the files that are taken, without the dot."""

    languages: tuple[str, ...]
    """BCP 47 tags of what can be read with such a voice."""


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
    """Empty: the first voice that is listed."""

    version: str = ""
    """Changes when the same text would sound differently; part of what recordings are known by."""

    parameters: tuple[str, ...] = ("speed",)
    """The fields of `SpeechOptions` that it follows."""

    needs_server: bool = False
    """True when it speaks only with a `RemoteServer`, which alone knows its voices."""

    cloning: Cloning | None = None
    """For engines that can speak in a voice from a clip; None for the others."""


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


def deleted_voice(allowed: Sequence[str] | None = None) -> UnknownVoiceError:
    """Return how to refuse a voice that a user made, and that is not there for them any more.

    Args:
        allowed: The voices that there are instead.
    """
    return UnknownVoiceError(
        "The voice that was to read this has been deleted. Choose another one under “Voice” in "
        "the settings.",
        param="voice",
        allowed=allowed,
    )
