"""Stories: create, read, change, delete."""

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rhapsode.api.deps import CurrentUser, PartsOfApp, StoryId
from rhapsode.api.problems import problems
from rhapsode.stories.records import StoryChanges

router = APIRouter(prefix="/api/stories", tags=["stories"], responses=problems(401, 422))

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Premise = Annotated[str, StringConstraints(max_length=8000)]
Manner = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


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
    stories = parts.stories.list_stories(user.id)
    return [StoryBody.model_validate(story) for story in stories]


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
    return StoryBody.model_validate(parts.stories.get_story(user.id, story_id))


@router.patch("/{story_id}", responses=problems(404))
def update_story(
    story_id: StoryId, body: StoryPatch, user: CurrentUser, parts: PartsOfApp
) -> StoryBody:
    """Change a story."""
    changes = cast(StoryChanges, body.model_dump(exclude_unset=True))
    return StoryBody.model_validate(parts.stories.update_story(user.id, story_id, **changes))


@router.delete("/{story_id}", status_code=204, responses=problems(404))
def delete_story(story_id: StoryId, user: CurrentUser, parts: PartsOfApp) -> None:
    """Delete a story with all its scenes."""
    parts.stories.delete_story(user.id, story_id)
