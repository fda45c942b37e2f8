"""Names: Roman figures behind them, as an English reader says them."""

import re

from rhapsode.text.speakable.english.numerals import cardinal, ordinal, roman
from rhapsode.text.speakable.spoken import Rule, Said

_CARDINAL_AFTER = frozenset(
    [
        "chapter",
        "part",
        "book",
        "volume",
        "act",
        "scene",
        "section",
        "war",
        "phase",
        "type",
        "stage",
        "level",
        "class",
        "grade",
        "figure",
        "table",
        "appendix",
        "article",
        "canto",
        "episode",
        "season",
        "mark",
        "title",
        "bowl",
        "unit",
        "group",
        "tier",
        "model",
        "world",
        "vatican",
        "apollo",
        "gemini",
        "saturn",
        "rocky",
        "fantasy",
        "verse",
        "lesson",
        "day",
        "night",
        "round",
    ]
)
_ROYAL = frozenset(
    [
        "charles",
        "edward",
        "elizabeth",
        "francis",
        "frederick",
        "george",
        "henry",
        "james",
        "john",
        "louis",
        "mary",
        "napoleon",
        "nicholas",
        "philip",
        "richard",
        "william",
        "catherine",
        "peter",
        "paul",
    ]
)
_WORD_BEFORE = re.compile(r"[^\W\d_]+ $")
_ROMAN = r"(?:X{1,3}(?:IX|IV|V?I{0,3})|IX|IV|VI{0,3}|I{1,3})"


def word_before(match: re.Match[str]) -> str:
    """Return the word in front of a match and its space."""
    before = _WORD_BEFORE.search(match.string[max(0, match.start() - 32) : match.start()])
    return before[0].rstrip() if before else ""


def _say_roman(match: re.Match[str]) -> Said:
    name, figures = word_before(match), match[0]
    if not name[:1].isupper() or len(name) < 3:
        return None
    if name.lower() in _CARDINAL_AFTER:
        return cardinal(roman(figures))
    if len(figures) > 1 or (figures == "V" and name.lower() in _ROYAL):
        return f"the {ordinal(roman(figures)).capitalize()}"
    return None


ROMANS: tuple[Rule, ...] = ((re.compile(rf"(?<=[a-z] ){_ROMAN}\b(?!['’.]\w)"), _say_roman),)
