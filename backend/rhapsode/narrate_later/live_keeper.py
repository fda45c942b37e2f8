"""LiveKeeper: keeps what a live narration speaks, so that nobody has to speak it again."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from rhapsode.database import Database
from rhapsode.narrate_later.keys import audio_key
from rhapsode.narrate_later.planning import complete
from rhapsode.narrate_later.records import Delivery, Span
from rhapsode.narrate_later.repository import NarrationRepository
from rhapsode.narrate_later.studio import Studio
from rhapsode.narrate_later.takes import Take, Takes
from rhapsode.narration.events import NarrationEvent, TextDelta
from rhapsode.stories.records import Scene

logger = logging.getLogger(__name__)


class LiveKeeper:
    """Listens beside the journal, and makes a narration of what it has heard.

    An async context manager: sentences are kept while it is open.
    """

    def __init__(
        self, db: Database, narrations: NarrationRepository, studio: Studio, delivery: Delivery
    ) -> None:
        self._db = db
        self._narrations = narrations
        self._studio = studio
        self._delivery = delivery
        self._heard: list[Span] = []
        # One reason for this queue: encoding and storing must hold up no listener.
        self._waiting: asyncio.Queue[Take] = asyncio.Queue()
        self._takes = Takes(self._put)
        self._text = ""

    async def __aenter__(self) -> Self:
        self._keeping = asyncio.create_task(self._keep(), name="keep-live")
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._keeping.cancel()
        await asyncio.wait([self._keeping])

    def emit(self, event: NarrationEvent) -> None:
        """Take an event of the narration. Never waits."""
        if isinstance(event, TextDelta):
            self._text += event.text
        self._takes.emit(event)

    async def make_narration(self, user_id: int, scene: Scene) -> bool:
        """Store the narration of a scene as it was heard; what was not spoken is queued.

        Returns:
            True when everything can be heard again now.
        """
        await self._waiting.join()
        spans = complete(self._heard, scene.content, *self._delivery.cut)
        if not spans:
            return False
        delivery = self._delivery.for_text(scene.content)
        narration = await self._db.run(
            lambda: self._narrations.replace(
                user_id, scene.id, scene.content, spans, delivery, tell=False
            )
        )
        return narration.status == "complete"

    def _put(self, take: Take) -> None:
        # A sentence that was extended while it sounded does not know what white space it has.
        take.text = self._text[take.char_start : take.char_end]
        self._waiting.put_nowait(take)

    async def _keep(self) -> None:
        while True:
            take = await self._waiting.get()
            try:
                if not take.is_silent:
                    await self._studio.keep(
                        take, audio_key(take.text, self._delivery), self._delivery.diction
                    )
                    self._heard.append(take.span)
            except Exception:
                # An outermost loop: a full disk must not cost the listener the story. What is not
                # kept is spoken again in the background.
                logger.exception("a live sentence could not be kept")
            finally:
                self._waiting.task_done()
