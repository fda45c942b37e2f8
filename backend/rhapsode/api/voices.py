"""Speech: engines, voices, a sample to hear, and whether a speech server answers."""

from dataclasses import asdict, replace
from time import perf_counter
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from rhapsode.accounts.records import TtsSettings
from rhapsode.accounts.voices import REMOTE_ENGINE, voice_choice
from rhapsode.api.deps import CurrentUser, PartsOfApp
from rhapsode.api.own_voices import own_voices, refuse_foreign_voice
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.api.tts import (
    Address,
    ApiKey,
    ExtraParams,
    Speed,
    TimeoutS,
    apply_changes,
    in_setting_names,
)
from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.audio.encode import encode_wav
from rhapsode.audio.pcm import to_s16
from rhapsode.errors import InvalidInputError
from rhapsode.text.speakable import Diction, speakable
from rhapsode.tts.engine import EngineInfo, Speech, VoiceChoice
from rhapsode.tts.turns import Priority

router = APIRouter(prefix="/api/tts", tags=["speech"], responses=problems(401, 422))

SAMPLE_TEXT = "The lamp burned low, and somewhere below, the sea began to tell its story."
TEST_TEXT = "Good evening."


class CloningBody(BaseModel):
    """What a clip must be to become a voice of an engine."""

    model_config = ConfigDict(from_attributes=True)

    min_clip_s: float
    max_clip_s: float
    max_clip_bytes: int
    formats: list[str] = Field(description="Endings of the files that are taken.")
    languages: list[str] = Field(description="BCP 47 tags of what such a voice can read.")


class EngineBody(BaseModel):
    """A speech engine."""

    name: str
    label: str
    description: str
    available: bool
    unavailable_reason: str | None = Field(description="What is missing, and how to get it.")
    word_times: bool = Field(description="Whether it reports the times of words itself.")
    min_speed: float
    max_speed: float
    default_voice: str
    parameters: list[str] = Field(
        description="Which of `speed`, `exaggeration`, `cfg_weight` and `temperature` it follows."
    )
    needs_server: bool = Field(description="Whether it speaks only with a server of your own.")
    cloning: CloningBody | None = Field(
        description="For engines that can speak in a voice that you made; null for the others."
    )
    first_chunk_s: float | None = Field(
        description="Seconds to a sentence's first sound, lately; null before any."
    )
    rtf: float | None = Field(
        description="Seconds of work per second of sound, lately; null before any."
    )


class VoiceBody(BaseModel):
    """A voice of an engine."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    language: str = Field(description="BCP 47 tag, such as `en-GB`; `und` where it is not known.")
    description: str
    featured: bool = Field(description="False for voices that belong behind `all voices`.")


class Preview(BaseModel):
    """A voice to hear."""

    model_config = ConfigDict(extra="forbid")

    engine: str
    voice: str = Field(default="", description="Empty for the engine's default.")
    speed: Speed = 1.0
    text: str = Field(default=SAMPLE_TEXT, min_length=1, max_length=300)


class SpeechTest(BaseModel):
    """What to try. An absent field is as it is in your settings."""

    model_config = ConfigDict(extra="forbid")

    tts_provider_type: str = REMOTE_ENGINE
    tts_api_url: Address | None = None
    tts_api_key: ApiKey | None = Field(
        default=None, description="Absent: the saved one, if it belongs to this address."
    )
    tts_timeout: TimeoutS = 30
    tts_extra_params: ExtraParams = {}
    default_voice: str = Field(default="", max_length=200)


class SpeechTestAnswer(BaseModel):
    """The engine spoke."""

    ok: Literal[True] = True
    latency_ms: int = Field(description="From the request to the first sound.")
    voice: str = Field(description="The voice that was tried.")
    voices: list[VoiceBody]


@router.get("/engines")
async def list_engines(user: CurrentUser, parts: PartsOfApp) -> list[EngineBody]:
    """List the speech engines, also those that are not available, with the reason."""
    settings = await _settings_of(user.id, parts)
    engines = await parts.synthesizer.engines()
    return [_engine_body(engine, settings, parts) for engine in engines]


@router.get("/voices", responses=problems(502, 503, 504))
async def list_voices(
    user: CurrentUser,
    parts: PartsOfApp,
    engine: Annotated[str | None, Query(description="Absent: the one you have chosen.")] = None,
) -> list[VoiceBody]:
    """List the voices of a speech engine, the featured ones first.

    Of a speech server that lists none, the usual names are given, described as guesses.
    """
    settings = await _settings_of(user.id, parts)
    choice = _choice_of(settings, engine or settings.tts_provider_type)
    with in_setting_names():
        voices = await parts.synthesizer.voices(choice.engine, choice.server)
    voices = await own_voices(choice.engine, user.id, parts) + voices
    return [VoiceBody.model_validate(voice) for voice in voices]


@router.post(
    "/preview",
    response_class=Response,
    responses={
        200: {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(502, 503, 504),
    },
)
async def preview_voice(preview: Preview, user: CurrentUser, parts: PartsOfApp) -> Response:
    """Speak a short sample the way a story would be read, as one WAV file."""
    settings = await _settings_of(user.id, parts)
    wanted = _choice_of(settings, preview.engine, preview.voice)
    wanted = replace(wanted, options=replace(wanted.options, speed=preview.speed))
    await refuse_foreign_voice(wanted, user.id, parts)
    choice = await parts.synthesizer.check(wanted)
    spoken = speakable(preview.text, Diction(await parts.synthesizer.language(choice)))
    if not spoken:
        raise InvalidInputError("There is nothing to read aloud in this text.", param="text")
    return Response(await _speak(spoken.text, choice, parts), media_type="audio/wav")


@router.post("/test", responses=problems(502, 503, 504))
async def test_speech(test: SpeechTest, user: CurrentUser, parts: PartsOfApp) -> SpeechTestAnswer:
    """Have two words spoken, the same way a story would be, before anything is saved."""
    saved = await _settings_of(user.id, parts)
    settings = apply_changes(saved, test.model_dump(exclude_unset=True) | _meant(test))
    wanted = _choice_of(settings, test.tts_provider_type, test.default_voice)
    with in_setting_names():
        if settings.tts_api_url and wanted.server:
            await parts.network.check(settings.tts_api_url)
        voices = await parts.synthesizer.voices(wanted.engine, wanted.server)
        await refuse_foreign_voice(wanted, user.id, parts)
        choice = await parts.synthesizer.check(wanted)
    latency_ms = await _first_sound_ms(choice, parts)
    listed = [VoiceBody.model_validate(voice) for voice in voices]
    return SpeechTestAnswer(latency_ms=latency_ms, voice=choice.voice, voices=listed)


async def _settings_of(user_id: int, parts: Parts) -> TtsSettings:
    return await parts.db.run(lambda: parts.preferences.tts(user_id))


def _meant(test: SpeechTest) -> dict[str, str]:
    """Return what a test changes even where it is silent about it."""
    return {"tts_provider_type": test.tts_provider_type, "default_voice": test.default_voice}


def _choice_of(settings: TtsSettings, engine: str, voice: str = "") -> VoiceChoice:
    """Return the choice of another engine or voice than the one that is set."""
    return voice_choice(replace(settings, tts_provider_type=engine, default_voice=voice))


def _engine_body(engine: EngineInfo, settings: TtsSettings, parts: Parts) -> EngineBody:
    pace = parts.synthesizer.pace(_choice_of(settings, engine.name))
    measured = {"first_chunk_s": pace.first_chunk_s, "rtf": pace.rtf}
    return EngineBody.model_validate(asdict(engine) | measured)


async def _first_sound_ms(choice: VoiceChoice, parts: Parts) -> int:
    first_at_s: float | None = None

    def hear(speech: Speech) -> None:
        nonlocal first_at_s
        if isinstance(speech, AudioChunk):
            first_at_s = first_at_s or perf_counter()

    asked_at_s = perf_counter()
    await parts.synthesizer.speak(TEST_TEXT, choice, Priority.LIVE, hear)
    return max(1, round(((first_at_s or perf_counter()) - asked_at_s) * 1000))


async def _speak(text: str, choice: VoiceChoice, parts: Parts) -> bytes:
    chunks: list[AudioChunk] = []

    def keep(speech: Speech) -> None:
        if isinstance(speech, AudioChunk):
            chunks.append(speech)

    await parts.synthesizer.speak(text, choice, Priority.LIVE, keep)
    samples = np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, "f4")
    return encode_wav(to_s16(samples), SAMPLE_RATE)
