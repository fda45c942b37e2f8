"""Where voices lie on disk, for the app and for the engine's process. Knows no torch.

A voice is a folder of its own: `voice.json` says who made it, its name and language; `clip.wav` is
mono, 16 bit, 24 kHz; beside it lies what the models computed from the clip.
"""

import json
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path

VOICE_ID = re.compile(r"voice-[0-9a-f]{32}")
"""Not to be guessed: who knows it got it from its owner, or from the disk."""

_log = logging.getLogger(__name__)

_CLIP = "clip.wav"
_RECORD = "voice.json"


@dataclass(frozen=True, slots=True)
class OwnVoice:
    """A voice that somebody made from a clip."""

    id: str
    owner: int
    """The user's number."""

    name: str
    language: str
    """BCP 47 tag; decides what the multilingual model reads."""

    duration_s: float
    created_at: str
    """ISO 8601, UTC."""


def clip_path(voices_dir: Path, voice: str) -> Path:
    """Return where a voice's clip is; `voice` matches `VOICE_ID`."""
    return voices_dir / voice / _CLIP


def write_record(folder: Path, voice: OwnVoice) -> None:
    """Write what is known about a voice into its folder, whole or not at all."""
    draft = folder / f".{_RECORD}"
    try:
        draft.write_text(json.dumps(asdict(voice)), encoding="utf-8")
        draft.replace(folder / _RECORD)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read_record(voices_dir: Path, voice: str) -> OwnVoice | None:
    """Return what is known about a voice; None if there is none of that id, or none to be read."""
    if not VOICE_ID.fullmatch(voice):
        return None
    try:
        return OwnVoice(**json.loads((voices_dir / voice / _RECORD).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        # One damaged record must not cost everybody their list of voices.
        _log.warning("the record of %s cannot be read: %s", voice, error)
        return None
