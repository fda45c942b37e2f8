"""Pronunciations."""

import pytest

from rhapsode.text.speakable import Diction, speakable
from rhapsode.text.speakable.pronunciations import Pronunciation, Pronunciations


def spoken(text: str, *, language: str = "", **entries: str) -> str:
    return speakable(text, diction(language, entries)).text


def diction(language: str, entries: dict[str, str]) -> Diction:
    dictionary = tuple(Pronunciation(phrase, said) for phrase, said in entries.items())
    return Diction(language, Pronunciations(dictionary))


@pytest.mark.parametrize(
    ("written", "phrase", "said"),
    [
        ("Siobhan came.", "Siobhan", "Shivawn came."),
        ("SIOBHAN came to siobhan.", "Siobhan", "Shivawn came to Shivawn."),
        ("Siobhan's door", "Siobhan", "Shivawn's door"),
        ("Siobhans", "Siobhan", "Siobhans"),
        ("**Siob**han", "Siobhan", "Shivawn"),
        ("Dr. Who? No.", "Dr. Who", "Shivawn? No."),
        ("New   York", "new york", "Shivawn"),
        ("D’Artagnan", "d'artagnan", "Shivawn"),
        ("a.b aXb", "a.b", "Shivawn aXb"),
        ("C++ and C", "C++", "Shivawn and C"),
        ("東京タワーは", "東京", "Shivawnタワーは"),
        ("Tokyoに行く", "Tokyo", "Shivawnに行く"),
        ("서울은", "서울", "Shivawn은"),
        ("शिवा शिव", "शिव", "शिवा Shivawn"),
        ("Ёлка ёлками", "ёлка", "Shivawn ёлками"),
        ("naïve naive", "naïve", "Shivawn naive"),
    ],
)
def test_a_phrase_is_found_as_whole_words_in_any_case(written: str, phrase: str, said: str) -> None:
    assert spoken(written, **{phrase: "Shivawn"}) == said


def test_the_longest_phrase_is_said() -> None:
    entries = {"New": "n", "New York": "ny", "New York City": "nyc"}
    assert spoken("New York City, New York, New Yorkers", **entries) == "nyc, ny, n Yorkers"


def test_the_spoken_form_is_no_pattern() -> None:
    assert spoken("a b", a=r"\1 \g<0>") == r"\1 \g<0> b"


def test_the_highlight_lands_on_the_displayed_word() -> None:
    written = "So *Siobhan* spoke."
    said = speakable(written, diction("en", {"Siobhan": "Shi vawn"}))
    at = said.text.index("vawn")
    start, end = said.displayed(at, at + 4)
    assert written[start:end] == "Siobhan"


def test_only_entries_that_are_said_belong_to_a_text() -> None:
    all_of_them = diction("en", {"Siobhan": "Shivawn", "Niamh": "Neev", "Ni": "knee"})
    within = all_of_them.within("**Niamh** came.").pronunciations
    assert [entry.phrase for entry in within.entries] == ["Niamh"]
