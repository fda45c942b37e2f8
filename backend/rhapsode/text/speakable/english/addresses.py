"""Addresses: e-mail, hosts and file names, as an English reader says them."""

import re

from rhapsode.text.speakable.spoken import Rule, Said

_SPELLED = frozenset(
    [
        "pdf",
        "txt",
        "html",
        "css",
        "js",
        "ts",
        "png",
        "gif",
        "csv",
        "xml",
        "exe",
        "dll",
        "cfg",
        "uk",
        "eu",
        "md",
        "py",
        "sh",
        "mp3",
        "mp4",
    ]
)
_ENDINGS = (
    "pdf|txt|md|docx?|xlsx?|jpe?g|png|gif|mp3|mp4|wav|csv|json|xml|html?|css|js|ts|py|exe|dll|zip|"
    "dat|log|cfg|ini|sh|com|org|net|edu|gov|info|io|dev|app|co\\.uk|de|fr|eu|uk"
)


def _say_dots(match: re.Match[str]) -> Said:
    *name, ending = match[0].split(".")
    return " dot ".join([*name, _spelled(ending)])


def _say_email(match: re.Match[str]) -> Said:
    name, _, host = match[0].partition("@")
    *labels, ending = host.split(".")
    return f"{name.replace('.', ' dot ')} at {' dot '.join([*labels, _spelled(ending)])}"


def _spelled(ending: str) -> str:
    return " ".join(ending.upper()) if ending.lower() in _SPELLED else ending


ADDRESSES: tuple[Rule, ...] = (
    (
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-zA-Z]{2,20}\b"),
        _say_email,
    ),
    (
        re.compile(rf"(?<![\w.-])(?:[\w-]{{1,63}}\.){{1,5}}(?:{_ENDINGS})\b(?!\.\w)"),
        _say_dots,
    ),
)
