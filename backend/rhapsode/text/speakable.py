"""speakable(): written text to text for an engine, with the way back to every character."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_RULES = re.compile(
    r"""
      (?P<fence>   ^[ \t]*(?:```|~~~)[^\n]*$ )       # opens or closes a code block
    | (?P<rule>    ^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$ )
    | (?P<marker>  ^[ \t]*(?:\#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+) ) # heading, quotation, list item
    | (?P<image>   !\[(?P<alt>[^\]\n]*)\]\([^)\s]*\) )
    | (?P<link>    \[(?P<label>[^\]\n]*)\]\([^)\s]*\) )
    | (?P<url>     \b(?:https?://|www\.)[^\s<>"')\]]+[^\s<>"')\].,;:!?] )
    | (?P<tag>     </?[a-zA-Z][^<>\n]{0,80}> )
    | (?P<pipe>    [ \t]*\|[ \t]* )
    | (?P<stars>   [*`~]+ )
    | (?P<under>   (?<!\w)_+(?=\w) | (?<=[\w.,!?])_+(?!\w) )
    | (?P<emoji>   [\U0001F000-\U0001F0FF\U0001F10D-\U0001FAFF\u2190-\u21FF\u231A-\u23FF
                    \u2600-\u2775\u2794-\u27BF\u2B00-\u2BFF
                    \uFE0E\uFE0F\u200D\u20E3\U000E0020-\U000E007F]+ )
    | (?P<control> [\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ufffc\ufffd\ud800-\udfff]+ )
    | (?P<space>   \s+ )
    """,
    re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Speakable:
    """Text as an engine is to say it."""

    text: str
    starts: tuple[int, ...]
    """For each character of `text`, the offset of the displayed character it stands for."""

    ends: tuple[int, ...]
    """For each character of `text`, one past the displayed character it stands for."""

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


class _Builder:
    """Collects spoken characters, never two spaces in a row."""

    def __init__(self) -> None:
        self._chars: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def copy(self, text: str, start: int, end: int) -> None:
        for offset in range(start, end):
            self._put(text[offset], offset, offset + 1)

    def say(self, spoken: str, start: int, end: int) -> None:
        for char in spoken:
            self._put(char, start, end)

    def _put(self, char: str, start: int, end: int) -> None:
        if char == " " and (not self._chars or self._chars[-1] == " "):
            return
        self._chars.append(char)
        self._starts.append(start)
        self._ends.append(end)

    def build(self) -> Speakable:
        length = len("".join(self._chars).rstrip())
        return Speakable(
            "".join(self._chars[:length]), tuple(self._starts[:length]), tuple(self._ends[:length])
        )


def speakable(text: str) -> Speakable:
    """Turn displayed text into text to be spoken.

    Markdown marks, code fences, HTML tags, emoji and control characters are left out; a link is
    spoken as its label, a bare URL as its host. Letters and punctuation stay as they are.
    """
    builder = _Builder()
    position = 0
    for match in _RULES.finditer(text):
        builder.copy(text, position, match.start())
        _say_match(builder, text, match)
        position = match.end()
    builder.copy(text, position, len(text))
    return builder.build()


def _say_match(builder: _Builder, text: str, match: re.Match[str]) -> None:
    kind = match.lastgroup if match.lastgroup not in {"alt", "label"} else None
    start, end = match.span()
    if kind in {"space", "emoji", "tag", "fence", "rule"}:
        builder.say(" ", start, end)
    elif kind == "pipe":
        builder.say(", ", start, end)
    elif kind == "url":
        builder.say(_host(match[0]), start, end)
    elif match["label"] is not None:
        builder.copy(text, *match.span("label"))
    elif match["alt"] is not None:
        builder.copy(text, *match.span("alt"))


def _host(url: str) -> str:
    """Return the part of a URL that a reader would say aloud."""
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
