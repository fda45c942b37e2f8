"""Keys: what makes two sentences sound the same."""

import hashlib
import json

from rhapsode.narrate_later.records import Delivery, voice_parameters
from rhapsode.text.speakable import speakable

_SCHEME = 1
"""Raise it when the way from engine to kept sound changes: everything is then made anew."""


def audio_key(text: str, delivery: Delivery) -> str:
    """Return the name under which a sentence's sound is kept, 64 hexadecimal digits.

    Marks that are not spoken make no difference: `*Run!*` and `Run!` are one recording.

    Args:
        text: The displayed text of one sentence.
        delivery: Who speaks, and how.
    """
    choice = delivery.choice
    identity = [
        _SCHEME,
        speakable(text, delivery.diction).text,
        delivery.diction.language,  # an owner can change what their voice reads
        choice.engine,
        delivery.engine_version,
        choice.voice,
        voice_parameters(choice.options),
    ]
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def revision_of(text: str) -> str:
    """Return a name for this exact text, 64 hexadecimal digits."""
    # Half a surrogate pair can come from a model; it must not break hashing.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
