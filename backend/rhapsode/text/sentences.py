"""SentenceBuffer: text deltas in, sentences out, or less when the listener cannot wait."""

from dataclasses import dataclass

from rhapsode.text.boundaries import LONGEST_QUOTATION, Boundary, Undecided, find_end
from rhapsode.text.cuts import Urgency, early_cut, last_cut

MAX_CHARS = 280
"""A longer sentence is given out in pieces: speech models garble beyond about 300 characters.

The default; whoever knows their engine may choose another length."""

_FORGET_AFTER = 8192


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of text for one call of an engine: a sentence, a few, or a part of one."""

    text: str
    """The displayed text from `char_start` to `char_end`, with no white space at its ends."""

    char_start: int
    char_end: int
    begins_sentence: bool
    ends_sentence: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """Whole sentences, as far as they are written and wanted."""

    end: int
    """One past the last of them."""

    next_start: int
    """Where the sentence after them begins."""

    suffice: bool
    """True when there is no reason to wait for more."""

    undecided: bool = False
    """True when the next sentence may have ended: that shows within a word or two."""


class SentenceBuffer:
    """Collects text and gives it out piece by piece. No I/O, no clock.

    White space between sentences is never part of a fragment; apart from it the fragments, joined,
    are the text.
    """

    def __init__(self, max_chars: int = MAX_CHARS) -> None:
        """Give out fragments of at most `max_chars` characters."""
        self._max_chars = max_chars
        self._text = ""
        self._pushed: list[str] = []
        """Deltas that nobody has looked at yet."""
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
        self._settle()
        return self._complete and self._skip_space() >= len(self._text)

    def push(self, delta: str) -> None:
        """Add text of any length."""
        self._pushed.append(delta)

    def close(self) -> None:
        """Say that no more text will come."""
        self._settle()
        self._complete = True
        self._text = self._text.rstrip()

    def take(
        self, urgency: Urgency = Urgency.SENTENCE, min_chars: int = 1, *, wait: bool = False
    ) -> Fragment | None:
        """Return the next fragment, or None when more text is needed.

        Args:
            urgency: How much of a sentence must be there.
            min_chars: Shorter fragments are joined with what is written after them.
            wait: Join them with what is not written yet, too; whoever is relaxed always waits.
        """
        self._settle()
        start = self._skip_space()
        if start >= len(self._text):
            return None
        if self._inside and urgency is Urgency.RELAXED:
            # The rest of a sentence is one by itself: nobody is in a hurry to hear the next.
            min_chars = 1
        written = self._whole_sentences(start, min_chars)
        if written.suffice:
            return self._bounded(start, written.end)
        too_long = len(self._text) - start > self._max_chars and not written.undecided
        if too_long and written.end == start:
            return self._part(start, last_cut(self._text, start, start + self._max_chars))
        limit = start + self._max_chars
        cut = early_cut(self._text, written.next_start, start + min_chars, limit, urgency)
        if cut:
            return self._part(start, cut)
        patient = wait or urgency is Urgency.RELAXED
        if written.end > start and (too_long or not patient):
            return self._bounded(start, written.end)
        return None

    def peek(
        self, urgency: Urgency = Urgency.SENTENCE, min_chars: int = 1, *, wait: bool = False
    ) -> Fragment | None:
        """Return what `take` would, and leave it there; later `take` may give more, never less."""
        before = self._at, self._inside
        fragment = self.take(urgency, min_chars, wait=wait)
        self._at, self._inside = before
        return fragment

    def _settle(self) -> None:
        """Join what was pushed, at once however many deltas it is, and forget what was taken."""
        if not self._pushed:
            return
        # An open quotation reaches back that far.
        if (taken := self._at - LONGEST_QUOTATION) > _FORGET_AFTER:
            self._offset += taken
            self._text = self._text[taken:]
            self._at -= taken
        self._text = "".join((self._text, *self._pushed))
        self._pushed.clear()

    def _whole_sentences(self, start: int, min_chars: int) -> _Written:
        """Return the sentences from `start` that make `min_chars`.

        Fewer at the end of a paragraph, and when one more would be too much for an engine.
        """
        end = begun = start
        while end - start < min_chars and self._text.count("\n", end, begun) < 2:
            boundary = self._find_end(begun)
            if not isinstance(boundary, int):
                return _Written(end, begun, suffice=False, undecided=boundary is not None)
            if end > start and boundary - start > self._max_chars:
                break
            end = boundary
            begun = _skip_space(self._text, end)
            if begun == len(self._text) and self._complete:
                break
        return _Written(end, begun, suffice=True)

    def _find_end(self, start: int) -> int | Undecided | None:
        """Return the end of the sentence that begins at `start`; None when it is not written."""
        # A bounded look: a text of megabytes without an end costs no more per fragment than a
        # short one.
        limit = start + self._max_chars + 1
        boundary = find_end(self._text, start, limit, complete=self._complete)
        match boundary:
            case Boundary(end):
                return end
            case None if self._complete:
                # What ends without a mark ends where the text does.
                return len(self._text)
            case _:
                return boundary

    def _skip_space(self) -> int:
        self._at = _skip_space(self._text, self._at)
        return self._at

    def _bounded(self, start: int, end: int) -> Fragment:
        """Give out a whole sentence, or the first part of one that is too long."""
        if end - start > self._max_chars:
            return self._part(start, last_cut(self._text, start, start + self._max_chars))
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
