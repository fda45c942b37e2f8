"""SentenceBuffer: text deltas in, sentences out, or less when the listener cannot wait."""

import re
from dataclasses import dataclass
from enum import IntEnum

from rhapsode.text.boundaries import Boundary, Undecided, find_end

MAX_CHARS = 280
"""A longer sentence is given out in pieces: speech models garble beyond about 300 characters.

The default; whoever knows their engine may choose another length."""

MIN_CLAUSE_CHARS = 10
FORCED_WORDS = 6

_CLAUSE = re.compile(r"[,;:—–、，；：،؛][\"'”’»)\]*_]*(?=\s)|[—–、，；：](?=\S)")
_WORD_GAP = re.compile(r"(?<=\S)\s+(?=\S)")
_FORGET_AFTER = 8192


class Urgency(IntEnum):
    """How little text the listener can wait for."""

    RELAXED = 0
    """Plenty of sound is waiting: short sentences may be joined."""

    SENTENCE = 1
    CLAUSE = 2
    WORD = 3
    """Nothing is waiting: a clause, or the first six words."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of text for one call of an engine: a sentence, a few, or a part of one."""

    text: str
    """The displayed text from `char_start` to `char_end`, with no white space at its ends."""

    char_start: int
    char_end: int
    begins_sentence: bool
    ends_sentence: bool


class SentenceBuffer:
    """Collects text and gives it out piece by piece. No I/O, no clock.

    White space between sentences is never part of a fragment; apart from it the fragments, joined,
    are the text.
    """

    def __init__(self, max_chars: int = MAX_CHARS) -> None:
        """Give out fragments of at most `max_chars` characters."""
        self._max_chars = max_chars
        self._text = ""
        self._offset = 0
        """Characters forgotten before `_text`."""
        self._at = 0
        """Where the next fragment begins in `_text`."""
        self._inside = False
        """True after a fragment that did not end its sentence."""
        self._complete = False

    @property
    def exhausted(self) -> bool:
        """True when the text has ended and every fragment was taken."""
        return self._complete and self._skip_space() >= len(self._text)

    def push(self, delta: str) -> None:
        """Add text of any length."""
        if self._at > _FORGET_AFTER:
            self._offset += self._at
            self._text = self._text[self._at :]
            self._at = 0
        self._text += delta

    def close(self) -> None:
        """Say that no more text will come."""
        self._complete = True
        self._text = self._text.rstrip()

    def take(self, urgency: Urgency = Urgency.SENTENCE, min_chars: int = 1) -> Fragment | None:
        """Return the next fragment, or None when more text is needed.

        Args:
            urgency: How much of a sentence must be there.
            min_chars: When relaxed, shorter sentences are joined with the next one.
        """
        start = self._skip_space()
        if start >= len(self._text):
            return None
        end = self._find_end(start)
        if isinstance(end, Boundary):
            return self._sentence(start, end.end, urgency, min_chars)
        if self._complete:
            return self._bounded(start, len(self._text))
        if len(self._text) - start > self._max_chars:
            return self._part(start, _best_cut(self._text, start, start + self._max_chars))
        cut = _early_cut(self._text, start, urgency)
        return self._part(start, cut) if cut else None

    def _find_end(self, start: int) -> Boundary | Undecided | None:
        # A bounded look: a text of megabytes without an end costs no more per fragment than a
        # short one.
        return find_end(self._text, start, start + self._max_chars + 1, complete=self._complete)

    def _skip_space(self) -> int:
        self._at = _skip_space(self._text, self._at)
        return self._at

    def _sentence(self, start: int, end: int, urgency: Urgency, min_chars: int) -> Fragment | None:
        if urgency is Urgency.RELAXED and not self._inside:
            joined = self._join(start, end, min_chars)
            if joined is None:
                return None
            end = joined
        return self._bounded(start, end)

    def _join(self, start: int, end: int, min_chars: int) -> int | None:
        """Return the end of the sentences that make `min_chars`; None when not yet written."""
        while end - start < min_chars:
            following = _skip_space(self._text, end)
            if "\n\n" in self._text[end:following]:
                return end
            if following == len(self._text):
                return end if self._complete else None
            boundary = self._find_end(following)
            if not isinstance(boundary, Boundary):
                if not self._complete:
                    return None
                # What ends without a mark ends where the text does.
                boundary = Boundary(len(self._text))
            if boundary.end - start > self._max_chars:
                return end
            end = boundary.end
        return end

    def _bounded(self, start: int, end: int) -> Fragment:
        """Give out a whole sentence, or the first part of one that is too long."""
        if end - start > self._max_chars:
            return self._part(start, _best_cut(self._text, start, start + self._max_chars))
        return self._give(start, end, ends=True)

    def _part(self, start: int, end: int) -> Fragment:
        return self._give(start, end, ends=False)

    def _give(self, start: int, end: int, *, ends: bool) -> Fragment:
        text = self._text[start:end].rstrip()
        fragment = Fragment(
            text=text,
            char_start=self._offset + start,
            char_end=self._offset + start + len(text),
            begins_sentence=not self._inside,
            ends_sentence=ends,
        )
        self._at = end
        self._inside = not ends
        return fragment


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _early_cut(text: str, start: int, urgency: Urgency) -> int | None:
    """Return where a sentence that is still being written may be cut for a listener in a hurry."""
    if urgency < Urgency.CLAUSE:
        return None
    for clause in _CLAUSE.finditer(text, start):
        if clause.end() - start >= MIN_CLAUSE_CHARS:
            return clause.end()
    if urgency is Urgency.WORD:
        gaps = [
            gap.start()
            for gap, _ in zip(_WORD_GAP.finditer(text, start), range(FORCED_WORDS), strict=False)
        ]
        return gaps[-1] if len(gaps) == FORCED_WORDS else None
    return None


def _best_cut(text: str, start: int, limit: int) -> int:
    """Return where to cut an over-long sentence: at its last clause, else word, else anywhere."""
    clauses = [
        match.end()
        for match in _CLAUSE.finditer(text, start, limit)
        if match.end() - start > (limit - start) // 3
    ]
    if clauses:
        return clauses[-1]
    gaps = [match.start() for match in _WORD_GAP.finditer(text, start, limit)]
    return gaps[-1] if gaps else limit
