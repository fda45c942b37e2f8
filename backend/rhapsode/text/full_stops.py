"""What a full stop means: an end, an abbreviation, an initial, an ordinal, a list's number."""

import re

from rhapsode.text.abbreviations import (
    AFTER_TIME_OF_DAY,
    BEFORE_NAME,
    BEFORE_NAME_IF_CAPITAL,
    BEFORE_NUMBER,
    BEFORE_SINGLE_LETTER,
    GERMAN_BEFORE_ORDINAL,
    INSIDE,
    PERHAPS,
    SOMETIMES,
    SOMETIMES_IF_CAPITAL,
    STREET,
    TIMES_OF_DAY,
)
from rhapsode.text.surroundings import Surroundings

_WORD_BEFORE = re.compile(r"[^\s\"'“”‘’«»„()\[\]{}*_—–/]+$")
_WORD_BEFORE_THAT = re.compile(r"([^\W\d_]+)\W+\S+$")
_LIST_MARK = re.compile(r"\s*(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$")
_NUMBER_OR_ROMAN = re.compile(r"\d|[IVXLC]+\b")
_VOWELLESS = re.compile(r"[bcdfghjklmnpqrstvwxzбвгджзклмнпрстфхцчшщ]+")


def full_stop_ends(place: Surroundings) -> bool:
    """Tell whether a full stop, with no closing mark behind it, ends its sentence.

    Raises:
        NeedsMoreText: What follows is not written yet.
    """
    before = place.before
    match = _WORD_BEFORE.search(before)
    word = match[0] if match else ""
    if _LIST_MARK.fullmatch(before):
        return False
    if (verdict := _after_abbreviation(place, word)) is not None:
        return verdict
    if word.isdigit() and _is_ordinal(place, word):
        return False
    # A plain word ends its sentence whatever follows, so that nobody waits for it.
    return _is_plain(word) or not place.goes_on()


def _after_abbreviation(place: Surroundings, word: str) -> bool | None:
    """Judge a stop after a known abbreviation or an initial; None after any other word."""
    bare = word.lower()
    is_capital = word[:1].isupper()
    is_other_word = len(word) > 1 and word.isalpha() and word.isupper()
    if bare in BEFORE_NAME or (bare in INSIDE and not is_other_word):
        return not place.char(place.next_start())
    if bare in BEFORE_NAME_IF_CAPITAL and is_capital:
        return _street_ends(place) if bare in SOMETIMES else False
    if (bare in BEFORE_NUMBER or bare.endswith(STREET)) and _number_follows(place):
        return False
    if bare in TIMES_OF_DAY:
        return not place.goes_on() and place.next_word().lower() not in AFTER_TIME_OF_DAY
    if len(word) == 1 and word.isalpha():
        return _initial_ends(place, word)
    sometimes = bare in SOMETIMES or (is_capital and bare in SOMETIMES_IF_CAPITAL)
    if sometimes or _INITIALS.fullmatch(word):
        return place.starter_follows()
    return None


def _street_ends(place: Surroundings) -> bool:
    """Judge "St.": a saint before a name, a street behind one."""
    behind_name = _WORD_BEFORE_THAT.search(place.before)
    return bool(behind_name and behind_name[1][0].isupper()) and place.starter_follows()


def _number_follows(place: Surroundings) -> bool:
    position = place.next_start()
    place.char(position)
    match = _NUMBER_OR_ROMAN.match(place.text, position)
    if match and match[0].isalpha():
        # "vol. II", but not "No. I would not."
        return len(place.next_word()) > 1 and place.next_word().isupper()
    return match is not None


def _initial_ends(place: Surroundings, letter: str) -> bool:
    if letter.islower():
        # A unit behind a figure, "17 h.", ends sentences; the "z." of "z. B." does not.
        is_unit = place.before[:-1].rstrip()[-1:].isdigit()
        return not place.goes_on() and (is_unit or place.starter_follows())
    behind = _WORD_BEFORE_THAT.search(place.before)
    if letter == "I" or (behind and behind[1].lower() in BEFORE_SINGLE_LETTER):
        return not place.goes_on()
    # Letters without case stand for names and titles as well: "د. أحمد".
    return place.starter_follows()


def _is_ordinal(place: Surroundings, number: str) -> bool:
    """Tell whether "3." is a third: German writes so, before nouns with a capital."""
    behind = _WORD_BEFORE_THAT.search(place.before)
    if len(number) > 2 or behind is None or behind[1].lower() not in GERMAN_BEFORE_ORDINAL:
        return False
    return place.char(place.next_start()).isupper() and not place.starter_follows()


def _is_plain(word: str) -> bool:
    """Tell whether it can hardly be an abbreviation that no table knows."""
    bare = word.lower()
    return (
        word.isalpha()
        and not _VOWELLESS.fullmatch(bare)
        and not any(bare in table for table in (PERHAPS, BEFORE_NUMBER, BEFORE_NAME_IF_CAPITAL))
    )
