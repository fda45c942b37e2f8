"""NarrationQueue: narrations that are to be made, as their rows say."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from rhapsode.database import Database, utc_now
from rhapsode.live.repository import add_failed, add_ready
from rhapsode.live.user_events import StoredEvent
from rhapsode.narrate_later.models import NarrationChunkRow, NarrationRow, RecordingRow
from rhapsode.narrate_later.records import Job, Step
from rhapsode.narrate_later.repository import first_missing, narration_of
from rhapsode.stories.models import SceneRow

_recorded = exists().where(RecordingRow.key == NarrationChunkRow.key)

_other = aliased(NarrationRow)
_busy_users = select(_other.user_id).where(_other.status == "running")


class NarrationQueue:
    """Hands out work and takes note of how it went. Blocking: call it from a thread.

    What a worker says about a narration that was deleted or replaced meanwhile changes nothing.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def requeue_interrupted(self, ours: Collection[int]) -> None:
        """Put back what is said to be made, but by nobody: its server ended, however it ended.

        One server works on a database; several would need a way to tell who is alive.

        Args:
            ours: The narrations that this server is making.
        """
        interrupted = update(NarrationRow).where(
            NarrationRow.status == "running", NarrationRow.id.not_in(ours)
        )
        with self._db.write() as session:
            session.execute(interrupted.values(status="queued"))

    def claim(self) -> Job | None:
        """Take the next narration that is due, of a user of whom none is being made.

        One at a time for everybody: a scene as long as a book keeps nobody else waiting.
        """
        due = (
            select(NarrationRow, SceneRow.story_id)
            .join(SceneRow, SceneRow.id == NarrationRow.scene_id)
            .where(
                NarrationRow.status == "queued",
                NarrationRow.user_id.not_in(_busy_users),
                NarrationRow.next_attempt_at <= utc_now(),
            )
            .order_by(NarrationRow.next_attempt_at, NarrationRow.id)
            .limit(1)
            .with_for_update(of=NarrationRow, skip_locked=True)
        )
        with self._db.write() as session:
            found = session.execute(due).one_or_none()
            if found is None:
                return None
            row, story_id = found
            row.status, row.updated_at = "running", utc_now()
            return Job(narration_of(row), story_id)

    def next_due(self) -> datetime | None:
        """Return when there is something to `claim`, perhaps in the past; None: never."""
        earliest = select(func.min(NarrationRow.next_attempt_at)).where(
            NarrationRow.status == "queued", NarrationRow.user_id.not_in(_busy_users)
        )
        with self._db.read() as session:
            return session.scalar(earliest)

    def still_wanted(self, narration_ids: Collection[int]) -> set[int]:
        """Return which of these narrations are still being made: the others were deleted."""
        wanted = select(NarrationRow.id).where(
            NarrationRow.id.in_(narration_ids), NarrationRow.status == "running"
        )
        with self._db.read() as session:
            return set(session.scalars(wanted))

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
            row = _running(session, narration_id)
            if row is None:
                return None
            missing = first_missing(session, narration_id, after_index + 1)
            return Step(session.scalar(ready) or 0, row.attempts, missing)

    def note_success(self, job: Job) -> None:
        """Forget earlier failures of a job: a sentence has worked."""
        worked = update(NarrationRow).where(NarrationRow.id == job.narration.id)
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
            row = _running(session, narration.id)
            if row is None:
                return None
            row.status, row.attempts = "complete", 0
            row.error_code = row.error_message = None
            row.finished_at = row.updated_at = utc_now()
            _touch_all(session, narration.id)
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
            row = _running(session, job.narration.id)
            if row is None:
                return 1
            row.attempts += 1
            return row.attempts

    def postpone(self, job: Job, code: str, message: str, until: datetime) -> None:
        """Put a job back into the queue after a failure, until a later time."""
        with self._db.write() as session:
            row = _running(session, job.narration.id)
            if row is not None:
                row.status, row.next_attempt_at = "queued", until
                row.error_code, row.error_message, row.updated_at = code, message, utc_now()

    def fail(self, job: Job, code: str, message: str) -> StoredEvent | None:
        """Give a job up, and store that its user is to be told; see `finish`."""
        with self._db.write() as session:
            row = _running(session, job.narration.id)
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


def _running(session: Session, narration_id: int) -> NarrationRow | None:
    row = session.get(NarrationRow, narration_id)
    return row if row is not None and row.status == "running" else None


def _touch_all(session: Session, narration_id: int) -> None:
    keys = select(NarrationChunkRow.key).where(NarrationChunkRow.narration_id == narration_id)
    used = update(RecordingRow).where(RecordingRow.key.in_(keys))
    session.execute(used.values(last_used_at=utc_now()))
