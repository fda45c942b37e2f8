"""Marks: what is written for the eye, in any language. Markdown, HTML, addresses, emoji."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

from rhapsode.text.speakable.spoken import Rule, Said, saying

# A run of white space is looked at from its start only: else long ones would take squared time.
_SPACES = r"(?<![ \t])[ \t]"

_LIST_MARK = r"[-*+•‣◦][ \t]+(?:\[[ xX]\][ \t]+)?"
_HEADING_OR_ITEM = re.compile(rf"[ \t>]*(?:\#{{1,6}}[ \t]|{_LIST_MARK}|\d{{1,3}}[.)][ \t])")
_TRAILING_MARKS = "*_`~|# \t"

_INLINE_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    ]
)
_TOP_LEVEL = "com|org|net|edu|gov|info|io|dev|app|co|uk|eu|de|fr|es|it|nl|ch|at|ca|au|jp"
_EMOJI = (
    "[\U0001f000-\U0001f0ff\U0001f10d-\U0001faff\u2190-\u21ff\u231a-\u23ff\u2600-\u2775"
    "\u2794-\u27bf\u2b00-\u2bff][\ufe0e\ufe0f\u200d\u20e3\U000e0020-\U000e007f]*"
)
_PICTURE = "\ufffc"
"""Stands for an emoji between two rules; not left in any text by then."""

_CONTROLS = (
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u2069\ufe0e\ufe0f\u20e3\ufeff\ufff9-\ufffd\ud800-\udfff]+"
)


def _pause_at_line_break(match: re.Match[str]) -> Said:
    """Pause where a line ends without a mark, unless it only went on in the next."""
    text = match.string
    before = match.start()
    while before and text[before - 1] in _TRAILING_MARKS and text[before - 1] != "\n":
        before -= 1
    if not before or not text[before - 1].isalnum():
        return "\n"
    line = text.rfind("\n", 0, before) + 1
    if match[0].count("\n") > 1 or _HEADING_OR_ITEM.match(text, line):
        return ".\n"
    return "\n" if text[match.end()].islower() else ",\n"


def _say_address(match: re.Match[str]) -> Said:
    """Say the part of an address that a reader would say aloud."""
    address = match["address"]
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _say_tag(match: re.Match[str]) -> Said:
    return "" if match["name"].lower() in _INLINE_TAGS else " "


def _say_entity(match: re.Match[str]) -> Said:
    character = html.unescape(match[0])
    return None if character == match[0] else character


def _say_plain(match: re.Match[str]) -> Said:
    """Say letters in fancy dress as what they are."""
    return unicodedata.normalize("NFKC", match[0])


def _say_without_emoji(match: re.Match[str]) -> Said:
    following = match.string[match.end() : match.end() + 1]
    return "" if not following or following in ",.;:!?…" else " "


def _say_shouted(match: re.Match[str]) -> Said:
    return "".join(mark for mark in "?!" if mark in match[0])


_LINES: tuple[Rule, ...] = (
    # Opens or closes a fence; what stands between is read, see `code.py` for what is not.
    (re.compile(r"^[ \t]*(?:```|~~~)[^\n`]*$", re.M), saying("")),
    # Scene breaks, underlines of headings, rows between table head and body.
    (re.compile(r"^[^\w\n]+$", re.M), saying("")),
    (re.compile(r"^[ \t]*\[\^[^\]\s]{1,40}\]:[ \t]*", re.M), saying("")),
    (re.compile(r"^[ \t]*\[[^\]\n]{1,200}\]:[ \t]*\S+[^\n]*$", re.M), saying("")),
    (re.compile(rf"^[ \t]*\|[ \t]*|{_SPACES}*\|[ \t]*$", re.M), saying("")),
    (re.compile(r"(?<!\s)[^\S\n]*\n\s*(?=\S)"), _pause_at_line_break),
    (
        re.compile(rf"^(?:[ \t]*(?:\#{{1,6}}[ \t]+|>[ \t]?|{_LIST_MARK}))+", re.M),
        saying(""),
    ),
    (
        re.compile(r"^(?P<number>[ \t]*\d{1,3})\)(?=[ \t])", re.M),
        lambda match: match["number"] + ".",
    ),
    (re.compile(rf"{_SPACES}+\#{{1,6}}[ \t]*$", re.M), saying("")),
    (re.compile(rf"{_SPACES}*\|+[ \t]*"), saying(", ")),
)

_LINKS: tuple[Rule, ...] = (
    (re.compile(r"<!--(?:(?!-->).){0,500}-->", re.S), saying("")),
    (
        re.compile(
            r"!?\[(?P<label>[^\[\]\n]{0,300})\]"
            r"(?:\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:[ \t]+\"[^\"\n]{0,200}\")?\)"
            r"|\[[^\[\]\n]{0,100}\])"
        ),
        lambda match: match.span("label"),
    ),
    (re.compile(r"\[\^[^\]\s]{1,40}\]"), saying("")),
    (
        re.compile(r"\b(?P<address>(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;:!?*_])"),
        _say_address,
    ),
    (
        re.compile(
            rf"\b(?P<address>(?:[a-zA-Z0-9-]{{1,63}}\.){{1,5}}(?:{_TOP_LEVEL}))/[^\s<>\"')\]]*"
            r"[^\s<>\"')\].,;:!?*_]"
        ),
        _say_address,
    ),
    (re.compile(r"</?(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?:[\s/][^<>\n]{0,200})?>"), _say_tag),
    (re.compile(r"&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"), _say_entity),
)

_CHARACTERS: tuple[Rule, ...] = (
    (re.compile(_CONTROLS), saying("")),
    (
        re.compile(
            r"(?<!\S)(?:[:;]['o^-]?[)(\]\[DPp|/\\3]+|:'-?\(|<3+|[xX]D+|\^_*\^)"
            r"(?=[\s.,!?…\"”’)]|$)"
        ),
        saying(""),
    ),
    (re.compile(_EMOJI), saying(_PICTURE)),
    (
        re.compile(rf"(?<![\s{_PICTURE}])[\s{_PICTURE}]*{_PICTURE}[\s{_PICTURE}]*"),
        _say_without_emoji,
    ),
    (
        re.compile(r"[\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]+"),
        _say_plain,
    ),
    (re.compile(r"(?<=\d)[ ]?\*[ ]?(?=\d)"), saying(" × ")),
    (re.compile(r"[*`]+|~~+|~(?!\d)"), saying("")),
    (re.compile(r"(?<=[^\W_])_+(?=[^\W_])"), saying(" ")),
    (re.compile(r"_+"), saying("")),
    (re.compile(r"(?<![\w&#])\#(?=[^\W\d_])|(?<![\w@])@(?=\w)"), saying("")),
)

MARKS = (*_LINES, *_LINKS, *_CHARACTERS)
"""From marked text to plain text."""

TIDY: tuple[Rule, ...] = (
    (re.compile(r"~"), saying("")),
    # "Nooooooo!!!!!": a reader draws a word out, but comes to an end.
    (re.compile(r"([^\W\d_])\1{3,}", re.I), lambda match: match[0][:3]),
    (re.compile(r"[!?]{2,}"), _say_shouted),
    (re.compile(r"\.{4,}"), saying("...")),
    (re.compile(r"…[….]+"), saying("…")),
    (re.compile(r",{2,}"), saying(",")),
    (re.compile(r"(?<!-)--+(?!-)"), saying("—")),
    (re.compile(r"^\s+|(?<!\s)\s+$"), saying("")),
    (re.compile(r"\s+"), saying(" ")),
)
"""The last rules, after those of a language."""
