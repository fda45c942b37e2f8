"""When to wait for a whole sentence and when to speak what is there: pure functions of time."""

from dataclasses import dataclass

from rhapsode.text.cuts import MIN_CLAUSE_CHARS, Urgency
from rhapsode.tts.pace import Pace

MARGIN_S = 0.25
"""Safety beyond an engine's first-chunk time: network, decoding, a busy machine."""

RELAXED_S = 4.0
"""With this much sound waiting, joining short sentences costs the listener nothing."""

COUNTED_ON = 0.5
"""How much of an engine's first sound is counted on: it is not always as long."""

MOST_SUSTAINING_S = 8.0
"""An engine that cannot keep up is asked for fragments no longer than this."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How the next fragment is cut; see `SentenceBuffer.take`."""

    urgency: Urgency
    min_chars: int
    wait: bool


@dataclass(frozen=True, slots=True)
class CutPolicy:
    """Decides by what the engine needs and by the sound that is still to be heard."""

    pace: Pace
    alone: bool
    """True for an engine that speaks one sentence at a time: nothing hides what the next one takes
    to its first sound, so every fragment has to sound long enough to pay for it."""

    min_sentence_chars: int
    """Shorter sentences are joined while that costs nothing."""

    def cut(self, lead_s: float, chars_per_s: float, *, begun: bool) -> Cut:
        """Return how much text the next fragment needs.

        A listener who would run dry before a sentence's first sound could arrive gets a clause;
        one who is about to, or has nothing yet, gets words.

        Args:
            lead_s: Sound that is still to be heard.
            chars_per_s: The pace of speech.
            begun: Whether anything was spoken yet: before that, waiting makes no gap.
        """
        urgency = self._urgency(lead_s)
        sustaining = max(1, round(self._sustaining_s() * chars_per_s))
        if urgency is Urgency.RELAXED:
            return Cut(urgency, max(self.min_sentence_chars, sustaining), wait=True)
        if begun:
            return Cut(urgency, sustaining, wait=False)
        return Cut(urgency, max(MIN_CLAUSE_CHARS, sustaining), wait=True)

    def patience_s(self, lead_s: float) -> float | None:
        """Return the time after which the urgency may have risen; None when it cannot rise."""
        for threshold in (RELAXED_S, MARGIN_S, MARGIN_S / 2):
            left = lead_s - self._first_chunk_s - threshold
            if left >= 0:
                return left + 0.005
        return None

    @property
    def _first_chunk_s(self) -> float:
        return self.pace.first_chunk_s or 0.0

    def _urgency(self, lead_s: float) -> Urgency:
        if lead_s < self._first_chunk_s + MARGIN_S / 2:
            return Urgency.WORD
        if lead_s < self._first_chunk_s + MARGIN_S:
            return Urgency.CLAUSE
        if lead_s < self._first_chunk_s + RELAXED_S:
            return Urgency.SENTENCE
        return Urgency.RELAXED

    def _sustaining_s(self) -> float:
        """Return how long a fragment must sound for the next one to be there when it ends."""
        if not self.alone:
            return 0.0
        rtf = self.pace.streaming_rtf or 0.0
        # While the first sound is heard, the engine is at work on the rest.
        owed_s = max(0.0, self._first_chunk_s - COUNTED_ON * rtf * (self.pace.first_sound_s or 0.0))
        gained_per_s = 1 - rtf
        if gained_per_s * MOST_SUSTAINING_S <= owed_s:
            return MOST_SUSTAINING_S
        return owed_s / gained_per_s
