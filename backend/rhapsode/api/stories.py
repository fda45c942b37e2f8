"""Stories: create, read, change, delete."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rhapsode.api.deps import CurrentUser, PartsOfApp, StoryId
from rhapsode.api.listening import milliseconds
from rhapsode.api.live_dialects import STOPPED_BY_USER
from rhapsode.api.problems import problems
from rhapsode.narrate_later.records import Position
from rhapsode.stories.records import Story, StoryChanges

router = APIRouter(prefix="/api/stories", tags=["stories"], responses=problems(401, 422))

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Premise = Annotated[str, StringConstraints(max_length=8000)]
Manner = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class LastHeard(BaseModel):
    """How far you have heard a story."""

    scene_id: int
    position_ms: int
    at: datetime


class StoryBody(BaseModel):
    """A story, without the texts of its scenes."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    premise: str
    genre: str | None
    style: str | None
    created_at: datetime
    updated_at: datetime = Field(description="The last change of the story or of a scene of it.")
    scene_count: int
    word_count: int
    last_heard: LastHeard | None = Field(
        default=None, description="Where you listened last; null: nowhere."
    )


class NewStory(BaseModel):
    """A story to begin."""

    model_config = ConfigDict(extra="forbid")

    title: Title = "Untitled story"
    premise: Premise = Field(default="", description="What the story is about.")
    genre: Manner | None = None
    style: Manner | None = Field(default=None, description="How it is to be told.")


class StoryPatch(BaseModel):
    """Changes of a story; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid")

    title: Title = ""
    premise: Premise = ""
    genre: Manner | None = None
    style: Manner | None = None


@router.get("")
def list_stories(user: CurrentUser, parts: PartsOfApp) -> list[StoryBody]:
    """List your stories, the most recently changed first."""
    positions = parts.listening.last_heard(user.id)
    return [_body(story, positions) for story in parts.stories.list_stories(user.id)]


@router.post("", status_code=201)
def create_story(body: NewStory, user: CurrentUser, parts: PartsOfApp) -> StoryBody:
    """Begin a story."""
    story = parts.stories.create_story(
        user.id, title=body.title, premise=body.premise, genre=body.genre, style=body.style
    )
    return StoryBody.model_validate(story)


@router.get("/{story_id}", responses=problems(404))
def get_story(story_id: StoryId, user: CurrentUser, parts: PartsOfApp) -> StoryBody:
    """Read one story."""
    return _body(parts.stories.get_story(user.id, story_id), parts.listening.last_heard(user.id))


@router.patch("/{story_id}", responses=problems(404))
def update_story(
    story_id: StoryId, body: StoryPatch, user: CurrentUser, parts: PartsOfApp
) -> StoryBody:
    """Change a story."""
    changes = cast(StoryChanges, body.model_dump(exclude_unset=True))
    story = parts.stories.update_story(user.id, story_id, **changes)
    return _body(story, parts.listening.last_heard(user.id))


@router.delete("/{story_id}", status_code=204, responses=problems(404))
async def delete_story(story_id: StoryId, user: CurrentUser, parts: PartsOfApp) -> None:
    """Delete a story with all its scenes."""
    await parts.db.run(lambda: parts.stories.delete_story(user.id, story_id))
    parts.sessions.discard(user.id, STOPPED_BY_USER, story_id=story_id)
    await parts.narrations.review()


def _body(story: Story, positions: Mapping[int, Position]) -> StoryBody:
    last = positions.get(story.id)
    heard = (
        LastHeard(scene_id=last.scene_id, position_ms=milliseconds(last.sample), at=last.at)
        if last
        else None
    )
    return StoryBody.model_validate({**asdict(story), "last_heard": heard})
