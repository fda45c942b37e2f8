"""Orders: what of a scene is still to be narrated, put into the queue."""

from dataclasses import replace

from rhapsode.accounts.records import TtsSettings
from rhapsode.database import Database
from rhapsode.narrate_later.casting import Casting
from rhapsode.narrate_later.keys import revision_of
from rhapsode.narrate_later.planning import plan, replan
from rhapsode.narrate_later.records import Delivery, Narration, Span
from rhapsode.narrate_later.repository import NarrationRepository
from rhapsode.narrate_later.worker import NarrationWorker
from rhapsode.stories.pronunciations.repository import PronunciationRepository
from rhapsode.stories.records import Scene


class Orders:
    """Compares what a scene says with what was narrated, and orders the rest.

    Every method that takes a scene trusts its owner.
    """

    def __init__(
        self,
        db: Database,
        rows: NarrationRepository,
        worker: NarrationWorker,
        casting: Casting,
        pronunciations: PronunciationRepository,
    ) -> None:
        self._db = db
        self._rows = rows
        self._worker = worker
        self._casting = casting
        self._pronunciations = pronunciations

    async def put(
        self, user_id: int, scene: Scene, settings: TtsSettings, *, auto_play: bool
    ) -> bool:
        """Queue what is missing; return whether the scene has anything to read aloud.

        Raises:
            NotFoundError: The scene was deleted meanwhile.
        """
        pronunciations = await self._db.run(
            lambda: self._pronunciations.of_story(user_id, scene.story_id)
        )
        whole = await self._casting.delivery(settings, pronunciations)
        delivery = await self._db.run(lambda: whole.for_text(scene.content))
        before = await self._db.run(lambda: self._rows.find(user_id, scene.id))
        if before and before.revision == revision_of(scene.content) and before.delivery == delivery:
            await self._resume(before, auto_play=auto_play)
            return True
        if before and before.delivery.cut == delivery.cut:
            # What was cut while it was spoken live stays as it is, also for another voice.
            spans = await self._db.run(lambda: self._replan(before, scene.content))
        else:
            spans = await self._db.run(lambda: plan(scene.content, *delivery.cut))
        if not spans:
            return False
        await self._replace(user_id, scene, spans, delivery, auto_play=auto_play)
        return True

    async def follow(self, user_id: int, scene: Scene) -> None:
        """Bring a narration up to date with its scene and dictionary, if it is there, in its voice.

        Raises:
            NotFoundError: The scene was deleted meanwhile.
        """
        before = await self._db.run(lambda: self._rows.find(user_id, scene.id))
        if before is None:
            return
        delivery = await self._db.run(lambda: self._with_dictionary(before, scene))
        if before.revision == revision_of(scene.content) and before.delivery == delivery:
            return
        spans = await self._db.run(lambda: self._replan(before, scene.content))
        if spans:
            await self._replace(user_id, scene, spans, delivery, auto_play=False)
        else:
            await self.forget(scene.id)

    async def forget(self, scene_id: int) -> None:
        """Stop making the narration of a scene, and delete it."""
        await self._db.run(lambda: self._rows.delete(scene_id))
        await self._worker.review()

    async def requeue(self, narration: Narration, *, auto_play: bool = False) -> None:
        """Have a narration made again from where it stopped."""
        await self._db.run(lambda: self._rows.requeue(narration.id, auto_play=auto_play))
        self._worker.wake()

    async def _resume(self, narration: Narration, *, auto_play: bool) -> None:
        heard = await self._db.run(lambda: self._rows.timeline(narration.id))
        if narration.status == "failed" or len(heard) < narration.chunk_count:
            await self.requeue(narration, auto_play=auto_play)

    async def _replace(
        self,
        user_id: int,
        scene: Scene,
        spans: list[Span],
        delivery: Delivery,
        *,
        auto_play: bool,
    ) -> None:
        await self._db.run(
            lambda: self._rows.replace(
                user_id, scene.id, scene.content, spans, delivery, auto_play=auto_play
            )
        )
        await self._worker.review()
        self._worker.wake()

    def _with_dictionary(self, narration: Narration, scene: Scene) -> Delivery:
        """Return how a narration is read with the dictionary that its story has now."""
        delivery = narration.delivery
        entries = self._pronunciations.of_story(narration.user_id, scene.story_id)
        diction = replace(delivery.diction, pronunciations=entries)
        return replace(delivery, diction=diction.within(scene.content))

    def _replan(self, before: Narration, text: str) -> list[Span]:
        spans = [chunk.span for chunk in self._rows.chunks(before.id)]
        return replan(spans, before.text_length, text, *before.delivery.cut)
