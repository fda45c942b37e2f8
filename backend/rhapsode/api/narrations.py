"""Narrations of finished scenes: make one, see how far it is, when which word sounds."""

import asyncio
import base64
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from rhapsode.accounts.records import User
from rhapsode.api.deps import CurrentUser, PartsOfApp, SceneId
from rhapsode.api.listening import milliseconds
from rhapsode.api.narration_audio import audio_url, sentence_audio_url
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.opus_clip import opus_head
from rhapsode.narrate_later.narrations import NarrationDetail
from rhapsode.narrate_later.records import HeardChunk, NarrationStatus, Summary, WordsSource
from rhapsode.stories.records import Scene

router = APIRouter(prefix="/api/scenes", tags=["narration"], responses=problems(401, 404, 422))

Status = Literal["queued", "running", "complete", "incomplete", "failed"]


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
    return SentenceBody(
        index=chunk.index,
        text=chunk.span.text,
        char_start=chunk.span.char_start,
        char_end=chunk.span.char_end,
        start=part.start,
        samples=part.samples,
        words=[WordBody.model_validate(word) for word in part.words],
        words_source=part.words_source,
        url=sentence_audio_url(scene_id, chunk),
    )
