"""Storyteller: writes scenes without any model or network, in English, from a small story grammar.

A scene is a row of beats: somebody arrives, a thing is noticed, a step is taken, two people talk,
somebody remembers, a choice is made, an image closes. `tales/` holds hand-written paragraphs for
each beat; what the prompt and the earlier scenes say fills their slots.
"""

import asyncio
import re
from collections.abc import AsyncGenerator

from rhapsode.llm.prompt import ScenePrompt
from rhapsode.llm.tales.scene import compose

_DELTA = re.compile(r"\s*\w{1,6}|\s*[^\w\s]+|\s+")
"""Pieces as tokenizers make them: words with the space before them, long ones in parts."""


class Storyteller:
    """The built-in writer. English only; the same prompt always gives the same scene."""

    def __init__(self, tokens_per_s: float | None = 30.0) -> None:
        """Set the pace.

        Args:
            tokens_per_s: Deltas per second; None writes as fast as they are read.
        """
        self._tokens_per_s = tokens_per_s

    @property
    def label(self) -> str:
        """What people are told: that no model writes here."""
        return "Built-in storyteller (no AI model)"

    async def write(self, prompt: ScenePrompt) -> AsyncGenerator[str, None]:
        """Write a scene; see `Writer.write`. It never fails."""
        for delta in _DELTA.findall(compose(prompt)):
            if self._tokens_per_s is not None:
                await asyncio.sleep(1 / self._tokens_per_s)
            yield delta
