"""Pronunciations: words and phrases that somebody wants to be said their way."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from rhapsode.text.speakable.spoken import Rule, Said

# Scripts that write without spaces, or put endings right behind a name: a phrase of theirs has no
# edges to look for, and next to one of them a word of another script ends.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_CHAR = re.compile(f"[{_UNSPACED}]")
_LAST_WITH_MARKS = 0x1FFFF

# Characters that people do not tell apart when they type.
_ALIKE = ("'’ʼ", "-‐‑")
_FLEXIBLE = {char: f"[{re.escape(alike)}]" for alike in _ALIKE for char in alike}


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """One entry of a dictionary."""

    phrase: str
    """What is written: literal text, found in any case, as whole words."""

    spoken: str
    """What is said for it."""


@dataclass(frozen=True, slots=True)
class Pronunciations:
    """A dictionary: where several entries begin at one place, the longest is said."""

    entries: tuple[Pronunciation, ...] = ()

    @classmethod
    def from_pairs(cls, pairs: Iterable[Iterable[str]]) -> "Pronunciations":
        """Return the dictionary that `to_pairs` has written."""
        return cls(tuple(Pronunciation(*pair) for pair in pairs))

    def to_pairs(self) -> list[list[str]]:
        """Return the entries as JSON keeps them, `[phrase, spoken]` each."""
        return [[entry.phrase, entry.spoken] for entry in self.entries]

    def rules(self) -> tuple[Rule, ...]:
        """Return what says the entries' spoken forms."""
        return _rules(self.entries) if self.entries else ()

    def within(self, text: str) -> "Pronunciations":
        """Return the entries that are said somewhere in a text without marks."""
        if not self.entries:
            return self
        ordered = _longest_first(self.entries)
        said = {ordered[_which(match)] for match in _pattern(ordered).finditer(text)}
        return Pronunciations(tuple(entry for entry in self.entries if entry in said))


NO_PRONUNCIATIONS = Pronunciations()


def _longest_first(entries: tuple[Pronunciation, ...]) -> tuple[Pronunciation, ...]:
    return tuple(sorted(entries, key=lambda entry: -len(entry.phrase)))


@lru_cache(maxsize=64)
def _rules(entries: tuple[Pronunciation, ...]) -> tuple[Rule, ...]:
    ordered = _longest_first(entries)
    return ((_pattern(ordered), _saying_entries(ordered)),)


def _saying_entries(
    ordered: tuple[Pronunciation, ...],
) -> Callable[[re.Match[str]], Said]:
    return lambda match: ordered[_which(match)].spoken


def _which(match: re.Match[str]) -> int:
    """Return which alternative matched."""
    assert match.lastindex is not None
    return match.lastindex - 1


@lru_cache(maxsize=64)
def _pattern(ordered: tuple[Pronunciation, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"({_literal(entry.phrase)})" for entry in ordered), re.IGNORECASE)


def _literal(phrase: str) -> str:
    """Return a pattern of a phrase as whole words, however its words are spaced."""
    words = (
        "".join(_FLEXIBLE.get(char) or re.escape(char) for char in word) for word in phrase.split()
    )
    before = f"(?<![^\\W{_UNSPACED}])" if _has_edge(phrase[0]) else ""
    after = f"(?![^\\W{_UNSPACED}]|[{_marks()}])" if _has_edge(phrase[-1]) else ""
    return before + r"\s+".join(words) + after


def _has_edge(char: str) -> bool:
    is_of_a_word = char == "_" or unicodedata.category(char)[0] in "LNM"
    return is_of_a_word and not _UNSPACED_CHAR.match(char)


@cache
def _marks() -> str:
    """Return every combining mark: regular expressions count none of them to words."""
    return "".join(
        chr(code)
        for code in range(0x300, _LAST_WITH_MARKS)
        if unicodedata.combining(chr(code)) or unicodedata.category(chr(code))[0] == "M"
    )
