"""Pace: how fast an engine has been lately, as a whole and in each voice."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

MAX_VOICES = 64
"""Beyond these the voice that was unused longest is forgotten."""

_SMOOTHING = 0.3
"""Weight of the newest measurement: about the last five sentences count."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """How one sentence came, in seconds."""

    first_chunk_s: float
    """From its turn to its first sound."""

    work_s: float
    """From its turn to its last."""

    first_sound_s: float
    """How long what came first sounds."""

    sound_s: float
    """How long all of it sounds."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an engine has been lately; None before any measurement."""

    first_chunk_s: float | None = None
    """Seconds from a live sentence's turn to its first sound."""

    rtf: float | None = None
    """Real-time factor: seconds of work per second of sound."""

    streaming_rtf: float | None = None
    """The same without what comes before the first sound."""

    first_sound_s: float | None = None
    """How long the first sound of a sentence sounds that goes on."""

    def with_first_chunk(self, seconds: float) -> "Pace":
        """Return the pace after one more sentence took `seconds` to its first sound."""
        return replace(self, first_chunk_s=_smoothed(self.first_chunk_s, seconds))

    def with_speech(self, spoken: "Spoken") -> "Pace":
        """Return the pace after one more sentence."""
        paced = replace(self, rtf=_smoothed(self.rtf, spoken.work_s / spoken.sound_s))
        rest_s = spoken.sound_s - spoken.first_sound_s
        if rest_s <= 0:
            # All of it came at once: that says nothing of how the rest would have come.
            return paced
        rtf = (spoken.work_s - spoken.first_chunk_s) / rest_s
        return replace(
            paced,
            streaming_rtf=_smoothed(self.streaming_rtf, rtf),
            first_sound_s=_smoothed(self.first_sound_s, spoken.first_sound_s),
        )


class Paces:
    """What was measured of one engine: a voice that never spoke is taken for the average one."""

    def __init__(self) -> None:
        self._average = Pace()
        self._voices: dict[str, Pace] = {}

    def of(self, voice: str) -> Pace:
        """Return the pace of a voice, or the engine's where there is none yet."""
        pace = self._voices.get(voice, self._average)
        known = {name: value for name, value in asdict(pace).items() if value is not None}
        return replace(self._average, **known)

    def observe_first_chunk(self, voice: str, seconds: float) -> None:
        """Note how long a live sentence took to its first sound."""
        self._update(voice, lambda pace: pace.with_first_chunk(seconds))

    def observe_speech(self, voice: str, spoken: Spoken) -> None:
        """Note how a sentence came."""
        self._update(voice, lambda pace: pace.with_speech(spoken))

    def _update(self, voice: str, observe: Callable[[Pace], Pace]) -> None:
        self._average = observe(self._average)
        self._voices[voice] = observe(self._voices.pop(voice, Pace()))
        if len(self._voices) > MAX_VOICES:
            del self._voices[next(iter(self._voices))]


def _smoothed(before: float | None, newest: float) -> float:
    return newest if before is None else before + _SMOOTHING * (newest - before)
