"""A database, an engine that counts, and everything between them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from cryptography.fernet import Fernet

from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.records import TtsSettings
from rhapsode.accounts.secrets import SecretBox
from rhapsode.live.user_events import TtsReady, UserEvent
from rhapsode.narrate_later.casting import Casting
from rhapsode.narrate_later.narrations import NarrationDetail, Narrations
from rhapsode.narrate_later.queue.repository import LEASE_S, NarrationQueue
from rhapsode.narrate_later.recordings.repository import RecordingStore
from rhapsode.narrate_later.renditions import Renditions
from rhapsode.narrate_later.repository import NarrationRepository
from rhapsode.narrate_later.studio import Studio
from rhapsode.narrate_later.worker import NarrationWorker
from rhapsode.stories.pronunciations.repository import PronunciationRepository
from rhapsode.stories.records import Scene
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.tone import ToneEngine
from tests.narrate_later.counting import TONE, CountingEngine

PLENTY = 2**31


@dataclass
class Heard:
    """What was published, for whom."""

    events: list[tuple[int, UserEvent]] = field(default_factory=list)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, user_id: int, event: UserEvent) -> None:
        self.events.append((user_id, event))
        self._grown.set()

    def of(self, kind: type) -> list[UserEvent]:
        return [event for _, event in self.events if isinstance(event, kind)]

    async def until(self, kind: type, count: int = 1) -> UserEvent:
        while len(self.of(kind)) < count:
            self._grown.clear()
            await self._grown.wait()
        return self.of(kind)[count - 1]


@dataclass
class Workshop:
    """Narrations with nothing around them."""

    narrations: Narrations
    store: RecordingStore
    queue: NarrationQueue
    rows: NarrationRepository
    worker: NarrationWorker
    synthesizer: Synthesizer
    heard: Heard
    engine: ToneEngine

    async def state(self, user, scene: Scene) -> NarrationDetail:
        return await self.narrations.detail(user.id, scene)

    async def narrate(self, user, scene: Scene, settings: TtsSettings = TONE) -> None:
        """Order a narration and wait until it is ready."""
        ready = len(self.heard.of(TtsReady))
        await self.narrations.order(user.id, scene, settings)
        await self.heard.until(TtsReady, ready + 1)

    def clips(self, user, scene: Scene) -> list[bytes]:
        """The kept sound of a scene, as it lies in the database."""
        narration = self.rows.find(user.id, scene.id)
        assert narration is not None
        recordings = [self.store.find(chunk.key) for chunk in self.rows.chunks(narration.id)]
        return [recording.sound for recording in recordings if recording]


@pytest.fixture
def workshop(db, tmp_path) -> Callable:
    @asynccontextmanager
    async def open_workshop(
        engine: ToneEngine | None = None,
        *,
        max_bytes: int = PLENTY,
        retry_s: float = 0.01,
        lease_s: float = LEASE_S,
        heard: Heard | None = None,
    ) -> AsyncIterator[Workshop]:
        engine = engine or CountingEngine()
        synthesizer = Synthesizer({"tone": ThreadHost(engine)})
        preferences = SettingsRepository(db, SecretBox([Fernet.generate_key().decode()]))
        casting = Casting(db, preferences, synthesizer)
        store = RecordingStore(db, max_bytes)
        studio = Studio(db, store, synthesizer)
        queue, rows = NarrationQueue(db, lease_s), NarrationRepository(db)
        heard = heard or Heard()
        worker = NarrationWorker(db, queue, casting, studio, heard.publish, retry_s=retry_s)
        narrations = Narrations(
            db=db,
            rows=rows,
            store=store,
            renditions=Renditions(tmp_path / "renditions"),
            casting=casting,
            pronunciations=PronunciationRepository(db),
            studio=studio,
            worker=worker,
        )
        async with synthesizer:
            yield Workshop(narrations, store, queue, rows, worker, synthesizer, heard, engine)

    return open_workshop


@pytest.fixture
def write(stories):
    """Write a scene for somebody; or another text into one."""

    def write_scene(user, text: str, scene: Scene | None = None) -> Scene:
        if scene is not None:
            return stories.update_scene(user.id, scene.id, content=text)
        story = stories.create_story(user.id, title="Story")
        return stories.add_scene(
            user.id, story.id, prompt="", content=text, status="complete", model="m"
        )

    return write_scene
