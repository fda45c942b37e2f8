"""CodeBlocks: what stands in a fence of code is shown, but nobody wants to hear it."""

import re

_OPENING = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<kind>[\w+#.-]+)[^`\n]*$")
_MAY_OPEN = re.compile(r" {0,3}(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[^`\n]*)?$")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LONGEST_OPENING = 100

PROSE = frozenset(
    ["markdown", "md", "text", "txt", "plain", "plaintext", "prose", "story", "poem", "letter"]
)
"""Kinds of blocks that are read aloud, as are those that do not say what they are.

Writers put letters, signs and screens in them, and some models their whole story.
"""


class CodeBlocks:
    """Blanks the code in a text that comes in pieces. No I/O, no clock.

    Every character becomes a space, except line breaks: offsets stay, and a sentence in front of
    the code ends there. A block that is never closed reaches to the end of the text.
    """

    def __init__(self) -> None:
        self._held = ""
        """The begin of a line that may yet open a block."""
        self._at_line_start = True
        self._fence = ""
        """What closes the block; empty outside."""
        self._line = ""
        """The line so far inside a block."""

    def push(self, delta: str) -> str:
        """Take text of any length; return what is known of it and of what was held back."""
        given: list[str] = []
        for line in _LINE.findall(delta):
            given.append(self._blank(line) if self._fence else self._pass_on(line))
        return "".join(given)

    def close(self) -> str:
        """Return what was held back when no more text comes."""
        held, self._held = self._held, ""
        return held

    def _pass_on(self, piece: str) -> str:
        if not self._at_line_start:
            self._at_line_start = piece.endswith("\n")
            return piece
        line, self._held = self._held + piece, ""
        if line.endswith("\n"):
            if opening := _OPENING.match(line[:-1]):
                return self._open(opening, line)
            return line
        if len(line) <= _LONGEST_OPENING and _MAY_OPEN.match(line):
            self._held = line
            return ""
        self._at_line_start = False
        return line

    def _open(self, opening: re.Match[str], line: str) -> str:
        if opening["kind"].lower() in PROSE:
            return line
        self._fence, self._line = opening["fence"], ""
        return _blanked(line)

    def _blank(self, piece: str) -> str:
        # Longer than any closing line there is nothing to remember.
        self._line = (self._line + piece)[: len(self._fence) + _LONGEST_OPENING]
        if piece.endswith("\n"):
            if self._closes(self._line):
                self._fence = ""
            self._line = ""
        return _blanked(piece)

    def _closes(self, line: str) -> bool:
        mark = line.strip()
        return len(mark) >= len(self._fence) and mark == self._fence[0] * len(mark)


def without_code(text: str) -> str:
    """Return a whole text of the same length, with spaces for the code in it."""
    blocks = CodeBlocks()
    return blocks.push(text) + blocks.close()


def _blanked(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
