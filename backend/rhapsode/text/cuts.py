"""Where a sentence may be cut that has not ended: at a clause, else between words."""

import re
import unicodedata
from enum import IntEnum

MIN_CLAUSE_CHARS = 10
"""A shorter clause, "Well,", is not worth a call of the engine."""

FORCED_WORDS = 6
"""So many words are cut off for a listener who has nothing to hear, if no clause ends before."""

_FEWEST_WORDS = 4
"""So many at least, where the last ones should stay with what follows."""

_CLAUSE = re.compile(
    r"[,;:—–、，；：،؛][\"'”’»)\]*_]*(?=\s)"
    r"|[—–、，；：](?=\S)"
    # A pause: among ideographs it does not end a sentence by itself.
    r"|[…⋯]+(?=[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])"
)
_WORD_GAP = re.compile(r"(?<=\S)\s+(?=\S)")
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")

_LEADING = (
    "a an the and or but of to in on at by for from with into as than that this his her its my "
    "your our their is was are were had has have be not no very so der die das ein eine und oder "
    "von zu mit für im am le la les un une de des du et à en el los las y o il lo gli e di da con"
)
_BELONGS_TO_THE_NEXT_WORD = frozenset(_LEADING.split())


class Urgency(IntEnum):
    """How little text the listener can wait for."""

    RELAXED = 0
    """Plenty of sound is waiting: short sentences may be joined."""

    SENTENCE = 1
    CLAUSE = 2
    WORD = 3
    """Nothing is waiting: a clause, or the first six words."""


def early_cut(text: str, start: int, at_least: int, limit: int, urgency: Urgency) -> int | None:
    """Return where a sentence that is still being written may be cut for a listener in a hurry.

    Args:
        text: All there is.
        start: Where the sentence begins.
        at_least: No cut before this offset.
        limit: Nor behind this one.
        urgency: Whether a clause will do, or some words.
    """
    if urgency < Urgency.CLAUSE:
        return None
    for clause in _CLAUSE.finditer(text, start, min(len(text), limit + 1)):
        if clause.end() >= max(at_least, start + MIN_CLAUSE_CHARS):
            return clause.end()
    return _forced_cut(text, start, at_least, limit) if urgency is Urgency.WORD else None


def _forced_cut(text: str, start: int, at_least: int, limit: int) -> int | None:
    gaps = [gap.start() for gap in _WORD_GAP.finditer(text, start, limit)]
    if len(gaps) < FORCED_WORDS:
        return None
    wanted = range(_FEWEST_WORDS - 1, FORCED_WORDS)
    natural = [gaps[i] for i in wanted if gaps[i] >= at_least and _is_natural(text, start, gaps[i])]
    if natural:
        return natural[-1]
    return next((gap for gap in gaps[FORCED_WORDS - 1 :] if gap >= at_least), None)


def _is_natural(text: str, start: int, gap: int) -> bool:
    """Tell whether a voice may pause there: not between "the" and its noun, nor inside a link."""
    if text.rfind("[", start, gap) > text.rfind("]", start, gap):
        return False
    word = _LAST_WORD.search(text, start, gap)
    return word is None or word[0].lower() not in _BELONGS_TO_THE_NEXT_WORD


def last_cut(text: str, start: int, limit: int) -> int:
    """Return where to cut an over-long sentence: at its last clause, else word, else anywhere.

    Anywhere is still between what a reader sees as characters.
    """
    clauses = [
        match.end()
        for match in _CLAUSE.finditer(text, start, limit)
        if match.end() - start > (limit - start) // 3
    ]
    if clauses:
        return clauses[-1]
    gaps = [match.start() for match in _WORD_GAP.finditer(text, start, limit)]
    return gaps[-1] if gaps else _between_characters(text, start, limit)


def _between_characters(text: str, start: int, limit: int) -> int:
    position = limit
    while position > start and _is_joined(text, position):
        position -= 1
    return position if position > start else limit


def _is_joined(text: str, position: int) -> bool:
    """Tell whether the characters before and at `position` are seen as one."""
    if position >= len(text):
        return False
    before, after = text[position - 1], text[position]
    return (
        unicodedata.category(after) in {"Mn", "Mc", "Me"}
        or after == "\u200d"
        or before == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")
    )
