"""speakable(): marks, in any language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.text.speakable import Diction, speakable
from rhapsode.text.speakable.pronunciations import Pronunciation, Pronunciations

DICTIONARY = Pronunciations((Pronunciation("Siobhan", "Shivawn"), Pronunciation("a", "alpha")))
DICTIONS = [Diction(), Diction("en-GB"), Diction("en", DICTIONARY)]

PARTS = [
    "*",
    "**",
    "_",
    "~~",
    "`",
    "#",
    "-",
    ">",
    "1.",
    "[a](b)",
    "[^1]",
    "|",
    "<b>",
    "&amp;",
    "😀",
    ":)",
    "a@b.com",
    "Dr.",
    "St.",
    "$5.50",
    "1/2",
    "10:30",
    "1,234",
    "3rd",
    "°C",
    "VIII",
    "Nooooo",
    "!!!!",
    "--",
    "Webb",
    "Siobhan",
    "�",
    "\x00",
    "\u200d",
    "é",
    "東京",
    "“",
    "”",
    "…",
    ".",
    ",",
    "-5",
    "e.g.",
    "w-what",
    "a.org/b",
]
MARKUP = st.lists(st.sampled_from([*PARTS, " ", "\n", "```\n", "https://a.org "])).map("".join)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("*Never*, she said.", "Never, she said."),
        ("**Bold** and _soft_ and `code` and ~~gone~~.", "Bold and soft and code and gone."),
        ("## The Door ##", "The Door"),
        ("- a lamp", "a lamp"),
        ("- [x] a lamp", "a lamp"),
        ("2) a lamp", "2. a lamp"),
        ("> He wrote.", "He wrote."),
        ("> > - deep", "deep"),
        ("See [the map](https://example.com/a?b=1) now.", "See the map now."),
        ('See [the map](a_(b).html "Title") now.', "See the map now."),
        ("See [the map][1] now.", "See the map now."),
        ("![A **red** door](door.png) opens.", "A red door opens."),
        ("Look at https://www.example.com/very/long?path=1.", "Look at example.com."),
        ("Look at example.com/very/long now.", "Look at example.com now."),
        ("Nobody knew.[^1] Nobody.", "Nobody knew. Nobody."),
        ("[^1]: A note.", "A note."),
        ("He smiled 😀👍🏽 broadly.", "He smiled broadly."),
        ("He smiled 😀, broadly 😀.", "He smiled, broadly."),
        ("He smiled :-) and left :D", "He smiled and left"),
        ("A<br>b", "A b"),
        ("un<b>believ</b>able <!-- not\nthis --> really", "unbelievable really"),
        ("Salt &amp; pepper&nbsp;mill &#8211; here", "Salt & pepper mill – here"),
        ("| a | b |\n|---|:-:|\n| c | d |", "a, b. c, d"),
        ("***", ""),
        ("Then.\n\n* * *\n\nNow.", "Then. Now."),
        ("Then.\n⁂\nNow.", "Then. Now."),
        ("# One\nIt was dark.", "One. It was dark."),
        ("Roses are red\nViolets are blue", "Roses are red, Violets are blue"),
        ("snake_case", "snake case"),
        ("x\x00y\ud800z\u00ad\u200bw", "xyzw"),
        ("one\n  two", "one two"),
        ("# ", ""),
        ("#summer with @anna", "summer with anna"),
        ("Nooooooo!!!!!", "Nooo!"),
        ("What?!?!?!?", "What?!"),
        ("Well....... yes", "Well... yes"),
        ("wait--what", "wait—what"),
        ("𝓗𝓮𝓵𝓵𝓸 ＡＢＣ ﬁre", "Hello ABC fire"),
        ("RUN!", "RUN!"),
        ("Sinhala ශ්‍රී keeps its joiner", "Sinhala ශ්‍රී keeps its joiner"),
        ("Keycap 1️⃣ here", "Keycap 1 here"),
        ("half &; and & co < 3", "half &; and & co < 3"),
    ],
)
def test_what_is_written_for_the_eye_is_not_spoken(written: str, spoken: str) -> None:
    assert speakable(written).text == spoken


def test_figures_are_left_to_voices_of_other_languages() -> None:
    assert speakable("Dr. Webb zahlt 5 km.", Diction("de")).text == "Dr. Webb zahlt 5 km."


def test_offsets_lead_back_to_the_displayed_word() -> None:
    written = "He *never* saw [the map](https://e.org/x) 😀 again."
    spoken = speakable(written)
    for word in ("never", "the", "map", "again"):
        at = spoken.text.index(word)
        start, end = spoken.displayed(at, at + len(word))
        assert written[start:end] == word


@pytest.mark.parametrize("text", ["", "  ", "***", "😀", "—", "...", "“”", "```python", ":)"])
def test_what_is_no_speech_is_false(text: str) -> None:
    assert not speakable(text)


@pytest.mark.parametrize("diction", DICTIONS)
@given(text=st.one_of(st.text(), MARKUP))
def test_offsets_always_rise_and_stay_inside(text: str, diction: Diction) -> None:
    spoken = speakable(text, diction)
    assert len(spoken.text) == len(spoken.starts) == len(spoken.ends)
    assert list(spoken.starts) == sorted(spoken.starts)
    assert list(spoken.ends) == sorted(spoken.ends)
    for start, end in zip(spoken.starts, spoken.ends, strict=True):
        assert 0 <= start < end <= len(text)
    assert "  " not in spoken.text
    assert spoken.text == spoken.text.strip()


@given(text=st.one_of(st.text(), MARKUP))
def test_a_spoken_letter_that_is_displayed_leads_back_to_itself(text: str) -> None:
    spoken = speakable(text)
    for char, start, end in zip(spoken.text, spoken.starts, spoken.ends, strict=True):
        if char.isalnum() and end - start == 1 and text[start].isalnum():
            assert char == text[start] or not text[start].isascii()


@given(st.lists(st.text(alphabet=st.characters(categories=["Ll", "Lo"]), min_size=1), min_size=1))
def test_plain_words_are_spoken_as_they_are(words: list[str]) -> None:
    text = " ".join(word[:3] for word in words)
    if text.isascii():
        assert speakable(text).text == text


@given(text=st.text(alphabet="abcdrstvXWI 0123456789.,'"))
def test_spoken_text_needs_no_second_reading(text: str) -> None:
    once = speakable(text).text
    assert speakable(once).text == once


@pytest.mark.parametrize(
    "part",
    [
        "\n",
        " ",
        "[",
        "[a](",
        "<!--",
        "*",
        "😀 ",
        "|",
        "- ",
        "1,",
        "A.",
        "www.",
        "1/",
        "- 1",
        " \n#",
    ],
)
def test_long_nonsense_takes_no_longer_than_it_is_long(part: str) -> None:
    # In squared time each of these would take minutes.
    speakable(part * 30_000, DICTIONS[2])
