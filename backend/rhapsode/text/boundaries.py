"""Where a sentence ends: pure rules over a string, deciding with the next token at most.

`find_end` answers one of three things about a stretch of text: here a sentence ends, no sentence
ends in it, or "not known before more text arrives". A streaming caller asks again when it has
more; since an answer never changes once given, the sentences do not depend on how the text was cut
on its way here.
"""

import re
from dataclasses import dataclass

_CLOSERS = "\"'”’»›)]}*_」』）】》〉"
_OPENERS = "\"'“‘«‹([{*_「『（【《〈¿¡—–-"

# A run of terminators that need white space after them, or terminators of scripts that write
# without any.
_SPACED = ".!?…؟۔"
_UNSPACED = "。！？｡．।॥"
_CANDIDATE = re.compile(
    rf"[{_SPACED}]+[{re.escape(_CLOSERS)}]*|[{_UNSPACED}！？]+[{re.escape(_CLOSERS)}]*|\n"
)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Never the end of a sentence: a name, a number or a noun follows.
_TITLES = _set(
    "mr mrs ms mx dr prof st sr jr rev hon gen col maj capt cpt lt sgt cmdr adm gov sen rep "
    "pres supt insp messrs mme mlle hr fr frl herr dipl ing sra srta dña sig mons vol no "
    "nos fig figs pp p ch chap sec art op cit ed eds trans ibid cf vs viz approx ca bzw ggf "
    "usw vgl bspw resp mt ft"
)
# The end only when what follows does not go on in lower case or with a figure.
_SOMETIMES = _set(
    "etc inc ltd co corp bros a.m p.m am pm e.g i.e u.s u.k u.n d.c ph.d b.c a.d z.b d.h "
    "u.a jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun ave "
    "blvd rd est al"
)
_ALWAYS_INSIDE = frozenset({"e.g", "i.e", "z.b", "d.h"})
_WORD_BEFORE = re.compile(r"[^\s\"'“”‘’«»()\[\]{}*_—–]+$")
_LIST_MARK = re.compile(r"(?:^|\n)[ \t]*(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})$")


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
        end = match.end()
        if match[0] == "\n":
            verdict = _line_ends(text, start, match.start(), complete=complete)
            end = match.start()
        elif match[0][0] in _UNSPACED:
            verdict = True if complete or end < len(text) else None
        else:
            verdict = _stop_ends(text, start, match, complete=complete)
        if verdict is None:
            return UNDECIDED
        if verdict:
            return Boundary(end)
    return None


def _line_ends(text: str, start: int, newline: int, *, complete: bool) -> bool | None:
    """Tell whether a line break ends the sentence: a hard-wrapped line goes on in lower case."""
    if not text[start:newline].strip():
        return False
    rest = text[newline + 1 :].lstrip(" \t")
    if not rest:
        return True if complete else None
    return not rest[0].islower()


def _stop_ends(text: str, start: int, match: re.Match[str], *, complete: bool) -> bool | None:
    """Tell whether a terminator that wants white space after it ends the sentence."""
    end = match.end()
    if end == len(text):
        return True if complete else None
    if not text[end].isspace():
        # "3.14", "example.com", "Wait!—": the mark stands inside. A dash after a closing mark
        # starts anew.
        return False
    following = _first_after_space(text, end)
    marks = match[0].rstrip(_CLOSERS)
    closed = len(marks) < len(match[0])
    if marks == ".":
        return _full_stop_ends(
            text[start : match.start()], following, closed=closed, complete=complete
        )
    if closed or marks[0] in ".…":
        # `"Run!" she said.` and `He waited... and waited.` go on in lower case.
        return _unless_lower(following, complete=complete)
    return True


def _full_stop_ends(before: str, following: str, *, closed: bool, complete: bool) -> bool | None:
    word_match = _WORD_BEFORE.search(before)
    word = word_match[0] if word_match else ""
    bare = word.lower()
    if _LIST_MARK.search(before) and before.strip() == word:
        return False
    if bare in _TITLES and not closed:
        return _unless_figure_word(bare, word, following, complete=complete)
    if bare in _ALWAYS_INSIDE:
        return False
    if len(word) == 1 and word.isupper() and word != "I":
        return False
    if bare in _SOMETIMES or "." in word:
        return _unless_continued(following, complete=complete)
    if closed:
        return _unless_lower(following, complete=complete)
    return True


# Titles that are also everyday words end a sentence unless a figure follows: "He said no. Then ..."
_EVERYDAY = frozenset(
    {
        "no",
        "art",
        "fig",
        "ch",
        "op",
        "ed",
        "trans",
        "ing",
        "sig",
        "hon",
        "gen",
        "col",
        "p",
        "ca",
        "mt",
        "ft",
    }
)


def _unless_figure_word(bare: str, word: str, following: str, *, complete: bool) -> bool | None:
    if bare not in _EVERYDAY or word[:1].isupper():
        return False
    if not following:
        return True if complete else None
    return not following.isdigit()


def _unless_continued(following: str, *, complete: bool) -> bool | None:
    if not following:
        return True if complete else None
    return not (following.islower() or following.isdigit())


def _unless_lower(following: str, *, complete: bool) -> bool | None:
    if not following:
        return True if complete else None
    return not following.islower()


def _first_after_space(text: str, end: int) -> str:
    """Return the first letter or figure after white space and opening marks, "" if not here yet.

    A line break counts as a capital: whatever stands before it does not go on.
    """
    position = end
    while position < len(text):
        char = text[position]
        if char == "\n":
            return "\n"
        if not char.isspace() and char not in _OPENERS:
            return char
        position += 1
    return ""
