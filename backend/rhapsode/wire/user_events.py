"""What a user's open pages are told, as JSON."""

import dataclasses
from datetime import datetime

from rhapsode.live.user_events import TtsFailed, TtsProgress, TtsReady, UserEvent
from rhapsode.wire.json_text import to_json

_TYPES: dict[type[UserEvent], str] = {
    TtsReady: "tts_ready",
    TtsFailed: "tts_failed",
    TtsProgress: "tts_progress",
}
"""The fields of a message are the fields of its event."""


def encode(event: UserEvent) -> str:
    """Encode an event as a text frame."""
    fields = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in dataclasses.asdict(event).items()
    }
    return to_json({"type": _TYPES[type(event)], **fields})


def encode_connected(user_id: int, last_id: int) -> str:
    """Encode the first message of a socket.

    Args:
        user_id: Whose events follow.
        last_id: Where to go on from after a lost connection, until an event says otherwise.
    """
    return to_json({"type": "connected", "user_id": user_id, "last_id": last_id})
