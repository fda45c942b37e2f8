"""Where a sentence ends: pure rules over a string, deciding with the next token nearly always.

`find_end` answers one of three things about a stretch of text: here a sentence ends, no sentence
ends in it, or "not known before more text arrives". A streaming caller asks again when it has
more; since an answer never changes once given, the sentences do not depend on how the text was cut
on its way here. That is why a rule never looks at a word that may still grow.
"""

import re
from dataclasses import dataclass

from rhapsode.text.full_stops import full_stop_ends
from rhapsode.text.surroundings import CLOSERS, OPENERS, SPACED, NeedsMoreText, Surroundings

_CJK_CLOSERS = "」』）】》〉”’\"'*_)"
_UNSPACED = "。！？｡।॥።᠃"
# The question mark of Greek looks like a semicolon.
_GREEK_QUESTION = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]\Z")
# German closes with the marks that English opens with; behind one that closes they open.
_CLOSED = rf"(?:[{re.escape(CLOSERS)}](?<![”’][“‘]))*"
_CANDIDATE = re.compile(
    rf"(?:\.(?: \.)+|[{SPACED}]+){_CLOSED}"
    rf"|[{_UNSPACED}]+[{re.escape(_CJK_CLOSERS)}]*"
    rf"|[;\u037e]{_CLOSED}"
    rf"|\n"
)
_IDEOGRAPH_OR_QUOTATION = re.compile(r"[「『“\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_JAPANESE_GOES_ON = ("と", "っ", "、", "，", ",")
_FRENCH_CLOSER = re.compile(r"[ \u00a0\u202f]+»")

LONGEST_QUOTATION = 2000
"""An opening guillemet further back is not looked for."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a sentence ends."""

    end: int
    """One past its last character, terminators and closing marks included."""


class Undecided:
    """More text is needed to tell."""


UNDECIDED = Undecided()


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
            end = _end_of(Surroundings(text, start, match, complete=complete))
        except NeedsMoreText:
            return UNDECIDED
        if end is not None:
            return Boundary(end)
    return None


def _end_of(place: Surroundings) -> int | None:
    """Return one past the sentence's last character; None when it goes on."""
    first = place.mark[0]
    if first == "\n":
        return place.begin if _line_ends(place) else None
    if first in _UNSPACED:
        return place.end if _unspaced_ends(place) else None
    if first in ";\u037e":
        return place.end if _greek_ends(place) else None
    return place.end if _spaced_ends(place) else None


def _line_ends(place: Surroundings) -> bool:
    return bool(place.before.strip()) and not place.line_is_wrapped()


def _unspaced_ends(place: Surroundings) -> bool:
    char = place.char(place.end)
    if place.mark[-1] in _CJK_CLOSERS and char:
        return not char.startswith(_JAPANESE_GOES_ON)
    return True


def _spaced_ends_unspaced(place: Surroundings, following: str) -> bool:
    """Judge a terminator that wants white space, where there is none.

    "3.14", "example.com", "Wait!—": it stands inside, but among ideographs, which have no white
    space between them. There an ellipsis, "我……我不知道", is a pause; it ends the words of somebody
    who breaks off, and whose words are not part of another's sentence.
    """
    if not _IDEOGRAPH_OR_QUOTATION.match(following):
        return False
    if place.is_closed and following.startswith(_JAPANESE_GOES_ON):
        return False
    return place.mark[0] in "!?" or (place.is_closed and place.text[place.start] in OPENERS)


def _greek_ends(place: Surroundings) -> bool:
    if not _GREEK_QUESTION.search(place.before[-1:]):
        return False
    char = place.char(place.end)
    return not char or (char.isspace() and not place.goes_on())


def _spaced_ends(place: Surroundings) -> bool:
    """Judge a terminator that wants white space after it."""
    char = place.char(place.end)
    if char and not char.isspace():
        return _spaced_ends_unspaced(place, char)
    if closer := _french_closer(place):
        place.end = closer
    marks = place.mark.rstrip(CLOSERS)
    if marks == "." and not place.is_closed:
        return full_stop_ends(place)
    return not place.goes_on()


def _french_closer(place: Surroundings) -> int | None:
    """Return the end of a guillemet that closes behind a space; one that opens has none."""
    text, begin = place.text, place.begin
    looked_from = max(0, begin - LONGEST_QUOTATION)
    if text.rfind("«", looked_from, begin) <= text.rfind("»", looked_from, begin):
        return None
    match = _FRENCH_CLOSER.match(place.text, place.end)
    if match is None:
        place.char(place.end + 1)
        return None
    following = place.char(match.end())
    return match.end() if not following or following in " \u00a0\u202f\n,.;:!?)" else None
