"""The sound of narrations: all of a scene as one file, or sentence by sentence."""

import asyncio
from io import BytesIO
from typing import Annotated, Literal, assert_never

from fastapi import APIRouter, Path, Query, Request, Response

from rhapsode.api.deps import CurrentUser, PartsOfApp, SceneId
from rhapsode.api.problems import problems
from rhapsode.api.ranges import not_modified, serve
from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.encode import encode_wav
from rhapsode.audio.ogg import OggOpusWriter
from rhapsode.audio.opus_clip import decode_clip, opus_head, packets_of
from rhapsode.narrate_later.records import Chunk
from rhapsode.narrate_later.rendering import Format
from rhapsode.narrate_later.renditions import MEDIA_TYPES

router = APIRouter(prefix="/api/scenes", tags=["narration"], responses=problems(401, 404, 422))

VERSION_DIGITS = 16
"""So many digits of a recording's key stand in its address."""

ClipFormat = Literal["opus", "packets", "wav"]

_SOUND_SCHEMA = {"schema": {"type": "string", "format": "binary"}}


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
    scene = await parts.db.run(lambda: parts.stories.get_scene(user.id, scene_id))
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
            "length as a little-endian u16, as on the live socket; a decoder that was set up with "
            "`opus_head`, and is reset for each sentence, drops the first samples that it names. "
            "`wav`: 16 bit."
        ),
    ] = "opus",
    v: Annotated[str, Query(description="Comes with the address; lets browsers keep it.")] = "",
) -> Response:
    """Download one sentence. Sound that had to make room on the disk is made again at once."""
    scene = await parts.db.run(lambda: parts.stories.get_scene(user.id, scene_id))
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


def sentence_audio_url(scene_id: int, chunk: Chunk) -> str:
    """Return the address of one sentence's sound; another recording has another address."""
    return f"{audio_url(scene_id)}/chunks/{chunk.index}?v={chunk.key[:VERSION_DIGITS]}"


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
