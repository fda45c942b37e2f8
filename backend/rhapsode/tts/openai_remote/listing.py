"""The voices of a speech server, in the shapes that servers really send."""

from collections.abc import Iterable
from typing import cast

from rhapsode.network import Network
from rhapsode.tts.engine import RemoteServer, Voice
from rhapsode.tts.openai_remote.request import get_json

MAX_VOICES = 2000
MAX_NAME_CHARS = 200

_UNKNOWN_LANGUAGE = "und"
_GUESSED = "Not listed by the server: a name that most servers know."

USUAL_VOICES = (
    *("alloy", "ash", "ballad", "coral", "echo", "fable", "marin", "cedar"),
    *("nova", "onyx", "sage", "shimmer", "verse"),
)
"""The names that OpenAI's own server knows."""


async def list_voices(network: Network, server: RemoteServer) -> list[Voice]:
    """Return the voices that a server lists, or, marked as guesses, the usual ones.

    Raises:
        SpeechServerError: The server cannot be reached, or refuses the key.
    """
    listed = read_voices(await get_json(network, server, "/audio/voices"))
    return listed or [
        Voice(name, name.capitalize(), _UNKNOWN_LANGUAGE, _GUESSED) for name in USUAL_VOICES
    ]


def read_voices(answer: object) -> list[Voice]:
    """Read a list of voices: of names, or of objects, by itself or under a key."""
    voices: dict[str, Voice] = {}
    for entry in _entries(answer, ("voices", "data")):
        voice = _read_voice(entry)
        if voice is not None and len(voices) < MAX_VOICES:
            voices.setdefault(voice.id, voice)
    return list(voices.values())


def _read_voice(entry: object) -> Voice | None:
    if isinstance(entry, str):
        name = entry.strip()[:MAX_NAME_CHARS]
        return Voice(name, name, _UNKNOWN_LANGUAGE) if name else None
    fields = _fields(entry)
    id = _text(fields, "id", "voice_id", "voice", "name")
    if not id:
        return None
    return Voice(
        id=id,
        name=_text(fields, "name", "display_name", "title") or id,
        language=_text(fields, "language", "lang", "locale") or _UNKNOWN_LANGUAGE,
        description=_text(fields, "description"),
    )


def _entries(answer: object, keys: Iterable[str]) -> list[object]:
    if isinstance(answer, list):
        return cast("list[object]", answer)
    fields = _fields(answer)
    for key in keys:
        found = fields.get(key)
        if isinstance(found, list):
            return cast("list[object]", found)
        if isinstance(found, dict):
            # Names as keys, with what is known of each as values.
            known = cast("dict[object, object]", found)
            return [{"id": name, **_fields(value)} for name, value in known.items()]
    return []


def _fields(value: object) -> dict[object, object]:
    return cast("dict[object, object]", value) if isinstance(value, dict) else {}


def _text(fields: dict[object, object], *names: str) -> str:
    """Return the first of the fields that holds text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()[:MAX_NAME_CHARS]
    return ""
