"""Prose whose sentences were marked by hand, in many languages and manners.

In `corpus/<manner>.<language>.txt` every line is a sentence. An empty line begins a paragraph, and
a line that begins with ⏎ a line of its own. Above ==== stands what the rules were made with; below
it, what they were only measured with.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent / "corpus"
WITHOUT_SPACES = {"zh", "ja"}

Part = Literal["known", "unseen"]


@dataclass(frozen=True)
class Prose:
    """A text and where its sentences end."""

    name: str
    text: str
    ends: tuple[int, ...]
    """One past the last character of every sentence."""


def read_prose(part: Part) -> list[Prose]:
    """Return one half of every file."""
    return [_read(path, part) for path in sorted(FOLDER.glob("*.*.txt"))]


def _read(path: Path, part: Part) -> Prose:
    known, _, unseen = path.read_text().partition("====\n")
    space = "" if path.suffixes[0][1:] in WITHOUT_SPACES else " "
    text = ""
    ends: list[int] = []
    gap = ""
    for line in (known if part == "known" else unseen).splitlines():
        if not line:
            gap = "\n\n"
            continue
        if line.startswith("⏎"):
            gap = "\n"
        text += gap + line.removeprefix("⏎")
        ends.append(len(text))
        gap = space
    return Prose(path.stem, text, tuple(ends))
