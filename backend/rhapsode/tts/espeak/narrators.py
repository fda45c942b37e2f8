"""Narrators: the few eSpeak voices worth choosing first, and what the engine can do.

Pure data: importing it loads no library.
"""

from dataclasses import dataclass
from importlib.metadata import version

from rhapsode.tts.engine import EngineInfo, Voice

ESPEAK = EngineInfo(
    name="espeak",
    label="eSpeak NG",
    description=(
        "Built in: needs no download, no graphics card and no network, and starts at once. "
        "Clear, but it sounds like a robot."
    ),
    available=True,
    unavailable_reason=None,
    word_times=True,
    # The library goes no slower than 80 words a minute, half the pace of every voice offered.
    min_speed=0.5,
    max_speed=4.0,
    default_voice="arthur",
    version=version("espeakng-loader"),
)


@dataclass(frozen=True, slots=True)
class Narrator:
    """A voice of the library with its settings."""

    voice: Voice
    identifier: str
    """The library's voice file, with a variant (timbre) after a plus sign."""

    words_per_minute: int = 170
    """The library's rate at speed 1; at least 168, or speed 0.5 would be out of its reach."""

    pitch: int = 50
    """0 to 100; the library's default is 50."""

    pitch_range: int = 50
    """0 (monotone) to 100; the library's default is 50."""


def _narrator(
    id: str,
    language: str,
    description: str,
    identifier: str,
    *,
    words_per_minute: int = 170,
    pitch: int = 50,
    pitch_range: int = 60,
) -> Narrator:
    voice = Voice(id, id.capitalize(), language, description)
    return Narrator(voice, identifier, words_per_minute, pitch, pitch_range)


NARRATORS: tuple[Narrator, ...] = (
    _narrator(
        "arthur", "en-GB", "Low and calm, British", "gmw/en+max", words_per_minute=168, pitch=46
    ),
    _narrator(
        "edith", "en-GB", "Measured, British", "gmw/en-GB-x-rp+f4", words_per_minute=168, pitch=46
    ),
    _narrator("isla", "en-GB-scotland", "Lively, Scottish", "gmw/en-GB-scotland+f2", pitch=44),
    _narrator("walter", "en-US", "Deep and even, American", "gmw/en-US+Denis", pitch=44),
    _narrator("ruth", "en-US", "Bright, American", "gmw/en-US+f2", pitch=44),
    _narrator("clara", "de", "Clear, German", "gmw/de+f2", pitch=44),
    _narrator("lucien", "fr-FR", "Calm, French", "roa/fr+max"),
    _narrator("carmen", "es", "Warm, Spanish", "roa/es+f4"),
    _narrator("matteo", "it", "Calm, Italian", "roa/it+max"),
    _narrator("helena", "pt-BR", "Warm, Brazilian", "roa/pt-BR+f4"),
    _narrator("mei", "cmn", "Clear, Mandarin Chinese", "sit/cmn+f2", pitch=44),
)
"""The first one is the default."""

_NOT_BCP_47 = {
    "ca-ba": "ca-x-balearic",
    "ca-nw": "ca-x-nw",
    "ca-va": "ca-valencia",
    "chr-us-qaaa-x-west": "chr-Qaaa-US-x-west",
    "en-us-nyc": "en-US-x-nyc",
    "piqd": "tlh",
    "py": "art-x-pyash",
    "ru-cl": "ru-x-classic",
}
"""The library's language names that mean something else, or nothing, as BCP 47 tags."""


def language_tag(espeak_language: str) -> str:
    """Return the BCP 47 tag of one of the library's language names, such as `en-GB` for `en-gb`.

    Regions are in capitals, scripts capitalized, as the standard recommends.
    """
    known = _NOT_BCP_47.get(espeak_language.lower())
    if known is not None:
        return known
    language, *subtags = espeak_language.split("-")
    private = subtags.index("x") if "x" in subtags else len(subtags)
    spelled = [_spell(subtag) for subtag in subtags[:private]] + subtags[private:]
    return "-".join([language.lower(), *spelled])


def _spell(subtag: str) -> str:
    match len(subtag):
        case 2:
            return subtag.upper()
        case 4:
            return subtag.capitalize()
        case _:
            return subtag.lower()
