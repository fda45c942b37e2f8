"""When to wait for a whole sentence and when to speak what is there: pure functions of time."""

from dataclasses import dataclass

from rhapsode.text.sentences import Urgency

MARGIN_S = 0.25
"""Safety beyond an engine's first-chunk time: network, decoding, a busy machine."""

RELAXED_S = 4.0
"""With this much sound waiting, joining short sentences costs the listener nothing."""


@dataclass(frozen=True, slots=True)
class CutPolicy:
    """How urgent the next fragment is, by the sound that is still to be heard."""

    first_chunk_s: float
    """What the engine takes from a request to its first sound."""

    def urgency(self, lead_s: float) -> Urgency:
        """Return how much text may be waited for.

        A listener who would run dry before a sentence's first sound could arrive gets a clause;
        one who is about to, or has nothing yet, gets words.
        """
        if lead_s < self.first_chunk_s + MARGIN_S / 2:
            return Urgency.WORD
        if lead_s < self.first_chunk_s + MARGIN_S:
            return Urgency.CLAUSE
        if lead_s < self.first_chunk_s + RELAXED_S:
            return Urgency.SENTENCE
        return Urgency.RELAXED

    def patience_s(self, lead_s: float) -> float | None:
        """Return the time after which the urgency may have risen; None when it cannot rise."""
        for threshold in (RELAXED_S, MARGIN_S, MARGIN_S / 2):
            left = lead_s - self.first_chunk_s - threshold
            if left >= 0:
                return left + 0.005
        return None
