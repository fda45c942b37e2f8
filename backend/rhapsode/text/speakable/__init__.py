"""speakable(): written text to text for an engine, with the way back to every character."""

from dataclasses import dataclass

from rhapsode.text.speakable.english import ENGLISH
from rhapsode.text.speakable.marks import MARKS, TIDY
from rhapsode.text.speakable.pronunciations import NO_PRONUNCIATIONS, Pronunciations
from rhapsode.text.speakable.spoken import Speakable, as_written

__all__ = ["AS_WRITTEN", "Diction", "Speakable", "speakable"]


@dataclass(frozen=True, slots=True)
class Diction:
    """How written text becomes words."""

    language: str = ""
    """BCP 47 tag of the language that is read; empty or `und` where nobody knows."""

    pronunciations: Pronunciations = NO_PRONUNCIATIONS
    """What somebody wants to be said their way."""

    @property
    def is_english(self) -> bool:
        """True when figures and abbreviations are to be read in English."""
        return self.language.partition("-")[0].lower() == "en"

    def within(self, text: str) -> "Diction":
        """Return the same without the pronunciations that make no difference to a text."""
        if not self.pronunciations.entries:
            return self
        unmarked = as_written(text).rewrite(MARKS).text
        return Diction(self.language, self.pronunciations.within(unmarked))


AS_WRITTEN = Diction()
"""For a voice whose language nobody knows."""


def speakable(text: str, diction: Diction = AS_WRITTEN) -> Speakable:
    """Turn displayed text into text to be spoken.

    Marks, addresses, emoji and control characters are left out or spoken as a reader would, in
    every language; figures, units and abbreviations are put into words in English. Everything else
    stays as it is. Takes linear time, and any text.

    Args:
        text: A sentence, or a part of one; rules look at nothing else.
        diction: How to read it.
    """
    spoken = as_written(text).rewrite(MARKS)
    spoken = spoken.rewrite(diction.pronunciations.rules())
    if diction.is_english:
        spoken = spoken.rewrite(ENGLISH)
    return spoken.rewrite(TIDY)
