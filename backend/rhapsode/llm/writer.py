"""Writer: whoever writes the scenes."""

from collections.abc import AsyncGenerator
from typing import Protocol

from rhapsode.llm.prompt import ScenePrompt


class Writer(Protocol):
    """Writes one scene at a time, delta by delta."""

    @property
    def label(self) -> str:
        """What people are told about who writes: the model's name, for instance."""
        ...

    def write(self, prompt: ScenePrompt) -> AsyncGenerator[str, None]:
        """Write a scene.

        Closing the generator stops the writing at once, and with it any request under way.

        Args:
            prompt: The story so far, and what is to happen next.

        Yields:
            Text deltas, never empty; their concatenation is the scene.

        Raises:
            LLMError: The text could not be written to its end. What was yielded before stays valid.
        """
        ...
