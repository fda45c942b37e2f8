"""Listener: how far somebody has heard. Whoever knows writes it; the river reads it."""

import math
from collections.abc import Callable
from time import monotonic

from rhapsode.audio.chunk import SAMPLE_RATE


class Listener:
    """The one place where a narration learns about the ear at its end.

    Times are absolute samples on the narration's timeline.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._heard: int | None = None
        self._heard_at = 0.0
        self._first_sound_at: float | None = None
        self._on_skip: Callable[[int], None] | None = None
        self.skip_to = 0
        """Sentences before this one are not wanted any more."""
        self.underruns = 0
        """How often the sound ran out, by the listener's own count."""

    def hear(self, sample: int) -> None:
        """Note that the sound before `sample` has been heard; going backwards is fine."""
        self._heard = sample
        self._heard_at = self._clock()

    def sound_begins(self) -> None:
        """Note that sound was given out: where nobody reports, playing is taken to begin now."""
        if self._first_sound_at is None:
            self._first_sound_at = self._clock()

    def lead_s(self, end: int) -> float:
        """Return how many seconds of sound, up to sample `end`, are still to be heard."""
        return max(0, end - self._position(end)) / SAMPLE_RATE

    def skip(self, to_sentence: int) -> None:
        """Say that sentences before `to_sentence` are not wanted any more."""
        self.skip_to = max(self.skip_to, to_sentence)
        if self._on_skip:
            self._on_skip(self.skip_to)

    def on_skip(self, react: Callable[[int], None]) -> None:
        """Call `react` at each skip; one listener has one narration."""
        self._on_skip = react

    def _position(self, end: int) -> int:
        if self._heard is not None:
            # Reports come four times a second while playing and stop in a pause: the time since
            # the last one counts for no more than that.
            since = min(self._clock() - self._heard_at, 0.25)
            return min(end, self._heard + round(since * SAMPLE_RATE))
        if self._first_sound_at is None:
            return 0
        return min(end, round((self._clock() - self._first_sound_at) * SAMPLE_RATE))


class PatientListener(Listener):
    """Somebody who is never in a hurry: sentences are cut by their text alone, not by the clock."""

    def lead_s(self, end: int) -> float:
        """Return that all the sound there will ever be is waiting already."""
        return math.inf
