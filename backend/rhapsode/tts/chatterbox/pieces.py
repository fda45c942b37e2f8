"""Pieces: a text cut into what the model speaks well. Pure, knows no torch.

Over about 300 characters the model loses its way; under about 25 it adds sounds of its own.
"""

import re
from itertools import pairwise
from unicodedata import east_asian_width

MAX_LETTERS = 280
SHORT_LETTERS = 25
"""Source: what users of upstream found safe, resemble-ai/chatterbox issues 97 and 201."""

_WIDE_LETTERS, _DIGIT_LETTERS = 3, 6
"""What a Chinese, Japanese or Korean sign takes to say, and a digit that no word was found for:
people read aloud some 14 letters a second, and 4 or 5 such signs."""

_ENDS = (
    re.compile(r"(?<=[.!?…。！？।])[\"'”’)\]]*\s+|(?<=[。！？])"),
    re.compile(r"(?<=[,;:—–、，；])\s*"),
    re.compile(r"\s+"),
)
"""Where a text may be cut: best after a sentence, else after a clause, else between words."""


def letters(text: str) -> int:
    """Return how long a text takes to say, in letters of the Latin alphabet."""
    return sum(map(_letters_of, text))


def _letters_of(sign: str) -> int:
    if sign.isdecimal():
        return _DIGIT_LETTERS
    return _WIDE_LETTERS if sign.isalpha() and east_asian_width(sign) == "W" else 1


def cut(text: str) -> list[str]:
    """Return the pieces of a text in order, none over `MAX_LETTERS`; no word is lost.

    Short pieces are joined with the one before them where both fit into one.
    """
    pieces = [stripped for piece in _split(text, 0) if (stripped := piece.strip())]
    return [padded(piece) for piece in _joined(pieces)]


def padded(piece: str) -> str:
    """Return a piece that does not end too early: a short one gets a pause to end on.

    Upstream's normalization turns an ellipsis into a comma, which the model holds like a breath.
    """
    if letters(piece) >= SHORT_LETTERS or piece.endswith(("…", "...", ",", "]")):
        return piece
    return f"{piece} ..."


def _split(text: str, kind: int) -> list[str]:
    if letters(text.strip()) <= MAX_LETTERS:
        return [text]
    if kind == len(_ENDS):
        # One endless word.
        return _packed(list(text))
    cuts = [0, *(match.end() for match in _ENDS[kind].finditer(text)), len(text)]
    parts = [text[start:stop] for start, stop in pairwise(cuts)]
    return _packed([piece for part in parts for piece in _split(part, kind + 1)])


def _packed(parts: list[str]) -> list[str]:
    """Join neighbors while they fit into a piece: fewer joints, and a steadier voice."""
    packed: list[str] = []
    room = 0
    for part in parts:
        if letters(part.rstrip()) <= room:
            packed[-1] += part
        else:
            packed.append(part)
            room = MAX_LETTERS
        room -= letters(part)
    return packed


def _joined(pieces: list[str]) -> list[str]:
    """Move words to a last piece that is too short to be spoken well."""
    if len(pieces) < 2 or letters(pieces[-1]) >= SHORT_LETTERS:
        return pieces
    before = pieces[-2].rsplit(" ", 4)
    last = " ".join([*before[1:], pieces[-1]])
    if len(before) < 5 or letters(last) > MAX_LETTERS:
        return pieces
    return [*pieces[:-2], before[0], last]
