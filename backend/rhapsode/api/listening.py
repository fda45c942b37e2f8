"""Listening: how far you have heard a scene, on whatever device."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from rhapsode.api.deps import CurrentUser, PartsOfApp, SceneId
from rhapsode.api.problems import problems
from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.narrate_later.records import Position

router = APIRouter(prefix="/api/scenes", tags=["narration"], responses=problems(401, 404, 422))

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""Samples reach 24 hours."""


class PositionChange(BaseModel):
    """How far you have heard a scene."""

    model_config = ConfigDict(extra="forbid")

    sample: Count = Field(default=0, description="At 24,000 per second, from the beginning.")
    sentence: Count = Field(
        default=0, description="The sentence there: where to go on if the text has changed."
    )


class PositionBody(BaseModel):
    """How far you have heard a scene."""

    scene_id: int
    sample: int
    sentence: int
    position_ms: int
    at: datetime | None = Field(description="When you were there; null: never.")


@router.put("/{scene_id}/position")
def set_listening_position(
    scene_id: SceneId, body: PositionChange, user: CurrentUser, parts: PartsOfApp
) -> PositionBody:
    """Remember how far you have heard a scene."""
    position = parts.listening.put(user.id, scene_id, sample=body.sample, sentence=body.sentence)
    return _body(scene_id, position)


@router.get("/{scene_id}/position")
def get_listening_position(scene_id: SceneId, user: CurrentUser, parts: PartsOfApp) -> PositionBody:
    """Tell how far you have heard a scene; its beginning if you never have."""
    return _body(scene_id, parts.listening.get(user.id, scene_id))


def _body(scene_id: int, position: Position | None) -> PositionBody:
    if position is None:
        return PositionBody(scene_id=scene_id, sample=0, sentence=0, position_ms=0, at=None)
    return PositionBody(
        scene_id=scene_id,
        sample=position.sample,
        sentence=position.sentence,
        position_ms=milliseconds(position.sample),
        at=position.at,
    )


def milliseconds(samples: int) -> int:
    """Return how long that many samples are."""
    return samples * 1000 // SAMPLE_RATE
