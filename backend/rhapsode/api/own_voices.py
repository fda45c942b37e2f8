"""Your own voices: made from a short clip, for the engines that can speak in them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from rhapsode.api.deps import CurrentUser, PartsOfApp
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.errors import InvalidInputError
from rhapsode.tts.chatterbox.offers import MAX_CLIP_BYTES, OFFERS
from rhapsode.tts.engine import Voice, VoiceChoice, deleted_voice

router = APIRouter(prefix="/api/voices", tags=["speech"], responses=problems(401, 422))

Name = Annotated[str, Field(min_length=1, max_length=80)]
Language = Annotated[str, Field(max_length=35)]


class OwnVoiceBody(BaseModel):
    """A voice that you made."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="What `default_voice` in the settings of speech takes.")
    name: str
    language: str = Field(description="BCP 47 tag; what the multilingual model reads with it.")
    duration_s: float = Field(description="Length of the clip.")
    created_at: datetime


class OwnVoicePatch(BaseModel):
    """Changes of a voice that you made; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    name: Name = ""
    language: Language = ""


@router.get("")
async def list_own_voices(user: CurrentUser, parts: PartsOfApp) -> list[OwnVoiceBody]:
    """List the voices that you made."""
    voices = await parts.db.run(lambda: parts.voice_library.list(user.id))
    return [OwnVoiceBody.model_validate(voice) for voice in voices]


@router.post("", status_code=201, responses=problems(409, 413, 507))
async def add_own_voice(
    user: CurrentUser,
    parts: PartsOfApp,
    file: Annotated[
        UploadFile, File(description="A clip of 1 to 60 s: wav, mp3, flac, m4a or ogg, 10 MB.")
    ],
    name: Annotated[Name, Form()],
    language: Annotated[Language, Form()] = "en",
) -> OwnVoiceBody:
    """Make a voice from a clip of somebody who agrees to it."""
    content = await file.read(MAX_CLIP_BYTES + 1)
    if len(content) > MAX_CLIP_BYTES:
        raise InvalidInputError("The clip is larger than 10 MB.", param="file")
    voice = await parts.db.run(lambda: parts.voice_library.add(user.id, name, content, language))
    return OwnVoiceBody.model_validate(voice)


@router.patch("/{voice_id}", responses=problems(404, 409, 507))
async def change_own_voice(
    voice_id: str, body: OwnVoicePatch, user: CurrentUser, parts: PartsOfApp
) -> OwnVoiceBody:
    """Give a voice that you made another name or language.

    It reads the next sentence in that language; what it has read already stays.
    """
    changes = body.model_dump(exclude_unset=True)
    voice = await parts.db.run(lambda: parts.voice_library.change(user.id, voice_id, **changes))
    return OwnVoiceBody.model_validate(voice)


@router.delete("/{voice_id}", status_code=204, responses=problems(404))
async def delete_own_voice(voice_id: str, user: CurrentUser, parts: PartsOfApp) -> None:
    """Delete a voice that you made, and all that was computed from it."""
    await parts.db.run(lambda: parts.voice_library.delete(user.id, voice_id))


async def own_voices(engine: str, user_id: int, parts: Parts) -> list[Voice]:
    """Return the voices of a user that an engine can speak in; none for most engines."""
    if engine not in OFFERS:
        return []
    made = await parts.db.run(lambda: parts.voice_library.list(user_id))
    return [
        Voice(
            voice.id, voice.name, voice.language, f"Yours, from a clip of {voice.duration_s:.0f} s"
        )
        for voice in made
        if voice.duration_s >= OFFERS[engine].cloning.min_clip_s
    ]


async def refuse_foreign_voice(choice: VoiceChoice, user_id: int, parts: Parts) -> None:
    """Refuse a voice that somebody else made.

    Raises:
        UnknownVoiceError: It is another user's, or of nobody; the two are not told apart.
    """
    if await parts.db.run(lambda: parts.voice_library.refuses(user_id, choice.voice)):
        raise deleted_voice()
