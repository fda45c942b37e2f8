import numpy as np
import pytest

from rhapsode.tts.engine import WordTime
from rhapsode.tts.espeak.library import Event, EventType
from rhapsode.tts.espeak.words import WordClock, find_words

WORD, END = EventType.WORD, EventType.CLAUSE_END


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The fox jumps.", ["The", "fox", "jumps"]),
        ("“Hello,” she said — “don’t!”", ["Hello", "she", "said", "don’t"]),
        ("3.14 and 1,234", ["3.14", "and", "1,234"]),
        ("wait…what?", ["wait", "what"]),
        ("Café 𝒳 naïve", ["Café", "𝒳", "naïve"]),
        ("cafe\u0301 au lait", ["cafe\u0301", "au", "lait"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("你好，世界", ["你", "好", "世", "界"]),
        ("... !? —", []),
        ("", []),
    ],
)
def test_words_are_found_without_their_punctuation(text, words):
    assert [text[w.char_start : w.char_end] for w in find_words(text)] == words


def sound(samples: int) -> np.ndarray:
    return np.ones(samples, np.int16)


def test_a_word_ends_where_the_next_begins():
    clock = WordClock("one two")
    times = clock.push(sound(200), [Event(WORD, 0, 0), Event(WORD, 4, 100), Event(END, 7, 200)])
    assert times == [WordTime(0, 100, 0, 3), WordTime(100, 200, 4, 7)]


def test_the_words_of_a_number_are_one_word():
    clock = WordClock("3.14 ok")
    events = [Event(WORD, 0, 0), Event(WORD, 1, 30), Event(WORD, 1, 60), Event(WORD, 5, 100)]
    times = clock.push(sound(100), events)
    assert times == [WordTime(0, 100, 0, 4)]


def test_words_spoken_as_one_share_its_time():
    clock = WordClock("of the end")
    times = clock.push(sound(150), [Event(WORD, 0, 0), Event(WORD, 7, 100), Event(END, 10, 150)])
    assert times == [WordTime(0, 40, 0, 2), WordTime(40, 100, 3, 6), WordTime(100, 150, 7, 10)]


def test_the_pause_after_a_word_does_not_belong_to_it():
    clock = WordClock("one, two")
    samples = np.concatenate([sound(80), np.zeros(20, np.int16), sound(100)])
    times = clock.push(samples, [Event(WORD, 0, 0), Event(WORD, 5, 100), Event(END, 8, 200)])
    assert times == [WordTime(0, 80, 0, 3), WordTime(100, 200, 5, 8)]


def test_an_event_ahead_of_its_sound_waits_for_it():
    clock = WordClock("one two")
    assert clock.push(sound(50), [Event(WORD, 0, 0), Event(WORD, 4, 90)]) == []
    assert clock.push(sound(50), []) == [WordTime(0, 90, 0, 3)]
    assert clock.finish() == [WordTime(90, 100, 4, 7)]
