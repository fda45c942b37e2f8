"""Pieces: a text cut into what the model speaks well. Pure, knows no torch.

Over about 300 characters the model loses its way; under about 25 it adds sounds of its own.
"""

import re
from itertools import pairwise

MAX_CHARS = 280
SHORT_CHARS = 25
"""Source: what users of upstream found safe, resemble-ai/chatterbox issues 97 and 201."""

_ENDS = (
    re.compile(r"(?<=[.!?…。！？।])[\"'”’)\]]*\s+|(?<=[。！？])"),
    re.compile(r"(?<=[,;:—–、，；])\s*"),
    re.compile(r"\s+"),
)
"""Where a text may be cut: best after a sentence, else after a clause, else between words."""


def cut(text: str) -> list[str]:
    """Return the pieces of a text in order, none over `MAX_CHARS`; no word is lost.

    Short pieces are joined with the one before them where both fit into one.
    """
    pieces = [stripped for piece in _split(text, 0) if (stripped := piece.strip())]
    return [padded(piece) for piece in _joined(pieces)]


def padded(piece: str) -> str:
    """Return a piece that does not end too early: a short one gets a pause to end on.

    Upstream's normalization turns an ellipsis into a comma, which the model holds like a breath.
    """
    if len(piece) >= SHORT_CHARS or piece.endswith(("…", "...", ",", "]")):
        return piece
    return f"{piece} ..."


def _split(text: str, kind: int) -> list[str]:
    if len(text.strip()) <= MAX_CHARS:
        return [text]
    if kind == len(_ENDS):
        # One endless word.
        return [text[start : start + MAX_CHARS] for start in range(0, len(text), MAX_CHARS)]
    cuts = [0, *(match.end() for match in _ENDS[kind].finditer(text)), len(text)]
    parts = [text[start:stop] for start, stop in pairwise(cuts)]
    return _packed([piece for part in parts for piece in _split(part, kind + 1)])


def _packed(parts: list[str]) -> list[str]:
    """Join neighbors while they fit into a piece: fewer joints, and a steadier voice."""
    packed: list[str] = []
    for part in parts:
        if packed and len((packed[-1] + part).strip()) <= MAX_CHARS:
            packed[-1] += part
        else:
            packed.append(part)
    return packed


def _joined(pieces: list[str]) -> list[str]:
    """Move words to a last piece that is too short to be spoken well."""
    if len(pieces) < 2 or len(pieces[-1]) >= SHORT_CHARS:
        return pieces
    before = pieces[-2].rsplit(" ", 4)
    if len(before) < 5:
        return pieces
    return [*pieces[:-2], before[0], " ".join([*before[1:], pieces[-1]])]
