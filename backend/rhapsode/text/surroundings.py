"""Surroundings: a mark in a text that is still being written, and what stands around it."""

import re

from rhapsode.text.abbreviations import STARTERS

CLOSERS = "\"'”’»›)]}*_“‘」』）】》〉"
OPENERS = "\"'“‘„‚«»‹›([{*_「『（【《〈¿¡"
DASHES = "—–-"
SPACED = ".!?…⋯؟۔‽"
"""Terminators that need white space after them, unless no white space is written at all."""

_FAR = 100
_NEXT_WORD = re.compile(r"[\w’']+")


class NeedsMoreText(Exception):
    """A rule came to the end of what is written."""


class Surroundings:
    """A mark that may end a sentence. Asking for what is not written yet raises `NeedsMoreText`."""

    def __init__(self, text: str, start: int, match: re.Match[str], *, complete: bool) -> None:
        """Look at a mark.

        Args:
            text: All the text there is.
            start: Where its sentence begins.
            match: The mark, with the closing marks right behind it.
            complete: True when no more text will come.
        """
        self.text = text
        self.start = start
        self.begin = match.start()
        self.end = match.end()
        self.mark = match[0]
        self._complete = complete
        self._horizon = match.end() + _FAR
        """Nobody looks further: what stands behind so much white space is another matter."""

    @property
    def before(self) -> str:
        """The sentence up to the mark."""
        return self.text[self.start : self.begin]

    @property
    def is_closed(self) -> bool:
        """Whether a quotation or a bracket is closed behind the mark."""
        return self.mark[-1] in CLOSERS

    def char(self, position: int) -> str:
        """Return the character there, "" behind the end of the whole text."""
        if position < len(self.text):
            return self.text[position]
        if self._complete:
            return ""
        raise NeedsMoreText

    def next_start(self) -> int:
        """Return where the next word or line begins, behind white space and opening marks."""
        position = self.end
        while (char := self.char(position)) and char != "\n" and position < self._horizon:
            if not char.isspace() and char not in OPENERS and char not in DASHES:
                break
            position += 1
        return position

    def goes_on(self) -> bool:
        """Tell whether what follows belongs to the sentence by its looks: a lower-case word does.

        Not in a text that knows no capitals, and not for names such as iPhone.
        """
        if self._something_opens():
            return False
        position = self.next_start()
        first = self.char(position)
        if first and first in SPACED and not self.char(position + 1).isspace():
            return True
        if not first.islower() or self.text[self.start].islower():
            return False
        return self.next_word() == self.next_word().lower()

    def _something_opens(self) -> bool:
        """Tell whether a quotation or the like begins: only a dash may go on with a sentence."""
        position = self.end
        while (char := self.char(position)).isspace() and char != "\n":
            if position >= self._horizon:
                return False
            position += 1
        return char != "" and char in OPENERS

    def next_word(self) -> str:
        """Return the whole next word, "" when none follows on this line."""
        match = _NEXT_WORD.match(self.text, self.next_start(), self._horizon)
        if match is None:
            return ""
        if match.end() < self._horizon:
            self.char(match.end())
        return match[0]

    def starter_follows(self) -> bool:
        """Tell whether a word follows that begins many sentences and no names, or none at all."""
        word = self.next_word()
        if not word:
            return True
        is_initial = len(word) == 1 and self.text[self.next_start() + 1 :][:1] == "."
        return word[0].isupper() and word.lower() in STARTERS and not is_initial

    def line_is_wrapped(self) -> bool:
        """Tell whether the text goes on in lower case behind a line break."""
        position = self.end
        while (char := self.char(position)) and char in " \t" and position < self._horizon:
            position += 1
        return char.islower() and not self.text[self.start].islower()
