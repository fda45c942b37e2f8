import numpy as np

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.narration.events import SentenceAudio, TextDelta
from rhapsode.narration.listener import Listener
from rhapsode.narration.pipeline import Told
from rhapsode.narration.stopwatch import Stopwatch
from rhapsode.tts.speaking import Effort


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def sound(start_s: float, seconds: float) -> SentenceAudio:
    samples = np.zeros(round(seconds * SAMPLE_RATE), np.int16)
    return SentenceAudio(0, round(start_s * SAMPLE_RATE), samples, first=False, last=False)


def test_it_says_when_text_and_sound_came(river):
    clock = Clock()
    stopwatch = Stopwatch(river().plan(), clock)
    clock.now += 0.25
    stopwatch.observe(TextDelta("The", 0))
    clock.now += 0.25
    stopwatch.observe(TextDelta(" lamp", 3))
    stopwatch.observe(sound(0, 2.0))
    clock.now += 1
    told = Told(1, 2 * SAMPLE_RATE, Effort(waited_s=0.5, work_s=0.5, sound_s=2.0))
    timings = stopwatch.timings(told)
    assert (timings.first_text_s, timings.first_audio_s) == (0.25, 0.5)
    assert (timings.total_s, timings.sound_s) == (1.5, 2.0)
    assert (timings.engine_wait_s, timings.rtf) == (0.5, 0.25)


def test_the_lowest_lead_is_what_was_left_to_hear_when_more_came(river):
    clock = Clock()
    listener = Listener(clock)
    stopwatch = Stopwatch(river().plan(listener=listener), clock)
    stopwatch.observe(sound(0, 2.0))
    listener.sound_begins()
    for start_s, elapsed_s in ((2.0, 1.5), (4.0, 1.0)):
        clock.now += elapsed_s
        stopwatch.observe(sound(start_s, 2.0))
    assert stopwatch.timings().lowest_lead_s == 0.5


def test_a_scene_without_sound_has_no_figures_of_sound():
    clock = Clock()
    stopwatch = Stopwatch(None, clock)
    stopwatch.observe(TextDelta("The", 0))
    timings = stopwatch.timings()
    assert timings.first_text_s == 0.0
    assert (timings.first_audio_s, timings.lowest_lead_s, timings.rtf) == (None, None, None)
