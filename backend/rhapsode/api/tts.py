"""Speech: engines, voices, a sample to hear, and how you want to hear stories."""

from dataclasses import asdict, replace
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Response
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from rhapsode.accounts.records import TtsSettings
from rhapsode.api.deps import CurrentUser, PartsOfApp
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.audio.encode import encode_wav
from rhapsode.audio.pcm import to_s16
from rhapsode.errors import InvalidInputError
from rhapsode.tts.engine import Speech, SpeechOptions, VoiceChoice
from rhapsode.tts.turns import Priority

router = APIRouter(prefix="/api/tts", tags=["speech"], responses=problems(401, 422))

SAMPLE_TEXT = "The lamp burned low, and somewhere below, the sea began to tell its story."

_SETTING_NAMES = {
    "engine": "tts_provider_type",
    "voice": "default_voice",
    "speed": "speech_speed",
}
"""What the parts of a voice choice are called in the settings."""

Speed = Annotated[
    float, Field(ge=0.25, le=4.0, description="Pace relative to the voice's own, 0.25 to 4.0.")
]


class EngineBody(BaseModel):
    """A speech engine."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    label: str
    description: str
    available: bool
    unavailable_reason: str | None = Field(description="What is missing, and how to get it.")
    word_times: bool = Field(description="Whether it reports the times of words itself.")
    min_speed: float
    max_speed: float
    default_voice: str


class VoiceBody(BaseModel):
    """A voice of an engine."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    language: str = Field(description="BCP 47 tag, such as `en-GB`.")
    description: str
    featured: bool = Field(description="False for voices that belong behind `all voices`.")


class TtsSettingsBody(BaseModel):
    """How you want to hear stories."""

    model_config = ConfigDict(from_attributes=True)

    tts_enabled: bool
    tts_provider_type: str = Field(description="The speech engine's name.")
    default_voice: str = Field(description="A voice of it; empty means the engine's default.")
    speech_speed: float
    realtime_tts_enabled: bool = Field(description="Narrate scenes while they are written.")
    min_sentence_length: int = Field(
        description="Characters that a piece needs before it is spoken by itself."
    )


class TtsSettingsChanges(BaseModel):
    """Changes of the settings; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    tts_enabled: bool = True
    tts_provider_type: str = ""
    default_voice: str = ""
    speech_speed: Speed = 1.0
    realtime_tts_enabled: bool = Field(
        default=False,
        validation_alias=AliasChoices("realtime_tts_enabled", "realtime_tts"),
        description="Also accepted as `realtime_tts`.",
    )
    min_sentence_length: int = Field(default=20, ge=1, le=200)


class Preview(BaseModel):
    """A voice to hear."""

    model_config = ConfigDict(extra="forbid")

    engine: str
    voice: str = Field(default="", description="Empty for the engine's default.")
    speed: Speed = 1.0
    text: str = Field(default=SAMPLE_TEXT, min_length=1, max_length=300)


@router.get("/settings")
def get_tts_settings(user: CurrentUser, parts: PartsOfApp) -> TtsSettingsBody:
    """Read how you want to hear stories."""
    return TtsSettingsBody.model_validate(parts.preferences.tts(user.id))


@router.put("/settings", responses=problems(503))
async def update_tts_settings(
    changes: TtsSettingsChanges, user: CurrentUser, parts: PartsOfApp
) -> TtsSettingsBody:
    """Change how you want to hear stories. An engine or voice that does not exist is refused."""
    before = await parts.db.run(lambda: parts.preferences.tts(user.id))
    after = replace(before, **changes.model_dump(exclude_unset=True))
    await _check_voice(before, after, parts)
    await parts.db.run(lambda: parts.preferences.save_tts(user.id, after))
    return TtsSettingsBody.model_validate(asdict(after))


@router.get("/engines")
async def list_engines(user: CurrentUser, parts: PartsOfApp) -> list[EngineBody]:
    """List the speech engines, also those that are not available, with the reason."""
    return [EngineBody.model_validate(engine) for engine in await parts.synthesizer.engines()]


@router.get("/voices", responses=problems(503))
async def list_voices(
    user: CurrentUser,
    parts: PartsOfApp,
    engine: Annotated[str | None, Query(description="Absent: the one you have chosen.")] = None,
) -> list[VoiceBody]:
    """List the voices of a speech engine, the featured ones first."""
    chosen = (
        engine or (await parts.db.run(lambda: parts.preferences.tts(user.id))).tts_provider_type
    )
    return [VoiceBody.model_validate(voice) for voice in await parts.synthesizer.voices(chosen)]


@router.post(
    "/preview",
    response_class=Response,
    responses={
        200: {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(502, 503),
    },
)
async def preview_voice(preview: Preview, user: CurrentUser, parts: PartsOfApp) -> Response:
    """Speak a short sample, as one WAV file."""
    wanted = VoiceChoice(preview.engine, preview.voice, SpeechOptions(preview.speed))
    choice = await parts.synthesizer.check(wanted)
    return Response(await _speak(preview.text, choice, parts), media_type="audio/wav")


async def _check_voice(before: TtsSettings, after: TtsSettings, parts: Parts) -> None:
    """Refuse a choice that cannot be spoken, unless it was made before: an engine can go away."""
    wanted, had = _choice(after), _choice(before)
    if wanted == had:
        return
    try:
        await parts.synthesizer.check(wanted)
    except InvalidInputError as error:
        error.param = _SETTING_NAMES.get(error.param or "", error.param)
        raise


def _choice(settings: TtsSettings) -> VoiceChoice:
    return VoiceChoice(
        settings.tts_provider_type,
        settings.default_voice,
        SpeechOptions(speed=settings.speech_speed),
    )


async def _speak(text: str, choice: VoiceChoice, parts: Parts) -> bytes:
    chunks: list[AudioChunk] = []

    def keep(speech: Speech) -> None:
        if isinstance(speech, AudioChunk):
            chunks.append(speech)

    await parts.synthesizer.speak(text, choice, Priority.LIVE, keep)
    samples = np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, "f4")
    return encode_wav(to_s16(samples), SAMPLE_RATE)
