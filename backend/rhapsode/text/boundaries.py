"""Where a sentence ends: pure rules over a string, deciding with the next token nearly always.

`find_end` answers one of three things about a stretch of text: here a sentence ends, no sentence
ends in it, or "not known before more text arrives". A streaming caller asks again when it has
more; since an answer never changes once given, the sentences do not depend on how the text was cut
on its way here. That is why a rule never looks at a word that may still grow.
"""

import re
from dataclasses import dataclass

from rhapsode.text.abbreviations import (
    AFTER_TIME_OF_DAY,
    BEFORE_NAME,
    BEFORE_NAME_IF_CAPITAL,
    BEFORE_NUMBER,
    BEFORE_SINGLE_LETTER,
    GERMAN_BEFORE_ORDINAL,
    INSIDE,
    PERHAPS,
    SOMETIMES,
    SOMETIMES_IF_CAPITAL,
    STARTERS,
    STREET,
    TIMES_OF_DAY,
)

_CLOSERS = "\"'”’»›)]}*_“‘"
_CJK_CLOSERS = "」』）】》〉”’\"'*_)"
_OPENERS = "\"'“‘„‚«»‹›([{*_「『（【《〈¿¡"
_DASHES = "—–-"

# A run of terminators that need white space after them, terminators of scripts that write without
# any, and what ends a sentence in Greek only: its question mark looks like a semicolon.
_SPACED = ".!?…؟۔‽"
_UNSPACED = "。！？｡।॥։።᠃"
_GREEK_QUESTION = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]\Z")
_CANDIDATE = re.compile(
    rf"(?:\.(?: \.)+|[{_SPACED}]+)[{re.escape(_CLOSERS)}]*"
    rf"|[{_UNSPACED}]+[{re.escape(_CJK_CLOSERS)}]*"
    rf"|…+[」』）】》〉]+"
    rf"|[;\u037e][{re.escape(_CLOSERS)}]*"
    rf"|\n"
)
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_JAPANESE_GOES_ON = ("と", "っ", "、", "，", ",")
_FRENCH_CLOSER = re.compile(r"[ \u00a0\u202f]+»")

LONGEST_QUOTATION = 2000
"""An opening guillemet further back is not looked for."""

_FAR = 100

_WORD_BEFORE = re.compile(r"[^\s\"'“”‘’«»„()\[\]{}*_—–/]+$")
_WORD_BEFORE_THAT = re.compile(r"([^\W\d_]+)\W+\S+$")
_NEXT_WORD = re.compile(r"[\w’']+")
_LIST_MARK = re.compile(r"\s*(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$")
_NUMBER_OR_ROMAN = re.compile(r"\d|[IVXLC]+\b")
_VOWELLESS = re.compile(r"[bcdfghjklmnpqrstvwxzбвгджзклмнпрстфхцчшщ]+")


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a sentence ends."""

    end: int
    """One past its last character, terminators and closing marks included."""


class Undecided:
    """More text is needed to tell."""


UNDECIDED = Undecided()


class _NeedsMoreText(Exception):
    """A rule came to the end of what is written."""


def find_end(text: str, start: int, limit: int, *, complete: bool) -> Boundary | Undecided | None:
    """Find the end of the sentence that begins at `start`.

    Args:
        text: All the text there is.
        start: Offset of the sentence's first character, which is not white space.
        limit: Terminators from here on are not looked at.
        complete: True when no more text will come.

    Returns:
        The boundary; `UNDECIDED` when a candidate depends on text that is not here yet; None when
        there is no candidate at all.
    """
    for match in _CANDIDATE.finditer(text, start, limit):
        try:
            end = _Place(text, start, match, complete).end()
        except _NeedsMoreText:
            return UNDECIDED
        if end is not None:
            return Boundary(end)
    return None


class _Place:
    """A mark that may end a sentence, with what stands before and behind it."""

    def __init__(self, text: str, start: int, match: re.Match[str], complete: bool) -> None:
        self._text = text
        self._start = start
        self._complete = complete
        self._begin = match.start()
        self._end = match.end()
        self._mark = match[0]
        self._horizon = match.end() + _FAR
        """Nobody looks further: what stands behind so much white space is another matter."""

    def end(self) -> int | None:
        """Return one past the sentence's last character; None when it goes on.

        Raises:
            _NeedsMoreText: What follows is not written yet.
        """
        first = self._mark[0]
        if first == "\n":
            return self._begin if self._line_ends() else None
        if first in _UNSPACED:
            return self._end if self._unspaced_ends() else None
        if first in ";\u037e":
            return self._end if self._greek_ends() else None
        return self._end if self._spaced_ends() else None

    # What stands behind.

    def _char(self, position: int) -> str:
        """Return the character there, "" behind the end of the whole text."""
        if position < len(self._text):
            return self._text[position]
        if self._complete:
            return ""
        raise _NeedsMoreText

    def _next_start(self) -> int:
        """Return where the next word or line begins, behind white space and opening marks."""
        position = self._end
        while (char := self._char(position)) and char != "\n" and position < self._horizon:
            if not char.isspace() and char not in _OPENERS and char not in _DASHES:
                break
            position += 1
        return position

    def _goes_on(self) -> bool:
        """Tell whether what follows belongs to the sentence by its looks: a lower-case word does.

        Not in a text that knows no capitals, and not for names such as iPhone.
        """
        if self._something_opens():
            return False
        position = self._next_start()
        first = self._char(position)
        if first and first in _SPACED and not self._char(position + 1).isspace():
            return True
        if not first.islower() or self._text[self._start].islower():
            return False
        return self._next_word() == self._next_word().lower()

    def _something_opens(self) -> bool:
        """Tell whether a quotation or the like begins: only a dash may go on with a sentence."""
        position = self._end
        while (char := self._char(position)).isspace() and char != "\n":
            if position >= self._horizon:
                return False
            position += 1
        return char != "" and char in _OPENERS

    def _next_word(self) -> str:
        """Return the whole next word, "" when none follows on this line."""
        match = _NEXT_WORD.match(self._text, self._next_start(), self._horizon)
        if match is None:
            return ""
        if match.end() < self._horizon:
            self._char(match.end())
        return match[0]

    def _starter_follows(self) -> bool:
        word = self._next_word()
        if not word:
            return True
        is_initial = len(word) == 1 and self._text[self._next_start() + 1 :][:1] == "."
        return word[0].isupper() and word.lower() in STARTERS and not is_initial

    # What stands before.

    @property
    def _before(self) -> str:
        return self._text[self._start : self._begin]

    @property
    def _is_closed(self) -> bool:
        return self._mark[-1] in _CLOSERS

    # The rules.

    def _line_ends(self) -> bool:
        """Tell whether a line break ends the sentence: a wrapped line goes on in lower case."""
        if not self._before.strip():
            return False
        position = self._end
        while (char := self._char(position)) and char in " \t" and position < self._horizon:
            position += 1
        return not char.islower() or self._text[self._start].islower()

    def _unspaced_ends(self) -> bool:
        char = self._char(self._end)
        if self._mark[-1] in _CJK_CLOSERS and char:
            return not char.startswith(_JAPANESE_GOES_ON)
        return True

    def _greek_ends(self) -> bool:
        if not _GREEK_QUESTION.search(self._before[-1:]):
            return False
        char = self._char(self._end)
        return not char or (char.isspace() and not self._goes_on())

    def _spaced_ends(self) -> bool:
        """Judge a terminator that wants white space after it."""
        char = self._char(self._end)
        if char and not char.isspace():
            # "3.14", "example.com", "Wait!—": the mark stands inside, but for ideographs, which
            # have no white space between them.
            return self._mark[0] in "!?" and _IDEOGRAPH.match(char) is not None
        if closer := self._french_closer():
            self._end = closer
        marks = self._mark.rstrip(_CLOSERS)
        if marks == "." and not self._is_closed:
            return self._full_stop_ends()
        return not self._goes_on()

    def _french_closer(self) -> int | None:
        """Return the end of a guillemet that closes behind a space; one that opens has none."""
        text, begin = self._text, self._begin
        looked_from = max(0, begin - LONGEST_QUOTATION)
        if text.rfind("«", looked_from, begin) <= text.rfind("»", looked_from, begin):
            return None
        match = _FRENCH_CLOSER.match(self._text, self._end)
        if match is None:
            self._char(self._end + 1)
            return None
        following = self._char(match.end())
        return match.end() if not following or following in " \u00a0\u202f\n,.;:!?)" else None

    def _full_stop_ends(self) -> bool:
        before = self._before
        match = _WORD_BEFORE.search(before)
        word = match[0] if match else ""
        if _LIST_MARK.fullmatch(before):
            return False
        if (verdict := self._after_abbreviation(word)) is not None:
            return verdict
        if word.isdigit() and self._is_ordinal(word):
            return False
        # A plain word ends its sentence whatever follows, so that nobody waits for it.
        return _is_plain(word) or not self._goes_on()

    def _after_abbreviation(self, word: str) -> bool | None:
        """Judge a stop after a known abbreviation or an initial; None after any other word."""
        bare = word.lower()
        is_capital = word[:1].isupper()
        is_other_word = len(word) > 1 and word.isalpha() and word.isupper()
        if bare in BEFORE_NAME or (bare in INSIDE and not is_other_word):
            return not self._char(self._next_start())
        if bare in BEFORE_NAME_IF_CAPITAL and is_capital:
            return self._street_ends() if bare in SOMETIMES else False
        if (bare in BEFORE_NUMBER or bare.endswith(STREET)) and self._number_follows():
            return False
        if bare in TIMES_OF_DAY:
            return not self._goes_on() and self._next_word().lower() not in AFTER_TIME_OF_DAY
        if len(word) == 1 and word.isalpha():
            return self._initial_ends(word)
        sometimes = bare in SOMETIMES or (is_capital and bare in SOMETIMES_IF_CAPITAL)
        if sometimes or _INITIALS.fullmatch(word):
            return self._starter_follows()
        return None

    def _street_ends(self) -> bool:
        """Judge "St.": a saint before a name, a street behind one."""
        behind_name = _WORD_BEFORE_THAT.search(self._before)
        return bool(behind_name and behind_name[1][0].isupper()) and self._starter_follows()

    def _number_follows(self) -> bool:
        position = self._next_start()
        self._char(position)
        match = _NUMBER_OR_ROMAN.match(self._text, position)
        if match and match[0].isalpha():
            # "vol. II", but not "No. I would not."
            return len(self._next_word()) > 1 and self._next_word().isupper()
        return match is not None

    def _initial_ends(self, letter: str) -> bool:
        if letter.islower():
            # A unit behind a figure, "17 h.", ends sentences; the "z." of "z. B." does not.
            is_unit = self._before[:-1].rstrip()[-1:].isdigit()
            return not self._goes_on() and (is_unit or self._starter_follows())
        behind = _WORD_BEFORE_THAT.search(self._before)
        if letter == "I" or (behind and behind[1].lower() in BEFORE_SINGLE_LETTER):
            return not self._goes_on()
        # Letters without case stand for names and titles as well: "د. أحمد".
        return self._starter_follows()

    def _is_ordinal(self, number: str) -> bool:
        """Tell whether "3." is a third: German writes so, before nouns with a capital."""
        behind = _WORD_BEFORE_THAT.search(self._before)
        if len(number) > 2 or behind is None or behind[1].lower() not in GERMAN_BEFORE_ORDINAL:
            return False
        return self._char(self._next_start()).isupper() and not self._starter_follows()


def _is_plain(word: str) -> bool:
    """Tell whether it can hardly be an abbreviation that no table knows."""
    bare = word.lower()
    return (
        word.isalpha()
        and not _VOWELLESS.fullmatch(bare)
        and not any(bare in table for table in (PERHAPS, BEFORE_NUMBER, BEFORE_NAME_IF_CAPITAL))
    )
