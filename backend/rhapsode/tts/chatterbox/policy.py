"""Who goes next: the scheduler's decisions. Pure, knows no torch, no threads and no clock."""

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rhapsode.errors import SynthesisError
from rhapsode.tts.engine import Demand

Job = TypeVar("Job")

RESERVED_SLOTS = 1
"""Slots that background work leaves free, so that a listener who comes is served at once."""

MAX_PER_SESSION = 3
"""Slots that one session may have: what is spoken, what comes next, and one more."""

MAX_WAITING = 256
"""Beyond these the answer would come after its listener has left."""

COMFORT_S = 0.5
"""A listener with so much sound ahead can wait while a batch fills; one takes about 0.05 s."""


@dataclass(slots=True)
class _Lane(Generic[Job]):
    """Sessions in the order of their turns, each with its jobs in the order of arrival."""

    waiting: OrderedDict[str, deque[Job]] = field(
        default_factory=lambda: OrderedDict[str, deque[Job]]()
    )

    def add(self, session: str, job: Job) -> None:
        self.waiting.setdefault(session, deque()).append(job)

    def remove(self, session: str, job: Job) -> bool:
        jobs = self.waiting.get(session)
        if not jobs or job not in jobs:
            return False
        jobs.remove(job)
        if not jobs:
            del self.waiting[session]
        return True

    def take(self, taken: dict[str, int], most: int) -> tuple[str, Job] | None:
        """Return the next job of the first session that has fewer than `most` slots."""
        for session, jobs in self.waiting.items():
            if taken.get(session, 0) < most:
                job = jobs.popleft()
                # To the end of the round, whether it has more to say or not.
                del self.waiting[session]
                if jobs:
                    self.waiting[session] = jobs
                return session, job
        return None

    def __len__(self) -> int:
        return sum(map(len, self.waiting.values()))


class Admission(Generic[Job]):
    """Decides which job gets the next free slot.

    Listeners go before background work, which never takes the last slot. In each of the two,
    sessions take turns, and none has more than its share of slots. Jobs must be hashable.
    """

    def __init__(
        self,
        slots: int,
        *,
        per_session: int = MAX_PER_SESSION,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """Manage `slots` slots, at least 1."""
        self._free = slots
        self._reserved = min(RESERVED_SLOTS, slots - 1)
        self._per_session = per_session
        self._max_waiting = max_waiting
        self._lanes: tuple[_Lane[Job], _Lane[Job]] = (_Lane(), _Lane())
        self._demands: dict[Job, tuple[str, bool]] = {}
        """Session and whether it is live, of every job that waits or runs."""

        self._running: set[Job] = set()
        self._taken: dict[str, int] = {}
        """Slots by session."""

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return sum(map(len, self._lanes))

    def add(self, job: Job, demand: Demand) -> None:
        """Take a job.

        Raises:
            SynthesisError: Too many are waiting.
        """
        if self.waiting >= self._max_waiting:
            raise SynthesisError(
                f"Chatterbox is busy: {self.waiting} sentences are waiting already. Try again "
                "later, or with another voice engine."
            )
        # Who belongs to no session shares with nobody.
        session = demand.session or f"job {id(job)}"
        self._demands[job] = session, demand.live
        self._lane(demand.live).add(session, job)

    def next(self) -> Job | None:
        """Return the job that gets a free slot now; None when none is free, or nobody waits."""
        for live, kept in ((True, 0), (False, self._reserved)):
            if self._free <= kept:
                continue
            if found := self._lane(live).take(self._taken, self._per_session):
                session, job = found
                self._free -= 1
                self._taken[session] = self._taken.get(session, 0) + 1
                self._running.add(job)
                return job
        return None

    def leave(self, job: Job) -> None:
        """Forget a job, be it waiting, running or unknown; a slot it had is free again."""
        if job not in self._demands:
            return
        session, live = self._demands.pop(job)
        if job not in self._running:
            self._lane(live).remove(session, job)
            return
        self._running.remove(job)
        self._free += 1
        self._taken[session] -= 1
        if not self._taken[session]:
            del self._taken[session]

    def _lane(self, live: bool) -> _Lane[Job]:
        return self._lanes[0 if live else 1]


@dataclass(slots=True)
class Playhead:
    """When a listener will have heard all that a job has sent, as far as one can know here."""

    live: bool
    slack_s: float
    began_at_s: float
    first_at_s: float | None = None
    sent_s: float = 0.0

    def send(self, sound_s: float, now_s: float) -> None:
        """Note that sound was sent."""
        if self.first_at_s is None:
            self.first_at_s = now_s
        self.sent_s += sound_s

    @property
    def due_at_s(self) -> float:
        """When the next sound is due."""
        if self.first_at_s is None:
            return self.began_at_s + self.slack_s
        return max(self.first_at_s, self.began_at_s + self.slack_s) + self.sent_s


def most_urgent(playheads: Iterable[Playhead], most: int) -> list[int]:
    """Return the indexes of the playheads to serve now, most urgent first, `most` at most.

    A listener goes before background work; among listeners, who runs dry first.
    """
    keys = [(not head.live, head.due_at_s, index) for index, head in enumerate(playheads)]
    return [index for _, _, index in sorted(keys)[:most]]


def is_time(playheads: Iterable[Playhead], now_s: float, most: int, writing: bool) -> bool:
    """Tell whether to make sound now, rather than gather a larger batch first.

    Making sound for one costs nearly as much as for many. But somebody may be about to run dry;
    and nothing is gained by waiting when the batch is full or nobody writes any more.

    Args:
        playheads: Of those who could be served.
        now_s: By the clock of the playheads.
        most: How many fit into a batch.
        writing: Whether more may become ready soon.
    """
    heads = list(playheads)
    if not writing or len(heads) >= most:
        return bool(heads)
    return any(head.live and head.due_at_s - now_s < COMFORT_S for head in heads)
