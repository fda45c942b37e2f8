"""Recital: sentences begin, sound, and end, as events on one timeline. No I/O, no tasks."""

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.pcm import to_s16
from rhapsode.audio.silence import TrailingSilence
from rhapsode.errors import SynthesisError
from rhapsode.narration.events import (
    Emit,
    SentenceAudio,
    SentenceExtended,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    SentenceWords,
    TimedWord,
)
from rhapsode.narration.timeline import Timeline
from rhapsode.text.sentences import Fragment
from rhapsode.text.speakable import Speakable
from rhapsode.tts.engine import WordTime

WORDS_EVERY = SAMPLE_RATE // 2
"""Word times are told at most once in half a second of sound, and at the end of a fragment."""

CLAUSE_PAUSE = SAMPLE_RATE * 12 // 100
WORD_PAUSE = SAMPLE_RATE * 2 // 100

_WORD = re.compile(r"\w[\w'’\-]*")


@dataclass(slots=True)
class _Sentence:
    index: int
    text: str
    char_start: int
    start: int
    words: list[TimedWord] = field(default_factory=list[TimedWord])
    estimated: bool = False


@dataclass(slots=True)
class _Passage:
    """One fragment while it sounds."""

    fragment: Fragment
    spoken: Speakable
    start: int
    silence: TrailingSilence | None
    words: list[TimedWord] = field(default_factory=list[TimedWord])
    told: int = 0
    told_at: int = 0


class Recital:
    """Turns what an engine gives, fragment by fragment, into the events of sentences."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._timeline = Timeline()
        self._sentence: _Sentence | None = None
        self._passage: _Passage | None = None
        self._closed = -1
        self.finished = 0
        """Sentences that were spoken to their end."""

    @property
    def end(self) -> int:
        """One past the last sample that was told."""
        return self._timeline.end

    def is_closed(self, sentence: int) -> bool:
        """Tell whether `sentence` has finished, failed or been skipped."""
        return sentence <= self._closed

    def begin(self, sentence: int, fragment: Fragment, spoken: Speakable) -> None:
        """Begin a fragment of `sentence`, and the sentence with it if this is its first."""
        start = self._timeline.written
        if self._sentence is None:
            self._sentence = _Sentence(sentence, fragment.text, fragment.char_start, start)
            self._emit(
                SentenceStarted(
                    sentence, fragment.text, fragment.char_start, fragment.char_end, start
                )
            )
        else:
            self._extend(self._sentence, fragment)
        self._passage = _Passage(fragment, spoken, start, _silence_after(fragment), told_at=start)

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Add sound of the fragment that has begun.

        Args:
            samples: Shape (n,), at `SAMPLE_RATE`.
        """
        sentence, passage = self._now()
        self._lay(sentence.index, passage.silence.push(samples) if passage.silence else samples)
        if self._timeline.end - passage.told_at >= WORDS_EVERY:
            self._tell_words(sentence, passage)

    def word(self, word: WordTime) -> None:
        """Add the time of a word of the fragment that has begun."""
        sentence, passage = self._now()
        begin, end = passage.spoken.displayed(word.char_start, word.char_end)
        chars = passage.fragment.char_start - sentence.char_start
        samples = passage.start - sentence.start
        passage.words.append(
            TimedWord(samples + word.start, samples + word.end, chars + begin, chars + end)
        )

    def end_fragment(self) -> None:
        """End the fragment that has begun, and its sentence if it is the last."""
        sentence, passage = self._now()
        if passage.silence:
            self._lay(sentence.index, passage.silence.flush())
        if not passage.words:
            passage.words = self._estimate(sentence, passage)
            sentence.estimated = True
        self._tell_words(sentence, passage)
        sentence.words += passage.words
        self._passage = None
        if passage.fragment.ends_sentence:
            self.finish()

    def finish(self) -> None:
        """End the sentence that has begun."""
        if (sentence := self._sentence) is None:
            return
        self._close(sentence)
        self.finished += 1
        self._emit(SentenceFinished(sentence.index, sentence.start, self.end - sentence.start))

    def fail(self, error: SynthesisError) -> None:
        """End the sentence that has begun: the rest of it cannot be spoken."""
        sentence, _ = self._now()
        self._close(sentence)
        self._emit(SentenceFailed(sentence.index, error.code, error.message, error.retryable))

    def skip(self, sentence: int) -> None:
        """End `sentence`, begun or not: nobody wants to hear it."""
        if self._sentence is not None:
            self._close(self._sentence)
        self._closed = sentence
        self._emit(SentenceSkipped(sentence))

    def _extend(self, sentence: _Sentence, fragment: Fragment) -> None:
        # What stood between the fragments was white space; how much of it does not matter to a
        # reader, but offsets do: pad to the right length.
        gap = fragment.char_start - sentence.char_start - len(sentence.text)
        sentence.text += " " * gap + fragment.text
        self._emit(SentenceExtended(sentence.index, sentence.text, fragment.char_end))

    def _now(self) -> tuple[_Sentence, _Passage]:
        if self._sentence is None or self._passage is None:
            raise RuntimeError("no fragment has begun")
        return self._sentence, self._passage

    def _lay(self, index: int, samples: NDArray[np.float32]) -> None:
        if frame := self._timeline.push(index, to_s16(samples)):
            self._emit(frame)

    def _close(self, sentence: _Sentence) -> None:
        frame: SentenceAudio | None = self._timeline.finish(sentence.index)
        if frame:
            self._emit(frame)
        self._closed = sentence.index
        self._sentence = None
        self._passage = None

    def _tell_words(self, sentence: _Sentence, passage: _Passage) -> None:
        passage.told_at = self._timeline.end
        if len(passage.words) == passage.told:
            return
        passage.told = len(passage.words)
        self._emit(
            SentenceWords(
                sentence.index,
                (*sentence.words, *passage.words),
                "estimate" if sentence.estimated else "engine",
            )
        )

    def _estimate(self, sentence: _Sentence, passage: _Passage) -> list[TimedWord]:
        """Share out the fragment's sound among its spoken words by their length."""
        samples = passage.start - sentence.start
        length = self._timeline.written - passage.start
        chars = passage.fragment.char_start - sentence.char_start
        total = max(1, len(passage.spoken.text))
        words: list[TimedWord] = []
        for match in _WORD.finditer(passage.spoken.text):
            begin, end = passage.spoken.displayed(*match.span())
            words.append(
                TimedWord(
                    samples + length * match.start() // total,
                    samples + length * match.end() // total,
                    chars + begin,
                    chars + end,
                )
            )
        return words


def _silence_after(fragment: Fragment) -> TrailingSilence | None:
    """Shorten the pause inside a sentence; between sentences the engine's own pause stands."""
    if fragment.ends_sentence:
        return None
    return TrailingSilence(WORD_PAUSE if fragment.text[-1].isalnum() else CLAUSE_PAUSE)
