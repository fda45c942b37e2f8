"""Takes: sentences collected whole from the events of a narration."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.opus_clip import encode_clip
from rhapsode.narrate_later.records import Recording, Span, Word, WordsSource
from rhapsode.narration.events import (
    NarrationEvent,
    SentenceAudio,
    SentenceExtended,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    SentenceWords,
    TimedWord,
)
from rhapsode.text.speakable import AS_WRITTEN, Diction, Speakable, speakable


@dataclass(slots=True)
class Take:
    """One sentence as it was spoken."""

    text: str
    char_start: int
    char_end: int
    frames: list[NDArray[np.int16]] = field(default_factory=list[NDArray[np.int16]])
    words: tuple[TimedWord, ...] = ()
    words_source: WordsSource = "engine"

    @property
    def span(self) -> Span:
        """Where the sentence stands in the text."""
        return Span(self.text, self.char_start, self.char_end)

    @property
    def is_silent(self) -> bool:
        """True when no sound came."""
        return not self.frames


class Takes:
    """A sink for a narration's events that gives out every sentence spoken to its end."""

    def __init__(self, on_take: Callable[[Take], None]) -> None:
        self._on_take = on_take
        self._open: Take | None = None
        self.failure: SentenceFailed | None = None
        """The last sentence that could not be spoken, if any."""

    def emit(self, event: NarrationEvent) -> None:
        """Take an event. Never waits."""
        match event:
            case SentenceStarted():
                self._open = Take(event.text, event.char_start, event.char_end)
            case SentenceFinished() if self._open:
                self._on_take(self._open)
                self._open = None
            case SentenceFailed():
                self.failure = event
                self._open = None
            case SentenceSkipped():
                self._open = None
            case _ if self._open:
                _add(self._open, event)
            case _:
                pass


def _add(take: Take, event: NarrationEvent) -> None:
    match event:
        case SentenceExtended():
            take.text, take.char_end = event.text, event.char_end
        case SentenceAudio():
            take.frames.append(event.samples)
        case SentenceWords():
            take.words, take.words_source = event.words, event.source
        case _:
            pass


def encode(take: Take, diction: Diction = AS_WRITTEN) -> Recording:
    """Make a take into what is kept. Takes some milliseconds: call it from a thread.

    Args:
        take: The sentence.
        diction: How it was read.
    """
    samples = np.concatenate(take.frames) if take.frames else np.zeros(0, np.int16)
    spoken = speakable(take.text, diction)
    return Recording(
        sound=encode_clip(samples),
        samples=len(samples),
        words=tuple(_to_spoken(word, spoken) for word in take.words),
        words_source=take.words_source,
    )


def displayed_words(
    recording: Recording, text: str, diction: Diction = AS_WRITTEN
) -> tuple[Word, ...]:
    """Return the word times of a recording for a text that is spoken the same way."""
    spoken = speakable(text, diction)
    return tuple(Word(t0, t1, *spoken.displayed(c0, c1)) for t0, t1, c0, c1 in recording.words)


def _to_spoken(word: TimedWord, spoken: Speakable) -> tuple[int, int, int, int]:
    """Undo `Speakable.displayed`: one recording serves texts with different marks in them."""
    begin = bisect_left(spoken.starts, word.c0)
    end = max(begin + 1, bisect_right(spoken.ends, word.c1))
    return word.t0, word.t1, begin, end
