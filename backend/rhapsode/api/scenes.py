"""Scenes: write one without sound, read, change, delete."""

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rhapsode.api.deps import CurrentUser, PartsOfApp, SceneId, StoryId
from rhapsode.api.narrations import NarrationSummary, summary_body
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.api.writers import writer_for
from rhapsode.stories.context import CONTEXT_TOKENS
from rhapsode.stories.records import Scene, SceneChanges, SceneStatus, SceneTask
from rhapsode.stories.scenes import tell_scene

router = APIRouter(prefix="/api", tags=["scenes"], responses=problems(401, 404, 422))

MAX_PROMPT = 8000
"""Characters of one prompt: more would push the story itself out of the model's context."""

Prompt = Annotated[str, StringConstraints(max_length=MAX_PROMPT)]
Content = Annotated[str, StringConstraints(max_length=200_000)]


class SceneBody(BaseModel):
    """One scene of a story."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    story_id: int
    position: int = Field(description="1 for the first scene of the story.")
    prompt: str
    content: str
    status: SceneStatus = Field(description="How the writing ended.")
    model: str = Field(description="Who wrote it, as shown to people.")
    narration: NarrationSummary | None = Field(
        default=None, description="The stored narration; null when there is none."
    )
    created_at: datetime
    updated_at: datetime


class NewScene(BaseModel):
    """What is to happen next."""

    model_config = ConfigDict(extra="forbid")

    custom_prompt: Prompt = Field(default="", description="In your own words; may be empty.")


class ScenePatch(BaseModel):
    """Changes of a scene; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid")

    prompt: Prompt = ""
    content: Content = ""


@router.get("/stories/{story_id}/scenes")
def list_scenes(story_id: StoryId, user: CurrentUser, parts: PartsOfApp) -> list[SceneBody]:
    """List the scenes of a story in reading order."""
    scenes = parts.stories.list_scenes(user.id, story_id)
    return _bodies(scenes, parts)


@router.post("/stories/{story_id}/scenes", status_code=201, responses=problems(502, 503, 504))
async def write_scene(
    story_id: StoryId, body: NewScene, user: CurrentUser, parts: PartsOfApp
) -> SceneBody:
    """Write the next scene, without sound. Answers when it is finished."""
    story = await parts.db.run(lambda: parts.stories.get_story(user.id, story_id))
    task = SceneTask(
        user_id=user.id,
        story=story,
        prompt=body.custom_prompt,
        seed=secrets.randbits(32),
        context_tokens=CONTEXT_TOKENS,
    )
    scene = await tell_scene(
        task,
        writer=await writer_for(user, parts, watched=False),
        speech=None,
        stories=parts.stories,
        db=parts.db,
        emit=lambda _event: None,  # nobody is listening
    )
    settings = await parts.db.run(lambda: parts.preferences.tts(user.id))
    await parts.narrations.order_if_wished(user.id, scene, settings)
    return await parts.db.run(lambda: _body(scene, parts))


@router.get("/scenes/{scene_id}")
def get_scene(scene_id: SceneId, user: CurrentUser, parts: PartsOfApp) -> SceneBody:
    """Read one scene."""
    return _body(parts.stories.get_scene(user.id, scene_id), parts)


@router.patch("/scenes/{scene_id}")
async def update_scene(
    scene_id: SceneId, body: ScenePatch, user: CurrentUser, parts: PartsOfApp
) -> SceneBody:
    """Change a scene's text or its prompt."""
    changes = cast(SceneChanges, body.model_dump(exclude_unset=True))
    scene = await parts.db.run(lambda: parts.stories.update_scene(user.id, scene_id, **changes))
    await parts.narrations.follow(user.id, scene)
    return await parts.db.run(lambda: _body(scene, parts))


@router.delete("/scenes/{scene_id}", status_code=204)
async def delete_scene(scene_id: SceneId, user: CurrentUser, parts: PartsOfApp) -> None:
    """Delete a scene; the ones behind it move up."""
    await parts.db.run(lambda: parts.stories.delete_scene(user.id, scene_id))
    await parts.narrations.review()


def _body(scene: Scene, parts: Parts) -> SceneBody:
    return _bodies([scene], parts)[0]


def _bodies(scenes: list[Scene], parts: Parts) -> list[SceneBody]:
    """Describe scenes that their owner has asked for. Blocking."""
    narrations = parts.narrations.summaries([scene.id for scene in scenes])
    return [
        SceneBody.model_validate(
            {**asdict(scene), "narration": summary_body(narrations.get(scene.id))}
        )
        for scene in scenes
    ]
