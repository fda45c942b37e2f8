"""What a writer is told about the story so far, within the model's budget."""

import re
from collections.abc import Sequence

from rhapsode.llm.prompt import ScenePrompt
from rhapsode.stories.records import Scene, Story

CONTEXT_TOKENS = 3000
"""Budget for earlier scenes: about ten of them, and still room in a model with 8k tokens."""

CHARS_PER_TOKEN = 4
"""A fair average for English; other languages get a shorter memory, never too long a prompt."""

_BOUNDARY = re.compile(
    r"""
    [.!?\u2026]["')\]\u201d\u2019\u00bb]*\s+       # a sentence ended, perhaps inside quotes
    | [\u3002\uff01\uff1f][\u300d\u300f\u201d]*\s*  # the same where no space follows
    | \n\s*\n\s*                                   # a paragraph ended, such as a heading
    """,
    re.VERBOSE,
)
_LONGEST_BOUNDARY = 8


def build_prompt(
    story: Story, scenes: Sequence[Scene], instruction: str, budget_tokens: int, seed: int
) -> ScenePrompt:
    """Put together what the writer of the story's next scene is told.

    Args:
        story: The story.
        scenes: Its scenes in reading order.
        instruction: What the user wants to happen; may be empty.
        budget_tokens: How much of the earlier scenes is told, in tokens. The newest go in first.
        seed: Fixes every free choice of a writer that makes choices.
    """
    last = max((scene.position for scene in scenes), default=0)
    return ScenePrompt(
        title=story.title,
        premise=story.premise,
        genre=story.genre or "",
        style=story.style or "",
        earlier=_remember([scene.content for scene in scenes], budget_tokens * CHARS_PER_TOKEN),
        instruction=instruction,
        scene_number=last + 1,
        seed=seed,
    )


def _remember(texts: Sequence[str], budget_chars: int) -> tuple[str, ...]:
    """Keep the newest texts whole, and of the oldest that still fits in part, its end."""
    kept: list[str] = []
    left = budget_chars
    for text in reversed(texts):
        part = text if len(text) <= left else cut_beginning(text, left)
        if part:
            kept.append(part)
        left -= len(text)
        if left <= 0:
            break
    return tuple(reversed(kept))


def cut_beginning(text: str, limit: int) -> str:
    """Return the end of `text` from where a sentence begins, at most `limit` characters.

    Returns:
        "" when not even its last sentence fits.
    """
    if len(text) <= limit:
        return text
    earliest = len(text) - limit
    # From a little earlier, so that a boundary that ends exactly at the limit is seen whole.
    for found in _BOUNDARY.finditer(text, max(0, earliest - _LONGEST_BOUNDARY)):
        if earliest <= found.end() < len(text):
            return text[found.end() :]
    return ""
