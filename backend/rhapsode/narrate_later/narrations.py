"""Narrations: order, read, follow and cancel the narration of scenes."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from rhapsode.accounts.records import TtsSettings
from rhapsode.database import Database
from rhapsode.errors import ConflictError, InvalidInputError, NotFoundError
from rhapsode.narrate_later.casting import Casting
from rhapsode.narrate_later.keys import revision_of
from rhapsode.narrate_later.live_keeper import LiveKeeper
from rhapsode.narrate_later.orders import Orders
from rhapsode.narrate_later.recordings.repository import RecordingStore
from rhapsode.narrate_later.records import (
    Chunk,
    HeardChunk,
    Narration,
    Recording,
    Summary,
)
from rhapsode.narrate_later.rendering import Contents, Format
from rhapsode.narrate_later.renditions import Rendition, Renditions
from rhapsode.narrate_later.repository import NarrationRepository
from rhapsode.narrate_later.studio import Studio
from rhapsode.narrate_later.worker import NarrationWorker
from rhapsode.stories.pronunciations.repository import PronunciationRepository
from rhapsode.stories.records import Scene
from rhapsode.text.speakable import Diction
from rhapsode.tts.turns import Priority


@dataclass(frozen=True, slots=True)
class NarrationDetail:
    """A narration and what of it can be heard."""

    narration: Narration
    chunks: list[HeardChunk]
    """From the beginning up to the first sentence that is missing."""


class Narrations:
    """What routes and live scenes ask for. Every method that takes a scene trusts its owner."""

    def __init__(
        self,
        db: Database,
        rows: NarrationRepository,
        store: RecordingStore,
        renditions: Renditions,
        studio: Studio,
        worker: NarrationWorker,
        casting: Casting,
        pronunciations: PronunciationRepository,
    ) -> None:
        self._rows = rows
        self._db = db
        self._store = store
        self._renditions = renditions
        self._studio = studio
        self._worker = worker
        self._casting = casting
        self._orders = Orders(db, rows, worker, casting, pronunciations)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work off the queue while the context is open."""
        working = asyncio.create_task(self._worker.run(), name="narrations")
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    async def order(
        self, user_id: int, scene: Scene, settings: TtsSettings, *, auto_play: bool = False
    ) -> None:
        """Have a scene narrated as its owner's settings say, unless it has been already.

        A narration that failed is tried again; sentences that exist are never made twice.

        Raises:
            InvalidInputError: The scene has nothing to read aloud, or the voice is not there.
            NotFoundError: The scene was deleted meanwhile.
            SynthesisError: The engine cannot be used.
        """
        await self._casting.check(settings)
        if not await self._orders.put(user_id, scene, settings, auto_play=auto_play):
            raise InvalidInputError(
                "There is nothing to read aloud in this scene.", param="content"
            )

    async def order_if_wished(self, user_id: int, scene: Scene, settings: TtsSettings) -> None:
        """Have a new scene narrated, and played by itself, if its owner's settings ask for that.

        Whatever is wrong with the voice is found out, and told, by the one who makes it.
        """
        if settings.tts_enabled and settings.auto_play_last_scene:
            with suppress(NotFoundError):
                await self._orders.put(user_id, scene, settings, auto_play=True)

    async def follow(self, user_id: int, scene: Scene) -> None:
        """Bring a narration up to date with its scene and dictionary, if it is there, in its voice.

        Raises:
            NotFoundError: The scene was deleted meanwhile.
        """
        await self._orders.follow(user_id, scene)

    async def forget(self, scene_id: int) -> None:
        """Stop making the narration of a scene, and delete it. Its sound stays till it is old."""
        await self._orders.forget(scene_id)

    async def review(self) -> None:
        """Stop making what belongs to stories and scenes that have been deleted."""
        await self._worker.review()

    def summaries(self, scene_ids: Collection[int]) -> dict[int, Summary]:
        """Return how far narrations are, by scene. Blocking: call it from a thread."""
        return self._rows.summaries(scene_ids)

    async def detail(self, user_id: int, scene: Scene) -> NarrationDetail:
        """Return the narration of a scene.

        Raises:
            NotFoundError: It has none.
        """
        narration = await self._narration(user_id, scene)
        return NarrationDetail(
            narration, await self._db.run(lambda: self._rows.timeline(narration.id))
        )

    async def sentence(self, user_id: int, scene: Scene, index: int) -> tuple[Chunk, Recording]:
        """Return one sentence. Sound that had to make room is made again at once.

        Raises:
            NotFoundError: There is no narration, or it has no such sentence.
            ConflictError: The sentence has not been made yet.
            SynthesisError: It could not be made again.
        """
        narration = await self._narration(user_id, scene)
        chunk = await self._db.run(lambda: self._rows.chunk(narration.id, index))
        recording = await self._db.run(lambda: self._store.find(chunk.key))
        if recording is None:
            if narration.status != "complete":
                raise ConflictError("This sentence has not been narrated yet.")
            reader = await self._casting.reader(narration)
            recording = await self._studio.record(chunk, reader, narration.delivery, Priority.LIVE)
        return chunk, recording

    async def file(self, user_id: int, scene: Scene, format: Format) -> Rendition:
        """Return a whole narration as a file.

        Raises:
            NotFoundError: There is no narration.
            ConflictError: Not everything is there; what had to make room is being made again.
        """
        narration = await self._narration(user_id, scene)
        heard = await self._db.run(lambda: self._rows.timeline(narration.id))
        if len(heard) < narration.chunk_count:
            if narration.status == "complete":
                await self._orders.requeue(narration)
            raise _unfinished(len(heard), narration.chunk_count)
        keys = [part.chunk.key for part in heard]
        samples = sum(part.samples for part in heard)
        return self._renditions.open(Contents(keys, samples, format, self._sound))

    def _sound(self, key: str) -> bytes:
        """Return the sound under a key.

        Raises:
            KeyError: It has had to make room in this very moment.
        """
        recording = self._store.find(key)
        if recording is None:
            raise KeyError(key)
        return recording.sound

    @asynccontextmanager
    async def keeping(self, settings: TtsSettings, diction: Diction) -> AsyncGenerator[LiveKeeper]:
        """Keep what a live narration with these settings speaks while the context is open."""
        delivery = replace(await self._casting.delivery(settings), diction=diction)
        try:
            async with LiveKeeper(self._db, self._rows, self._studio, delivery) as keeper:
                yield keeper
        finally:
            # What was stopped, or could not be spoken, is waiting in the queue now.
            self._worker.wake()

    async def _narration(self, user_id: int, scene: Scene) -> Narration:
        """Return the narration of a scene as it is now.

        A server that died between an edit and its narration left one of an earlier text.
        """
        narration = await self._db.run(lambda: self._rows.find(user_id, scene.id))
        if narration and narration.revision != revision_of(scene.content):
            await self._orders.follow(user_id, scene)
            narration = await self._db.run(lambda: self._rows.find(user_id, scene.id))
        if narration is None:
            raise NotFoundError(f"Scene {scene.id} has not been narrated.")
        return narration


def _unfinished(ready: int, total: int) -> ConflictError:
    return ConflictError(f"{ready} of {total} sentences are ready. Try again in a moment.")
