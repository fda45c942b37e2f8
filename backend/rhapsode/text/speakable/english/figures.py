"""Figures: numbers with what stands around them, as an English reader says them.

Speech models garble figures; so all of them become words.
"""

import re

from rhapsode.text.speakable.english.measures import CURRENCIES, SCALE, SCALES, UNIT, UNITS
from rhapsode.text.speakable.english.numerals import (
    cardinal,
    clock,
    digits,
    number,
    ordinal,
    plural,
    year,
)
from rhapsode.text.speakable.spoken import Rule, Said, saying

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_ALONE = r"(?<![\w.,])"
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTHS = _MONTH.split("|")

_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth", 8: "eighth", 10: "tenth"}
_VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8),
}  # fmt: skip


def _amount(figures: str, names: tuple[str, str]) -> str:
    return f"{number(figures)} {names[0] if figures == '1' else names[1]}"


def _say_money(match: re.Match[str]) -> Said:
    one, many, one_part, many_parts = CURRENCIES[match["sign"]]
    figures = match["figures"]
    scale = match["name"] or SCALES.get((match["scale"] or "").lower(), "")
    if scale:
        return f"{number(figures)} {scale} {many}"
    whole, _, parts = figures.partition(".")
    if len(parts) != 2:
        return _amount(figures, (one, many))
    said = [_amount(whole, (one, many))] if whole.strip("0") else []
    if parts.strip("0"):
        said.append(_amount(parts.lstrip("0"), (one_part, many_parts)))
    return " and ".join(said) or f"zero {many}"


def _say_measure(match: re.Match[str]) -> Said:
    one, many = UNITS[match["unit"]]
    if match["joint"] == "-":
        return f"{number(match['figures'])}-{one}"
    return _amount(match["figures"], (one, many))


def _say_height(match: re.Match[str]) -> Said:
    return f"{number(match['feet'])} foot {number(match['inches'])}"


def _say_time(match: re.Match[str]) -> Said:
    hour, minute = int(match["hour"]), int(match["minute"])
    said = clock(hour, minute)
    if not minute and not match["half"]:
        said += " o'clock" if 0 < hour <= 12 else " hundred"
    if match["second"]:
        said += f" and {cardinal(int(match['second']))} seconds"
    return said


def _say_iso_date(match: re.Match[str]) -> Said:
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    return f"{_MONTHS[month - 1]} {ordinal(int(match['day']))}, {year(int(match['year']))}"


def _say_fraction(match: re.Match[str]) -> Said:
    top, bottom = int(match["top"]), int(match["bottom"])
    if not 0 < top < bottom or bottom not in _PARTS:
        return f"{match['whole'] or ''}{cardinal(top)} {cardinal(bottom)}"
    return _and_part(match["whole"], top, bottom)


def _say_vulgar(match: re.Match[str]) -> Said:
    return _and_part(match["whole"], *_VULGAR[match["part"]])


def _and_part(whole: str | None, top: int, bottom: int) -> str:
    part = _PARTS[bottom]
    many = "halves" if part == "half" else f"{part}s"
    if not whole:
        return f"{cardinal(top)} {part if top == 1 else many}"
    said = ("a" if part == "half" else "one") if top == 1 else cardinal(top)
    return f"{number(whole.strip())} and {said} {part if top == 1 else many}"


def _say_decade(match: re.Match[str]) -> Said:
    figures = match["figures"]
    if len(figures) == 2:
        return plural(cardinal(int(figures)))
    return plural(year(int(figures)))


def _say_number(match: re.Match[str]) -> Said:
    """Say a number, as a year where it looks like one, apart from letters beside it."""
    figures = match[0]
    is_year = len(figures) == 4 and 1100 <= int(figures) <= 2099 if figures.isdecimal() else False
    said = year(int(figures)) if is_year else number(figures)
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return f"{' ' * before.isalpha()}{said}{' ' * after.isalpha()}"


def _say_groups(match: re.Match[str]) -> Said:
    return ", ".join(digits(group) for group in re.findall("[0-9]+", match[0]))


def _say_points(match: re.Match[str]) -> Said:
    return " point ".join(number(part) for part in match[0].split("."))


_CALENDAR: tuple[Rule, ...] = (
    (
        re.compile(
            r"(?<![\w-])(?:\+[0-9]{1,3}[ -])?(?:\([0-9]{3}\) ?|[0-9]{3}-)?"
            r"[0-9]{3}-[0-9]{4}(?![\w-])"
            r"|(?<!\w)\+[0-9]{1,3}(?:[ -][0-9]{2,5}){2,5}(?![\w-])"
        ),
        _say_groups,
    ),
    (
        re.compile(
            r"(?<![\w-])(?P<year>[1-9][0-9]{3})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])(?![\w-])"
        ),
        _say_iso_date,
    ),
    (
        re.compile(rf"\b(?:the )?(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?= (?:{_MONTH})\b)", re.I),
        lambda match: f"the {ordinal(int(match['day']))} of",
    ),
    (
        re.compile(r"(?<=[a-z] )(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?\b(?![.,:]?[0-9]|[-–/%°])"),
        lambda match: ordinal(int(match["day"])) if _follows_month(match) else None,
    ),
    (
        re.compile(
            r"(?<![\w.:])(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
            r"(?::(?P<second>[0-5][0-9]))?(?P<half>(?=\s?[AaPp]M\b))?(?![\w:])"
        ),
        _say_time,
    ),
)

_SIGNS: tuple[Rule, ...] = (
    (re.compile(r"(?<=[0-9])\s?–\s?(?=[$€£¥.]?[0-9])"), saying(" to ")),
    (re.compile(r"(?<=[0-9])-(?=[0-9]{1,4}\b(?!-))"), saying(" to ")),
    (re.compile(r"(?<=[0-9])[x×](?=[0-9])|(?<=[0-9]) x (?=[0-9])"), saying(" by ")),
    (re.compile(r"(?<=[0-9]) - (?=[0-9])"), saying(" minus ")),
    (re.compile(r"(?<![\w.,)])[-−](?=[0-9])"), saying("minus ")),
    (re.compile(r"(?<=[0-9]):(?=[0-9])"), saying(" to ")),
    (re.compile(r"\#(?=[0-9])"), saying("number ")),
    (re.compile(r"[~≈](?=\s?[$€£]?[0-9])"), saying("about ")),
    (re.compile(r"<(?=\s?[$€£]?[0-9])"), saying("less than ")),
    (re.compile(r">(?=\s?[$€£]?[0-9])"), saying("more than ")),
)

_AMOUNTS: tuple[Rule, ...] = (
    (re.compile(rf"(?P<sign>[$€£¥₹₽])\s?(?P<figures>{_NUMBER}){SCALE}"), _say_money),
    (re.compile(rf"{_ALONE}(?P<figures>{_NUMBER}){SCALE}\s?(?P<sign>[€£¥₹₽])"), _say_money),
    (
        re.compile(r"(?<![\w.])(?P<feet>[0-9]{1,2})['′](?P<inches>[0-9]{1,2})[\"″]?(?!\w)"),
        _say_height,
    ),
    (
        re.compile(
            r"(?<![\w./])(?P<whole>[0-9]{1,9} )?"
            r"(?P<top>[0-9]{1,3})/(?P<bottom>[0-9]{1,3})(?![\w/])"
        ),
        _say_fraction,
    ),
    (
        re.compile(rf"(?:(?P<whole>[0-9]{{1,9}})\s?)?(?P<part>[{''.join(_VULGAR)}])"),
        _say_vulgar,
    ),
    (re.compile(r"(?<!\w)['’]?(?P<figures>[1-9]0|(?:1[1-9]|20)[0-9]0)['’]?s\b"), _say_decade),
    (
        re.compile(
            rf"{_ALONE}(?P<figures>{_NUMBER})(?P<joint>[ \u00a0-]?)(?P<unit>{UNIT})"
            r"(?:\.(?=\s[a-z])|(?![\w/²³]))"
        ),
        _say_measure,
    ),
    (
        re.compile(
            r"(?<![\w.])(?P<figures>[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:st|nd|rd|th)\b"
        ),
        lambda match: ordinal(int(match["figures"].replace(",", ""))),
    ),
    (re.compile(r"(?<![\w.])[0-9]{1,9}(?:\.[0-9]{1,9}){2,8}(?![\w])"), _say_points),
    (re.compile(rf"(?<![0-9]){_NUMBER}|[0-9]+"), _say_number),
)

_SYMBOLS: tuple[Rule, ...] = (
    (re.compile(r"\s?&\s?"), saying(" and ")),
    (re.compile(r"\s?@\s?(?=\w)"), saying(" at ")),
    (re.compile(r"(?<=[\w+])\+(?=\W|$)"), saying(" plus")),
    (re.compile(r"\s?\+\s?(?=\w)"), saying(" plus ")),
    (re.compile(r"\s?=\s?(?=[\w-])"), saying(" equals ")),
    (re.compile(r"\s?÷\s?"), saying(" divided by ")),
    (re.compile(r"\s?×\s?"), saying(" times ")),
    (re.compile(r"\s?±\s?"), saying(" plus or minus ")),
    (re.compile(r"²"), saying(" squared")),
    (re.compile(r"³"), saying(" cubed")),
    (re.compile(r"§\s?"), saying("section ")),
    (re.compile(r"[™®©†‡¶]"), saying("")),
    (re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])"), saying(" ")),
)


def _follows_month(match: re.Match[str]) -> bool:
    return match.string[max(0, match.start() - 10) : match.start() - 1].endswith(tuple(_MONTHS))


FIGURES = (*_CALENDAR, *_SIGNS, *_AMOUNTS, *_SYMBOLS)
"""After the abbreviations."""
