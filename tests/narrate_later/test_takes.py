"""Sentences collected from events, and the times of their words."""

from hypothesis import given
from hypothesis import strategies as st

from rhapsode.narrate_later.takes import Take, displayed_words, encode
from rhapsode.narration.events import TimedWord
from rhapsode.text.speakable import speakable

marked = st.lists(
    st.sampled_from(["word ", "*run* ", "**now** ", "😀 ", "see https://sea.example/x ", "don't "]),
    min_size=1,
    max_size=8,
).map("".join)


def timed(text: str) -> tuple[TimedWord, ...]:
    """Every word that is spoken, where it is displayed."""
    spoken = speakable(text)
    words, position = [], 0
    for number, word in enumerate(spoken.text.split()):
        start = spoken.text.index(word, position)
        position = start + len(word)
        words.append(TimedWord(number * 10, number * 10 + 9, *spoken.displayed(start, position)))
    return tuple(words)


@given(marked)
def test_words_come_back_where_they_were(text):
    words = timed(text)
    recording = encode(Take(text, 0, len(text), [], words))
    shown = displayed_words(recording, text)
    assert [(w.t0, w.t1, w.c0, w.c1) for w in shown] == [(w.t0, w.t1, w.c0, w.c1) for w in words]


def test_one_recording_serves_texts_that_differ_in_their_marks_only():
    plain, marked = "She ran now.", "She **ran** *now*."
    recording = encode(Take(plain, 0, len(plain), [], timed(plain)))
    shown = displayed_words(recording, marked)
    assert [marked[word.c0 : word.c1] for word in shown] == ["She", "ran", "now*."]
