"""A scene while it is written: its text so far, and how it is saved however it ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TypeVar

from rhapsode.database import Database
from rhapsode.errors import NotFoundError
from rhapsode.llm.prompt import ScenePrompt
from rhapsode.narration.events import Emit, NarrationEvent, TextDelta
from rhapsode.narration.stopwatch import Stopwatch
from rhapsode.stories.context import build_prompt
from rhapsode.stories.records import Scene, SceneStatus, SceneTask
from rhapsode.stories.repository import StoryRepository

T = TypeVar("T")

KeepSound = Callable[[Scene], Awaitable[str | None]]
"""Keeps what was heard of a scene; returns where it can be heard again, None when it cannot."""


class Draft:
    """The scene as far as it has come, read off the events that pass by."""

    def __init__(self, emit: Emit, stopwatch: Stopwatch) -> None:
        self._emit = emit
        self._stopwatch = stopwatch
        self._deltas: list[str] = []

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._deltas)

    def emit(self, event: NarrationEvent) -> None:
        """Take note of an event, and pass it on."""
        if isinstance(event, TextDelta):
            self._deltas.append(event.text)
        self._stopwatch.observe(event)
        self._emit(event)


class Keeper:
    """Reads the story so far, and saves the scene however it ended."""

    def __init__(
        self,
        task: SceneTask,
        model: str,
        stories: StoryRepository,
        db: Database,
        draft: Draft,
        keep_sound: KeepSound | None,
    ) -> None:
        self._task = task
        self._model = model
        self._stories = stories
        self._db = db
        self._draft = draft
        self._keep_sound = keep_sound
        self.audio_url: str | None = None
        """Where the saved scene can be heard again; None when it cannot."""

    async def prompt(self) -> ScenePrompt:
        """Put together what the writer is told."""
        return await self._db.run(self._build_prompt)

    async def save(self, status: SceneStatus) -> Scene | None:
        """Save the text so far, if there is any. A stop that comes meanwhile comes too late.

        Raises:
            NotFoundError: The story was deleted meanwhile.
        """
        if not self._draft.text.strip():
            return None
        return await _undisturbed(self._save(status))

    async def save_partial(self, status: SceneStatus) -> Scene | None:
        """Save what there is; None without any text, and without a story to save it in."""
        try:
            return await self.save(status)
        except NotFoundError:
            return None

    async def _save(self, status: SceneStatus) -> Scene:
        scene = await self._db.run(lambda: self._add(status))
        if self._keep_sound:
            self.audio_url = await self._keep_sound(scene)
        return scene

    def _build_prompt(self) -> ScenePrompt:
        task = self._task
        earlier = self._stories.list_scenes(task.user_id, task.story.id)
        return build_prompt(task.story, earlier, task.prompt, task.context_tokens, task.seed)

    def _add(self, status: SceneStatus) -> Scene:
        return self._stories.add_scene(
            self._task.user_id,
            self._task.story.id,
            prompt=self._task.prompt,
            content=self._draft.text,
            status=status,
            model=self._model,
        )


async def _undisturbed(work: Coroutine[None, None, T]) -> T:
    """Wait for `work` to its end, even when this task is cancelled meanwhile."""
    running = asyncio.ensure_future(work)
    while not running.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([running])
    return running.result()
