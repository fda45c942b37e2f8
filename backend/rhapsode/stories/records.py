"""Story and Scene as the rest of the product sees them, and the order to write one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

SceneStatus = Literal["complete", "stopped", "failed"]
"""How the writing ended: by itself, by somebody's stop, or by an error."""


@dataclass(frozen=True, slots=True)
class Story:
    """A story, without the texts of its scenes."""

    id: int
    title: str
    premise: str
    genre: str | None
    style: str | None
    created_at: datetime
    updated_at: datetime
    """The last change of the story or of one of its scenes."""

    scene_count: int
    word_count: int


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene of a story."""

    id: int
    story_id: int
    position: int
    """1 for the first scene of the story."""

    prompt: str
    content: str
    status: SceneStatus
    model: str
    """Who wrote it, as shown to people."""

    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SceneTask:
    """One scene to be written."""

    user_id: int
    story: Story
    prompt: str
    """What the user wants to happen, in their own words; may be empty."""

    seed: int
    context_tokens: int
    """How much of the story so far the writer may be told."""


class StoryChanges(TypedDict, total=False):
    """What can be changed in a story; an absent key leaves its field alone."""

    title: str
    premise: str
    genre: str | None
    style: str | None


class SceneChanges(TypedDict, total=False):
    """What can be changed in a scene; an absent key leaves its field alone."""

    prompt: str
    content: str
