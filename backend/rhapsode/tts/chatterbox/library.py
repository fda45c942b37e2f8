"""VoiceLibrary: voices that users made from clips, in a folder. Runs in the app.

The engine's process finds a voice by its id in the same folder. A voice is its owner's alone:
every method takes the user, and to others it does not exist.
"""

import secrets
import shutil
import threading
import wave
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.pcm import to_s16
from rhapsode.errors import ConflictError, InvalidInputError, NotFoundError
from rhapsode.tts.chatterbox.clips import decode_clip
from rhapsode.tts.chatterbox.offers import LANGUAGES
from rhapsode.tts.chatterbox.shelf import VOICE_ID, OwnVoice, clip_path, read_record, write_record

MAX_VOICES = 50
"""Per user: clips are up to 3 MB, and what is computed from one adds 0.2 MB."""

MAX_NAME = 80


class VoiceLibrary:
    """Keeps voices. Blocking; any thread."""

    def __init__(self, folder: Path) -> None:
        """Use a folder; it is made when the first voice is added."""
        self._folder = folder
        self._changing = threading.Lock()
        """Held from reading records to writing one: of changes at once none is lost, and of voices
        that are added at once two never get one name."""

    def list(self, user_id: int) -> list[OwnVoice]:
        """Return a user's voices, by name."""
        places = self._folder.iterdir() if self._folder.is_dir() else ()
        voices = (read_record(self._folder, place.name) for place in places)
        own = [voice for voice in voices if voice is not None and voice.owner == user_id]
        return sorted(own, key=lambda voice: (voice.name.casefold(), voice.id))

    def add(self, user_id: int, name: str, content: bytes, language: str = "en") -> OwnVoice:
        """Make a voice from an uploaded file.

        Args:
            user_id: Whose it will be.
            name: What its owner sees; unique among their voices.
            content: The file; see `decode_clip`.
            language: BCP 47 tag of what the multilingual model is to read with it.

        Raises:
            InvalidInputError: The clip, the name or the language cannot be used.
            ConflictError: They have a voice of that name, or too many.
        """
        name = _checked_name(name)
        _check_language(language)
        samples = decode_clip(content)
        voice = OwnVoice(
            f"voice-{secrets.token_hex(16)}",
            user_id,
            name,
            language,
            round(len(samples) / SAMPLE_RATE, 2),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with self._changing:
            self._check_room(user_id, name)
            self._write(voice, samples)
        return voice

    def get(self, user_id: int, voice_id: str) -> OwnVoice:
        """Return a user's voice.

        Raises:
            NotFoundError: There is none of that id, or it is somebody else's.
        """
        voice = read_record(self._folder, voice_id)
        if voice is None or voice.owner != user_id:
            raise NotFoundError("There is no such voice.")
        return voice

    def change(
        self, user_id: int, voice_id: str, *, name: str | None = None, language: str | None = None
    ) -> OwnVoice:
        """Give a user's voice another name or language; whoever speaks in it follows at once.

        Args:
            user_id: Whose it is.
            voice_id: Which one.
            name: None keeps the one it has.
            language: BCP 47 tag; None keeps the one it has.

        Raises:
            NotFoundError: There is none of that id, or it is somebody else's.
            InvalidInputError: The name or the language cannot be used, or neither is given.
            ConflictError: They have another voice of that name.
        """
        with self._changing:
            voice = self.get(user_id, voice_id)
            if name is None and language is None:
                raise InvalidInputError("Say what is to change: `name`, `language` or both.")
            if name is not None:
                voice = replace(voice, name=_checked_name(name))
                _check_unique(voice.name, [v for v in self.list(user_id) if v.id != voice_id])
            if language is not None:
                _check_language(language)
                voice = replace(voice, language=language)
            write_record(self._folder / voice_id, voice)
        return voice

    def delete(self, user_id: int, voice_id: str) -> None:
        """Delete a user's voice, its clip, and all that was computed from it.

        Raises:
            NotFoundError: There is none of that id, or it is somebody else's.
        """
        gone = self._folder / f".{voice_id}.gone"
        with self._changing:
            voice = self.get(user_id, voice_id)
            (self._folder / voice.id).rename(gone)
        shutil.rmtree(gone)

    def refuses(self, user_id: int, voice_id: str) -> bool:
        """Tell whether an id is that of a voice which this user may not use."""
        if not VOICE_ID.fullmatch(voice_id):
            return False
        voice = read_record(self._folder, voice_id)
        return voice is None or voice.owner != user_id

    def _write(self, voice: OwnVoice, samples: NDArray[np.float32]) -> None:
        """Write a voice's folder whole or, where the disk is full, not at all."""
        draft = self._folder / f".{voice.id}"
        try:
            draft.mkdir(mode=0o700, parents=True)
            with wave.open(str(clip_path(self._folder, draft.name)), "wb") as clip:
                clip.setnchannels(1)
                clip.setsampwidth(2)
                clip.setframerate(SAMPLE_RATE)
                clip.writeframes(to_s16(samples).tobytes())
            write_record(draft, voice)
            draft.rename(self._folder / voice.id)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _check_room(self, user_id: int, name: str) -> None:
        voices = self.list(user_id)
        _check_unique(name, voices)
        if len(voices) >= MAX_VOICES:
            raise ConflictError(f"You have {MAX_VOICES} voices; delete one first.")


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInputError(f"A voice needs a name of up to {MAX_NAME} letters.", param="name")
    return name


def _check_unique(name: str, others: Iterable[OwnVoice]) -> None:
    if any(voice.name.casefold() == name.casefold() for voice in others):
        raise ConflictError(f"You have a voice {name!r} already.")


def _check_language(language: str) -> None:
    if language.partition("-")[0].lower() not in LANGUAGES:
        raise InvalidInputError(
            f"Chatterbox cannot read {language!r}.", param="language", allowed=list(LANGUAGES)
        )
