"""UserEvents: what a user's open pages are told, whichever story they show."""

from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

MAX_WAITING = 1_000
"""Events that wait for one page; who takes them more slowly has to connect again."""


@dataclass(frozen=True, slots=True)
class TtsReady:
    """A scene's narration can be heard from its beginning to its end."""

    id: int
    """Numbers grow; the last one seen is where a page goes on after a lost connection."""

    at: datetime
    scene_id: int
    story_id: int
    chunk_count: int
    auto_play: bool
    """Whether the user wishes that it starts by itself."""


@dataclass(frozen=True, slots=True)
class TtsFailed:
    """A scene could not be narrated; the scene itself is unharmed."""

    id: int
    at: datetime
    scene_id: int
    story_id: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class TtsProgress:
    """A narration has come further. Told to whoever listens now, and never again."""

    scene_id: int
    story_id: int
    chunks_ready: int
    total_chunks: int


StoredEvent = TtsReady | TtsFailed
UserEvent = StoredEvent | TtsProgress


class Inbox:
    """Where events wait for one page. Small while it is empty, as most are at most times."""

    __slots__ = ("_overflown", "_waiting", "_wake")

    def __init__(self, wake: Callable[[], None]) -> None:
        """Take what is called whenever an event has come."""
        self._wake = wake
        self._waiting: list[UserEvent] = []
        self._overflown = False

    def put(self, event: UserEvent) -> None:
        """Add an event. Never waits: an inbox that is full takes no more."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(event)
        else:
            self._overflown = True
        self._wake()

    def take(self) -> list[UserEvent] | None:
        """Return what has come since; None when an event was lost because the page is too slow."""
        if self._overflown:
            return None
        waiting, self._waiting = self._waiting, []
        return waiting


class UserEvents:
    """Hands events to a user's open pages. Belongs to one event loop."""

    def __init__(self) -> None:
        self._inboxes: dict[int, set[Inbox]] = defaultdict(set)

    def publish(self, user_id: int, event: UserEvent) -> None:
        """Give an event to every page of a user that is open now. Never waits."""
        for inbox in self._inboxes.get(user_id, ()):
            inbox.put(event)

    @contextmanager
    def subscribe(self, user_id: int, wake: Callable[[], None]) -> Generator[Inbox]:
        """Collect a user's events from now on, while the context is open.

        Args:
            user_id: Whose events.
            wake: Called whenever one has come; must not wait.
        """
        inbox = Inbox(wake)
        self._inboxes[user_id].add(inbox)
        try:
            yield inbox
        finally:
            self._inboxes[user_id].discard(inbox)
            if not self._inboxes[user_id]:
                del self._inboxes[user_id]
