"""Narrations of finished scenes: make one, see how far it is, hear it."""

import asyncio
import base64
from datetime import datetime
from io import BytesIO
from typing import Annotated, Literal, assert_never

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from rhapsode.accounts.records import User
from rhapsode.api.deps import CurrentUser, PartsOfApp, SceneId
from rhapsode.api.listening import milliseconds
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.api.ranges import not_modified, serve
from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.encode import encode_wav
from rhapsode.audio.ogg import OggOpusWriter
from rhapsode.audio.opus_clip import decode_clip, opus_head, packets_of
from rhapsode.narrate_later.narrations import NarrationDetail
from rhapsode.narrate_later.records import HeardChunk, NarrationStatus, Summary, WordsSource
from rhapsode.narrate_later.rendering import Format
from rhapsode.narrate_later.renditions import MEDIA_TYPES
from rhapsode.stories.records import Scene

router = APIRouter(prefix="/api/scenes", tags=["narration"], responses=problems(401, 404, 422))

VERSION_DIGITS = 16
"""So many digits of a recording's key stand in its address."""

Status = Literal["queued", "running", "complete", "incomplete", "failed"]
ClipFormat = Literal["opus", "packets", "wav"]

_SOUND_SCHEMA = {"schema": {"type": "string", "format": "binary"}}


class NarrationSummary(BaseModel):
    """How far a scene's narration is."""

    status: Status = Field(
        description="`incomplete`: it was complete, but some of it had to make room on the disk. "
        "Single sentences can be had all the same; narrating the scene again restores the rest."
    )
    chunk_count: int = Field(description="Sentences.")
    chunks_ready: int = Field(description="Sentences that can be heard.")
    duration_ms: int = Field(description="Length of what can be heard.")


class NarrationError(BaseModel):
    """Why a narration failed, or why it is being tried again."""

    code: str
    message: str


class WordBody(BaseModel):
    """When a word sounds: samples and code points from its sentence's start."""

    model_config = ConfigDict(from_attributes=True)

    t0: int
    t1: int
    c0: int
    c1: int


class SentenceBody(BaseModel):
    """One sentence that can be heard."""

    index: int
    text: str
    char_start: int = Field(description="In code points of the scene's text.")
    char_end: int
    start: int = Field(description="First sample on the narration's timeline.")
    samples: int
    words: list[WordBody]
    words_source: WordsSource
    url: str = Field(description="Its sound; another recording has another address.")


class NarrationBody(NarrationSummary):
    """The narration of a scene, with everything that is needed to play it."""

    scene_id: int
    engine: str
    voice: str
    speed: float
    auto_play: bool
    error: NarrationError | None
    sample_rate: int = SAMPLE_RATE
    opus_head: str = Field(description="What a decoder of `packets` is set up with, as Base64.")
    samples: int
    audio_url: str | None = Field(description="All of it as one file; null while it is not whole.")
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    sentences: list[SentenceBody] = Field(description="From the first to the first one missing.")


class NarrationOrder(BaseModel):
    """How a narration is made."""

    model_config = ConfigDict(extra="forbid")

    auto_play: bool = Field(default=False, description="Your pages start it when it is ready.")


@router.post("/{scene_id}/narration", status_code=202, responses=problems(502, 503, 504))
async def narrate_scene(
    scene_id: SceneId, user: CurrentUser, parts: PartsOfApp, body: NarrationOrder | None = None
) -> NarrationBody:
    """Narrate a scene in the background, in your voice; tries again what has failed."""
    scene = await _scene(scene_id, user, parts)
    settings = await parts.db.run(lambda: parts.preferences.tts(user.id))
    auto_play = body is not None and body.auto_play
    await parts.narrations.order(user.id, scene, settings, auto_play=auto_play)
    return await _detail(user, scene, parts)


@router.get("/{scene_id}/narration")
async def get_narration(scene_id: SceneId, user: CurrentUser, parts: PartsOfApp) -> NarrationBody:
    """Tell how far a scene's narration is, and when which word sounds."""
    scene = await _scene(scene_id, user, parts)
    return await _detail(user, scene, parts)


@router.delete("/{scene_id}/narration", status_code=204)
async def delete_narration(scene_id: SceneId, user: CurrentUser, parts: PartsOfApp) -> None:
    """Stop narrating a scene, and forget its narration."""
    scene = await _scene(scene_id, user, parts)
    await parts.narrations.forget(scene.id)


@router.head("/{scene_id}/audio", include_in_schema=False)
@router.get(
    "/{scene_id}/audio",
    response_class=Response,
    responses={
        200: {"content": dict.fromkeys(MEDIA_TYPES.values(), _SOUND_SCHEMA)},
        **problems(409, 416),
    },
)
async def get_scene_audio(
    scene_id: SceneId,
    user: CurrentUser,
    parts: PartsOfApp,
    request: Request,
    format: Annotated[Format, Query(description="`opus` comes in an Ogg file.")] = "mp3",
) -> Response:
    """Download a scene's narration as one file. Parts of it can be asked for (Range)."""
    scene = await _scene(scene_id, user, parts)
    file = await parts.narrations.file(user.id, scene, format)
    etag = f'"{file.name}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if not_modified(request, etag):
        return Response(status_code=304, headers=headers)
    return serve(request, file, headers)


@router.head("/{scene_id}/audio/chunks/{index}", include_in_schema=False)
@router.get(
    "/{scene_id}/audio/chunks/{index}",
    response_class=Response,
    responses={
        200: {
            "content": {
                "audio/ogg": _SOUND_SCHEMA,
                "application/octet-stream": _SOUND_SCHEMA,
                "audio/wav": _SOUND_SCHEMA,
            }
        },
        **problems(409, 502, 503, 504),
    },
)
async def get_sentence_audio(
    scene_id: SceneId,
    index: Annotated[int, Path(ge=0, le=2**31 - 1, description="The sentence, from 0.")],
    user: CurrentUser,
    parts: PartsOfApp,
    request: Request,
    format: Annotated[
        ClipFormat,
        Query(
            description="`opus`: an Ogg file. `packets`: Opus packets of 20 ms, each after its "
            "length as a little-endian u16, as on the live socket; a decoder set up with "
            "`opus_head` drops the first samples that it names. `wav`: 16 bit."
        ),
    ] = "opus",
    v: Annotated[str, Query(description="Comes with the address; lets browsers keep it.")] = "",
) -> Response:
    """Download one sentence. Sound that had to make room on the disk is made again at once."""
    scene = await _scene(scene_id, user, parts)
    chunk, recording = await parts.narrations.sentence(user.id, scene, index)
    etag = f'"{chunk.key}.{format}"'
    lasts = bool(v) and chunk.key.startswith(v)
    cache = "private, max-age=31536000, immutable" if lasts else "private, no-cache"
    headers = {"ETag": etag, "Cache-Control": cache}
    if not_modified(request, etag):
        return Response(status_code=304, headers=headers)
    media_type, content = await asyncio.to_thread(_clip, recording.sound, format)
    return Response(content, media_type=media_type, headers=headers)


def audio_url(scene_id: int) -> str:
    """Return the address of a scene's whole narration."""
    return f"/api/scenes/{scene_id}/audio"


def summary_body(summary: Summary | None) -> NarrationSummary | None:
    """Return what a scene says about its narration; None when it has none."""
    if summary is None:
        return None
    return NarrationSummary(
        status=_status(summary.status, summary.chunks_ready, summary.chunk_count),
        chunk_count=summary.chunk_count,
        chunks_ready=summary.chunks_ready,
        duration_ms=milliseconds(summary.samples),
    )


async def _scene(scene_id: int, user: User, parts: Parts) -> Scene:
    return await parts.db.run(lambda: parts.stories.get_scene(user.id, scene_id))


def _status(status: NarrationStatus, ready: int, total: int) -> Status:
    return "incomplete" if status == "complete" and ready < total else status


async def _detail(user: User, scene: Scene, parts: Parts) -> NarrationBody:
    detail = await parts.narrations.detail(user.id, scene)
    # What decoders are set up with comes from an encoder, which may have to be loaded first.
    return await asyncio.to_thread(_body, detail)


def _body(detail: NarrationDetail) -> NarrationBody:
    narration, heard = detail.narration, detail.chunks
    status = _status(narration.status, len(heard), narration.chunk_count)
    samples = heard[-1].start + heard[-1].samples if heard else 0
    choice = narration.delivery.choice
    error = (
        NarrationError(code=narration.error_code, message=narration.error_message or "")
        if narration.error_code
        else None
    )
    return NarrationBody(
        scene_id=narration.scene_id,
        status=status,
        chunk_count=narration.chunk_count,
        chunks_ready=len(heard),
        duration_ms=milliseconds(samples),
        engine=choice.engine,
        voice=choice.voice,
        speed=choice.options.speed,
        auto_play=narration.auto_play,
        error=error,
        opus_head=base64.b64encode(opus_head()).decode(),
        samples=samples,
        audio_url=audio_url(narration.scene_id) if status == "complete" else None,
        created_at=narration.created_at,
        updated_at=narration.updated_at,
        finished_at=narration.finished_at,
        sentences=[_sentence(narration.scene_id, part) for part in heard],
    )


def _sentence(scene_id: int, part: HeardChunk) -> SentenceBody:
    chunk = part.chunk
    version = chunk.key[:VERSION_DIGITS]
    return SentenceBody(
        index=chunk.index,
        text=chunk.span.text,
        char_start=chunk.span.char_start,
        char_end=chunk.span.char_end,
        start=part.start,
        samples=part.samples,
        words=[WordBody.model_validate(word) for word in part.words],
        words_source=part.words_source,
        url=f"{audio_url(scene_id)}/chunks/{chunk.index}?v={version}",
    )


def _clip(sound: bytes, format: ClipFormat) -> tuple[str, bytes]:
    """Return media type and content of one sentence in a format."""
    match format:
        case "packets":
            return "application/octet-stream", sound
        case "wav":
            return "audio/wav", encode_wav(decode_clip(sound), SAMPLE_RATE)
        case "opus":
            file = BytesIO()
            writer = OggOpusWriter(file, opus_head())
            writer.write(packets_of(sound))
            writer.close()
            return "audio/ogg", file.getvalue()
        case _:
            assert_never(format)
