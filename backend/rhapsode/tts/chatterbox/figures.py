"""How the engine is doing. Pure."""

from dataclasses import dataclass

_SMOOTHING = 0.2


@dataclass(frozen=True, slots=True)
class Figures:
    """How the engine is doing."""

    first_chunk_s: float
    """Smoothed time from a request to its first sound; 0.0 before any."""

    rtf: float
    """Smoothed seconds of waiting per second of sound; 0.0 before any."""

    running: int
    waiting: int


@dataclass(slots=True)
class Smoothed:
    """A figure that follows its latest values slowly; 0.0 before any."""

    value: float = 0.0

    def follow(self, newest: float) -> None:
        """Take the next value, above 0."""
        self.value += (_SMOOTHING if self.value else 1.0) * (newest - self.value)
