"""ReasoningFilter: keeps a model's thinking out of the story."""

import re

_NAMES = ("think", "thinking", "reasoning")
_TAG = re.compile(rf"<(/?)({'|'.join(_NAMES)})>", re.IGNORECASE)
_TAGS = tuple(f"<{slash}{name}>" for name in _NAMES for slash in ("", "/"))


class ReasoningFilter:
    """Removes `<think>`, `<thinking>` and `<reasoning>` blocks from a stream of deltas.

    The same text gives the same result however it is cut into deltas. A block is removed wherever
    it stands; one that never ends hides the rest. A closing tag without its opening is removed
    alone: some chat templates open the block before the first token. White space after a removed
    tag goes with it where nothing, or white space, stands before it. All other text passes
    unchanged, and at once, but for a `<` that may still become a tag and white space before the
    first visible character.
    """

    def __init__(self) -> None:
        self._held = ""
        self._closing: str | None = None
        """The tag that ends the block we are in; None outside of blocks."""

        self._last = ""
        """The last character shown; "" before the first."""

        self._lead = ""
        """White space that is shown if text follows it, and dropped if a block does."""

        self._trim = False
        """True right after a removed tag."""

    def push(self, delta: str) -> str:
        """Take a delta and return the text that is certain to be visible, possibly ""."""
        self._held += delta
        shown: list[str] = []
        while tag := _TAG.search(self._held):
            if self._closing is None:
                shown.append(self._show(self._held[: tag.start()]))
            self._pass(tag)
        certain = _certain_length(self._held)
        if self._closing is None:
            shown.append(self._show(self._held[:certain]))
        self._held = self._held[certain:]
        return "".join(shown)

    def flush(self) -> str:
        """Return what was held back, once the stream has ended."""
        rest = "" if self._closing else self._show(self._held) + self._lead
        self._held = self._lead = ""
        return rest

    def _pass(self, tag: re.Match[str]) -> None:
        """Go past a tag, into a block or out of one."""
        self._held = self._held[tag.end() :]
        closes, name = tag.group(1), tag.group(2).lower()
        if self._closing is None and not closes:
            self._closing = f"</{name}>"
        elif self._closing is None or tag.group().lower() == self._closing:
            self._closing = None
        self._trim = True
        self._lead = ""

    def _show(self, text: str) -> str:
        if self._trim and (not self._last or self._last.isspace()):
            text = text.lstrip()
        elif not self._last:
            text = self._lead + text
            self._lead = ""
            if not text.strip():
                self._lead = text
                return ""
        if text:
            self._trim = False
            self._last = text[-1]
        return text


def _certain_length(text: str) -> int:
    """Return how many characters of `text` cannot be part of a tag that is still incomplete."""
    start = text.rfind("<")
    if start >= 0 and any(tag.startswith(text[start:].lower()) for tag in _TAGS):
        return start
    return len(text)
