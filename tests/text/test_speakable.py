"""speakable()."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.text.speakable import speakable


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("*Never*, she said.", "Never, she said."),
        ("**Bold** and _soft_ and `code`.", "Bold and soft and code."),
        ("## The Door", "The Door"),
        ("- a lamp", "a lamp"),
        ("> He wrote.", "He wrote."),
        ("See [the map](https://example.com/a?b=1) now.", "See the map now."),
        ("Look at https://www.example.com/very/long?path=1.", "Look at example.com."),
        ("He smiled 😀👍🏽 broadly.", "He smiled broadly."),
        ("A<br>b", "A b"),
        ("***", ""),
        ("snake_case stays", "snake_case stays"),
        ("x\x00y\ud800z", "xyz"),
        ("one\n  two", "one two"),
        ("# ", ""),
    ],
)
def test_marks_are_not_spoken(written: str, spoken: str) -> None:
    assert speakable(written).text.strip() == spoken


def test_offsets_lead_back_to_the_displayed_word() -> None:
    written = "He *never* saw [the map](https://e.org/x) 😀 again."
    spoken = speakable(written)
    for word in ("never", "the", "map", "again"):
        at = spoken.text.index(word)
        start, end = spoken.displayed(at, at + len(word))
        assert written[start:end] == word


@pytest.mark.parametrize("text", ["", "  ", "***", "😀", "—", "...", "“”"])
def test_what_is_no_speech_is_false(text: str) -> None:
    assert not speakable(text)


@given(st.text())
def test_offsets_always_rise_and_stay_inside(text: str) -> None:
    spoken = speakable(text)
    assert len(spoken.text) == len(spoken.starts) == len(spoken.ends)
    assert list(spoken.starts) == sorted(spoken.starts)
    for start, end in zip(spoken.starts, spoken.ends, strict=True):
        assert 0 <= start < end <= len(text)
    assert "  " not in spoken.text


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1))
def test_letters_and_figures_are_spoken_as_they_are(text: str) -> None:
    assert speakable(text).text == text
