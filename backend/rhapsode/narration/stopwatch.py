"""Stopwatch: what a narration takes, read off its events as they pass by."""

from collections.abc import Callable
from time import monotonic

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.narration.events import NarrationEvent, SentenceAudio, TextDelta, Timings
from rhapsode.narration.pipeline import Told
from rhapsode.narration.plan import SpeechPlan


class Stopwatch:
    """Runs from its making on. No I/O; the clock counts seconds."""

    def __init__(self, speech: SpeechPlan | None, clock: Callable[[], float] = monotonic) -> None:
        """Measure a narration by `speech`; None for one without sound."""
        self._speech = speech
        self._clock = clock
        self._began = clock()
        self._first_text_s: float | None = None
        self._first_audio_s: float | None = None
        self._lowest_lead_s: float | None = None
        self._end_sample = 0

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._began

    @property
    def end_sample(self) -> int:
        """One past the last sample of the sound so far."""
        return self._end_sample

    def observe(self, event: NarrationEvent) -> None:
        """Take note of an event, at the moment it is told."""
        match event:
            case TextDelta() if self._first_text_s is None:
                self._first_text_s = self.elapsed_s
            case SentenceAudio(start=start, samples=samples):
                self._note_sound(start)
                self._end_sample = start + len(samples)
            case _:
                pass

    def timings(self, told: Told | None = None) -> Timings:
        """Return what the narration took so far.

        Args:
            told: What it came to; None when it was cut short.
        """
        effort = told.effort if told else None
        speech = self._speech
        return Timings(
            first_text_s=_rounded(self._first_text_s),
            first_audio_s=_rounded(self._first_audio_s),
            total_s=round(self.elapsed_s, 3),
            sound_s=round(self._end_sample / SAMPLE_RATE, 3),
            lowest_lead_s=_rounded(self._lowest_lead_s),
            underruns=speech.listener.underruns if speech else 0,
            engine_wait_s=round(effort.waited_s, 3) if effort else 0.0,
            engine_first_chunk_s=_rounded(
                speech.synthesizer.pace(speech.choice).first_chunk_s if speech else None
            ),
            rtf=round(effort.work_s / effort.sound_s, 4) if effort and effort.sound_s else None,
        )

    def _note_sound(self, start: int) -> None:
        if self._first_audio_s is None:
            self._first_audio_s = self.elapsed_s
        elif self._speech:
            lead_s = self._speech.listener.lead_s(start)
            lowest = self._lowest_lead_s
            self._lowest_lead_s = lead_s if lowest is None else min(lowest, lead_s)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
