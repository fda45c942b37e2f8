"""Abbreviations: titles, streets, Latin, initialisms, as an English reader says them."""

import re

from rhapsode.text.speakable.english.names import word_before
from rhapsode.text.speakable.spoken import Rule, Said, saying

_BEFORE_NAME = {
    "Dr": "Doctor",
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Prof": "Professor",
    "St": "Saint",
    "Mt": "Mount",
    "Ft": "Fort",
    "Rev": "Reverend",
    "Hon": "Honorable",
    "Gen": "General",
    "Col": "Colonel",
    "Maj": "Major",
    "Capt": "Captain",
    "Cpt": "Captain",
    "Cmdr": "Commander",
    "Lt": "Lieutenant",
    "Sgt": "Sergeant",
    "Cpl": "Corporal",
    "Pvt": "Private",
    "Adm": "Admiral",
    "Gov": "Governor",
    "Sen": "Senator",
    "Rep": "Representative",
    "Pres": "President",
    "Supt": "Superintendent",
    "Insp": "Inspector",
    "Messrs": "Messers",
    "Mme": "Madame",
    "Mlle": "Mademoiselle",
    "Fr": "Father",
}
_BARE = "Dr|Mr|Mrs|Ms|Prof|St|Mt|Capt|Lt|Sgt|Mme|Mlle|Messrs"
"""Those that are also written without a stop."""

_AFTER_NAME = {
    "Jr": "Junior",
    "Sr": "Senior",
    "St": "Street",
    "Dr": "Drive",
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Rd": "Road",
    "Ltd": "Limited",
    "Inc": "Incorporated",
    "Co": "Company",
    "Corp": "Corporation",
    "Bros": "Brothers",
}
_ANYWHERE = {
    "etc": "et cetera",
    "vs": "versus",
    "e.g": "for example",
    "i.e": "that is",
    "cf": "compare",
    "approx": "approximately",
    "dept": "department",
    "govt": "government",
    "viz": "namely",
    "ca": "circa",
    "misc": "miscellaneous",
}
_BEFORE_FIGURE = {
    "no": "number",
    "nos": "numbers",
    "vol": "volume",
    "vols": "volumes",
    "p": "page",
    "pp": "pages",
    "ch": "chapter",
    "chap": "chapter",
    "fig": "figure",
    "sec": "section",
    "sect": "section",
    "art": "article",
    "ed": "edition",
    "op": "opus",
    "c": "circa",
    "ca": "circa",
}
_SLASHED = {
    "w/o": "without",
    "b/c": "because",
    "he/she": "he or she",
    "she/he": "she or he",
    "his/her": "his or her",
    "him/her": "him or her",
    "and/or": "and or",
    "either/or": "either or",
    "n/a": "not applicable",
}
_MONTHS = dict(
    zip(
        ["Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"],
        [
            "January",
            "February",
            "March",
            "April",
            "June",
            "July",
            "August",
            "September",
            "September",
            "October",
            "November",
            "December",
        ],
        strict=True,
    )
)


def _any_of(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _say_after_name(match: re.Match[str]) -> Said:
    return _AFTER_NAME[match["word"]] + _stop_at_end(match)


def _say_anywhere(match: re.Match[str]) -> Said:
    return _ANYWHERE[match["word"].lower()] + _stop_at_end(match)


def _say_initials(match: re.Match[str]) -> Said:
    return match[0].replace(".", "") + _stop_at_end(match)


def _say_half_of_day(match: re.Match[str]) -> Said:
    return f" {match['half'].upper()}M" + _stop_at_end(match)


def _stop_at_end(match: re.Match[str]) -> str:
    """Keep the stop where it also ends the sentence: where nothing more is said."""
    rest = match.string[match.end() : match.end() + 8]
    return "." if match[0].endswith(".") and not rest.strip("\"'”’)]* ") else ""


def _say_place(match: re.Match[str]) -> Said:
    if not word_before(match)[:1].isupper():
        return None
    return _AFTER_NAME[match["word"]] + _stop_at_end(match)


def _say_stutter(match: re.Match[str]) -> Said:
    return "".join(f"{start}uh-" for start in match[0].split("-") if start)


_CONSONANTS = "bcdfghjklmnpqrstvwxyz"

ABBREVIATIONS: tuple[Rule, ...] = (
    (
        re.compile(
            rf"\b(?!d-day)(?:([{_CONSONANTS}])-|([{_CONSONANTS}]h)-)(?=(?:\1|\2)[a-z'’-])", re.I
        ),
        _say_stutter,
    ),
    (re.compile(rf"\b({_any_of(_SLASHED)})\b", re.I), lambda match: _SLASHED[match[0].lower()]),
    (re.compile(r"\bw/(?=[ \w])"), saying("with ")),
    (
        re.compile(rf"\b(?P<month>{'|'.join(_MONTHS)})\b\.?(?=\s[0-9])"),
        lambda match: _MONTHS[match["month"]],
    ),
    # An address or a name goes before: "12 Elm St.", "Sammy Davis Jr.", "Smith & Co.".
    (
        re.compile(
            r"(?<=[a-z0-9&,] )(?P<word>Jr|Sr|Ave|Blvd|Rd|Ltd|Inc|Co|Corp|Bros)\b(?:\.|(?=\W|$))"
        ),
        _say_after_name,
    ),
    (re.compile(r"(?<=[a-z] )(?P<word>St|Dr)\b\.?(?=[,;)]|\s[a-z]|\W?\W?$)"), _say_place),
    (
        re.compile(
            rf"\b(?:(?P<title>{'|'.join(_BEFORE_NAME)})\.(?=\s?[A-Z])|(?P<bare>{_BARE})(?=\s[A-Z]))"
        ),
        lambda match: _BEFORE_NAME[match["title"] or match["bare"]],
    ),
    (
        re.compile(rf"\b(?P<word>{_any_of(_BEFORE_FIGURE)})\.\s?(?=[0-9])", re.I),
        lambda match: _BEFORE_FIGURE[match["word"].lower()] + " ",
    ),
    (re.compile(r"(?<=[0-9])\s?(?P<half>[ap])\.?m\b\.?", re.I), _say_half_of_day),
    (re.compile(rf"\b(?P<word>{_any_of(_ANYWHERE)})\.", re.I), _say_anywhere),
    (re.compile(r"\bvs\b"), saying("versus")),
    (re.compile(r"\bPh\.\s?D\b\.?"), _say_initials),
    (re.compile(r"\b(?:[A-Za-z]\.){2,}"), _say_initials),
    # "J. R. R. Tolkien": an engine would end a sentence at each.
    (re.compile(r"\b(?P<letter>[A-HJ-Z])\.(?=\s[A-Z])"), lambda match: match["letter"]),
)
"""Before those of figures: what stands beside a figure may be an abbreviation."""
