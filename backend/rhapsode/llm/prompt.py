"""ScenePrompt: what a writer is told about the scene, and how a chat model is told it."""

from dataclasses import dataclass
from typing import Literal

SYSTEM = """\
You are a novelist writing a story scene by scene, to be read aloud as you write it.

Write the next scene, and only its prose:
- No title, no heading, no Markdown, no lists, no notes, no questions to the reader, no summary.
- 150 to 400 words in short paragraphs.
- Go on from the earlier scenes. Keep the names, places, objects, tense and point of view they set.
- Follow the wish for this scene. If there is none, let the story take its next natural turn.
- Show rather than explain: concrete detail, one strong image at a time, dialogue as people speak.
- Vary the length of sentences, and avoid worn phrases. Write for the ear.
- End on an image or a turn, not on a moral.
- Write in the language of the wish and the premise."""

OPENING_WISH = "Open the story."
NEXT_WISH = "Continue the story."


@dataclass(frozen=True, slots=True)
class ScenePrompt:
    """Everything a writer knows about the scene it is to write."""

    title: str
    premise: str
    genre: str
    style: str
    """How the story wants to be told, such as `terse, dry humor`; "" when nobody said."""

    earlier: tuple[str, ...]
    """Texts of the earlier scenes, oldest first, already cut to the model's budget."""

    instruction: str
    """What the user wants to happen, in their own words; "" for whatever comes next."""

    scene_number: int
    """1 for the first scene of the story."""

    seed: int
    """Fixes every free choice of the built-in storyteller."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message to a chat model."""

    role: Literal["system", "user"]
    content: str


def render_messages(prompt: ScenePrompt) -> tuple[ChatMessage, ...]:
    """Turn a prompt into the messages of one chat completion: the craft, then the story."""
    return (ChatMessage("system", SYSTEM), ChatMessage("user", _render_story(prompt)))


def _render_story(prompt: ScenePrompt) -> str:
    facts = (
        ("Title", prompt.title),
        ("Premise", prompt.premise),
        ("Genre", prompt.genre),
        ("Style", prompt.style),
    )
    head = "\n".join(f"{name}: {fact.strip()}" for name, fact in facts if fact.strip())
    earlier = "\n\n---\n\n".join(scene.strip() for scene in prompt.earlier if scene.strip())
    wish = prompt.instruction.strip() or (NEXT_WISH if earlier else OPENING_WISH)
    parts = (
        head,
        f"The story so far:\n\n{earlier}" if earlier else "",
        f"Write scene {prompt.scene_number}. The wish for this scene:\n{wish}",
    )
    return "\n\n".join(part for part in parts if part)
