"""WordClock: from the library's events to when each word of the text sounds."""

import re
import unicodedata
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rhapsode.tts.engine import WordTime
from rhapsode.tts.espeak.library import Event, EventType

_HAN_KANA = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN_KANA}]|[^\s—–…{_HAN_KANA}]+")
"""Chinese and Japanese put no spaces between words: there each character counts as one."""


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word of the text, without the punctuation around it."""

    run_start: int
    """First character of the word or of the punctuation before it."""

    char_start: int
    char_end: int


def find_words(text: str) -> list[TextWord]:
    """Return the words of a text, in order; runs of mere punctuation are none."""
    words: list[TextWord] = []
    for run in _RUN.finditer(text):
        start, end = run.span()
        while start < end and _is_punctuation(text[start]):
            start += 1
        while end > start and _is_punctuation(text[end - 1]):
            end -= 1
        if start < end:
            words.append(TextWord(run.start(), start, end))
    return words


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char).startswith("P")


class WordClock:
    """Tells when words sound, from the events and the samples of one utterance.

    The library's own word lengths cannot be used: they are 0 after a curly quote, end before
    "n't", and a number ("3.14") is several words. Positions are right, so an event belongs to
    the word of the text at its position. Words without an event of their own ("of the" is
    one for the library) share the time of the one before, by their lengths.
    """

    def __init__(self, text: str) -> None:
        self._words = find_words(text)
        self._run_starts = [word.run_start for word in self._words]
        self._events: deque[Event] = deque()
        self._open: tuple[int, int] | None = None
        """The word that sounds: its index, and its first sample."""

        self._samples = 0
        self._sound_ends = 0

    def push(self, samples: NDArray[np.int16], events: list[Event]) -> list[WordTime]:
        """Take the next sound and its events; return the words that are over.

        An event may lie ahead of the sound it comes with; it waits until the sound is there.
        """
        self._events.extend(events)
        times: list[WordTime] = []
        end = self._samples + len(samples)
        while self._events and self._events[0].sample <= end:
            event = self._events.popleft()
            self._hear(samples[: max(0, event.sample - self._samples)])
            times += self._take(event)
        self._hear(samples)
        self._samples = end
        return times

    def finish(self) -> list[WordTime]:
        """Return the words that are left when there is no more sound."""
        times: list[WordTime] = []
        while self._events:
            times += self._take(self._events.popleft())
        return times + self._close(len(self._words), self._sound_ends)

    def _hear(self, samples: NDArray[np.int16]) -> None:
        """Note where the sound ends, given samples that begin at `self._samples`."""
        sounding = np.flatnonzero(samples)
        if len(sounding):
            self._sound_ends = self._samples + int(sounding[-1]) + 1

    def _take(self, event: Event) -> list[WordTime]:
        if event.type is not EventType.WORD:
            before = bisect_right(self._run_starts, event.char - 1)
            return self._close(before, event.sample)
        index = bisect_right(self._run_starts, event.char) - 1
        if index < 0 or (self._open is not None and index <= self._open[0]):
            return []
        times = self._close(index, event.sample)
        self._open = (index, event.sample)
        return times

    def _close(self, next_index: int, end: int) -> list[WordTime]:
        """End the open word at a sample, and with it the silent ones before `next_index`."""
        if self._open is None:
            return []
        index, start = self._open
        self._open = None
        # The pause after a word is not the word.
        end = min(end, self._sound_ends)
        words = self._words[index : max(next_index, index + 1)]
        return _share(words, start, end) if end > start else []


def _share(words: list[TextWord], start: int, end: int) -> list[WordTime]:
    """Divide a stretch of sound among words in proportion to their lengths."""
    lengths = np.cumsum([0] + [word.char_end - word.char_start for word in words])
    edges = [start + (end - start) * int(length) // int(lengths[-1]) for length in lengths]
    return [
        WordTime(edges[n], edges[n + 1], word.char_start, word.char_end)
        for n, word in enumerate(words)
    ]
