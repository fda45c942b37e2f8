"""NarrationQueue: narrations that are to be made, as their rows say."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from rhapsode.database import Database, utc_now
from rhapsode.live.repository import add_failed, add_ready
from rhapsode.live.user_events import StoredEvent
from rhapsode.narrate_later.models import NarrationChunkRow, NarrationRow, RecordingRow
from rhapsode.narrate_later.recordings.repository import touch
from rhapsode.narrate_later.records import Job, Step
from rhapsode.narrate_later.repository import first_missing
from rhapsode.narrate_later.rows import narration_of
from rhapsode.stories.models import SceneRow

_recorded = exists().where(RecordingRow.key == NarrationChunkRow.key)

LEASE_S = 15.0
"""How long a worker may be silent before its narration is given to another one."""


class NarrationQueue:
    """Hands out work and takes note of how it went. Blocking: call it from a thread.

    Several servers can work on one database: who has claimed a narration holds a lease on it, and
    has to renew it. What a worker says about a narration that was deleted, replaced or claimed by
    another one meanwhile changes nothing.
    """

    def __init__(self, db: Database, lease_s: float = LEASE_S) -> None:
        """Lease narrations for `lease_s` seconds at a time."""
        self._db = db
        self.lease_s = lease_s

    def requeue_interrupted(self) -> None:
        """Put back what a server was making that ended, however it ended.

        Only where no other server can be at work; elsewhere the leases run out.
        """
        if self._db.is_shared:
            return
        interrupted = update(NarrationRow).where(NarrationRow.status == "running")
        with self._db.write() as session:
            session.execute(interrupted.values(status="queued", lease=None))

    def claim(self) -> Job | None:
        """Take the next narration that is due, of a user of whom none is being made.

        One at a time for everybody: a scene as long as a book keeps nobody else waiting.
        """
        with self._db.write() as session:
            now = self._db.now(session)
            due = (
                select(NarrationRow, SceneRow.story_id)
                .join(SceneRow, SceneRow.id == NarrationRow.scene_id)
                .where(_is_due(now), NarrationRow.user_id.not_in(_busy_users(now)))
                .order_by(NarrationRow.next_attempt_at, NarrationRow.id)
                .limit(1)
                .with_for_update(of=NarrationRow, skip_locked=True)
            )
            found = session.execute(due).one_or_none()
            if found is None:
                return None
            row, story_id = found
            lease = secrets.token_hex(16)
            row.status, row.updated_at = "running", utc_now()
            row.lease, row.leased_until = lease, now + self._lease
            return Job(narration_of(row), story_id, lease)

    def wait_s(self) -> float | None:
        """Return in how many seconds there is something to `claim`, 0 or less: now; None: never."""
        with self._db.read() as session:
            now = self._db.now(session)
            queued = select(func.min(NarrationRow.next_attempt_at)).where(
                NarrationRow.status == "queued", NarrationRow.user_id.not_in(_busy_users(now))
            )
            leased = select(func.min(NarrationRow.leased_until)).where(
                NarrationRow.status == "running"
            )
            moments = (session.scalar(queued), session.scalar(leased))
            return min(((due - now).total_seconds() for due in moments if due), default=None)

    def renew(self, leases: Collection[str]) -> set[str]:
        """Renew leases; return which are still held. The others' narrations are not wanted here."""
        with self._db.write() as session:
            held = (
                update(NarrationRow)
                .where(NarrationRow.lease.in_(leases), NarrationRow.status == "running")
                .values(leased_until=self._db.now(session) + self._lease)
                .returning(NarrationRow.lease)
            )
            return {lease for lease in session.scalars(held) if lease}

    def release(self, job: Job) -> None:
        """Put a job back that is not finished, for whoever comes next."""
        with self._db.write() as session:
            row = _held(session, job)
            if row is not None:
                row.status, row.lease, row.updated_at = "queued", None, utc_now()

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self.lease_s)

    def next_step(self, job: Job, after_index: int) -> Step | None:
        """Return what a job needs next; None when nobody wants it any more.

        Args:
            job: The job.
            after_index: Sentences up to this one are known to be there; -1 for none.
        """
        narration_id = job.narration.id
        ready = select(func.count()).where(
            NarrationChunkRow.narration_id == narration_id, _recorded
        )
        with self._db.read() as session:
            row = session.scalar(_leased(job))
            if row is None:
                return None
            missing = first_missing(session, narration_id, after_index + 1)
            return Step(session.scalar(ready) or 0, row.attempts, missing)

    def note_success(self, job: Job) -> None:
        """Forget earlier failures of a job: a sentence has worked."""
        worked = update(NarrationRow).where(NarrationRow.lease == job.lease)
        with self._db.write() as session:
            session.execute(
                worked.values(attempts=0, error_code=None, error_message=None, updated_at=utc_now())
            )

    def finish(self, job: Job) -> StoredEvent | None:
        """Complete a job, and store that its user is to be told, in one.

        Returns:
            What the user is to be told; None when nobody wants the job any more.
        """
        narration = job.narration
        with self._db.write() as session:
            row = _held(session, job)
            if row is None:
                return None
            row.status, row.attempts = "complete", 0
            row.error_code = row.error_message = None
            row.finished_at = row.updated_at = utc_now()
            touch(session, _keys_of(narration.id))
            return add_ready(
                session,
                narration.user_id,
                scene_id=narration.scene_id,
                story_id=job.story_id,
                chunk_count=narration.chunk_count,
                auto_play=narration.auto_play,
            )

    def count_failure(self, job: Job) -> int:
        """Note that an attempt has failed; return how many have, since the last success."""
        with self._db.write() as session:
            row = _held(session, job)
            if row is None:
                return 1
            row.attempts += 1
            return row.attempts

    def postpone(self, job: Job, code: str, message: str, until: datetime) -> None:
        """Put a job back into the queue after a failure, until a later time."""
        with self._db.write() as session:
            row = _held(session, job)
            if row is not None:
                row.status, row.next_attempt_at = "queued", until
                row.error_code, row.error_message, row.updated_at = code, message, utc_now()

    def fail(self, job: Job, code: str, message: str) -> StoredEvent | None:
        """Give a job up, and store that its user is to be told; see `finish`."""
        with self._db.write() as session:
            row = _held(session, job)
            if row is None:
                return None
            row.status, row.updated_at = "failed", utc_now()
            row.error_code, row.error_message = code, message
            return add_failed(
                session,
                row.user_id,
                scene_id=row.scene_id,
                story_id=job.story_id,
                code=code,
                message=message,
            )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(NarrationRow.status == "queued", NarrationRow.next_attempt_at <= now),
        and_(NarrationRow.status == "running", NarrationRow.leased_until <= now),
    )


def _busy_users(now: datetime) -> Select[int]:
    other = aliased(NarrationRow)
    return select(other.user_id).where(other.status == "running", other.leased_until > now)


def _leased(job: Job) -> Select[NarrationRow]:
    """Select the row of a job as long as nobody else has claimed it."""
    return select(NarrationRow).where(
        NarrationRow.id == job.narration.id,
        NarrationRow.lease == job.lease,
        NarrationRow.status == "running",
    )


def _held(session: Session, job: Job) -> NarrationRow | None:
    """Return the row of a job, to be changed, as long as nobody else has claimed it."""
    return session.scalar(_leased(job).with_for_update())


def _keys_of(narration_id: int) -> Select[str]:
    return select(NarrationChunkRow.key).where(NarrationChunkRow.narration_id == narration_id)
