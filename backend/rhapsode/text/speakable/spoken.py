"""Speakable: text as an engine is to say it, with the way back to every displayed character."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Said = str | tuple[int, int] | None
"""What is said for a match: other words; the characters from here to there; None: all of it."""

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Said]]
"""What to look for, never empty, and what is said for it. Takes linear time in the text."""


@dataclass(frozen=True, slots=True)
class Speakable:
    """Text as an engine is to say it."""

    text: str
    starts: tuple[int, ...]
    """For each character of `text`, the offset of the first displayed character it stands for."""

    ends: tuple[int, ...]
    """For each character of `text`, one past the last displayed character it stands for."""

    def __bool__(self) -> bool:
        """True when there is anything to say: a letter or a figure."""
        return any(char.isalnum() for char in self.text)

    def displayed(self, start: int, end: int) -> tuple[int, int]:
        """Map a stretch of the spoken text to the displayed text.

        Args:
            start: Offset in `text`; beyond the end it means the end.
            end: One past the last character, greater than `start`.
        """
        if not self.text:
            return 0, 0
        last = len(self.text) - 1
        return self.starts[min(start, last)], self.ends[min(max(end - 1, start), last)]

    def rewrite(self, rules: Iterable[Rule]) -> "Speakable":
        """Apply rules, each to what the one before has left."""
        spoken = self
        for pattern, say in rules:
            spoken = _rewrite(spoken, pattern, say)
        return spoken


def as_written(text: str) -> Speakable:
    """Return a text that is spoken exactly as it is displayed."""
    return Speakable(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))


def saying(words: str) -> Callable[[re.Match[str]], Said]:
    """Return what says the same words for every match."""
    return lambda _match: words


def _rewrite(
    spoken: Speakable, pattern: re.Pattern[str], say: Callable[[re.Match[str]], Said]
) -> Speakable:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def copy(begin: int, end: int) -> None:
        chars.append(spoken.text[begin:end])
        starts.extend(spoken.starts[begin:end])
        ends.extend(spoken.ends[begin:end])

    position = 0
    for match in pattern.finditer(spoken.text):
        said = say(match)
        if said is None:
            continue
        copy(position, match.start())
        position = match.end()
        if isinstance(said, str):
            chars.append(said)
            starts.extend([spoken.starts[match.start()]] * len(said))
            ends.extend([spoken.ends[position - 1]] * len(said))
        else:
            copy(*said)
    if not position:
        return spoken
    copy(position, len(spoken.text))
    return Speakable("".join(chars), tuple(starts), tuple(ends))
