"""UserEventLog: events that reach a user even if no page was open when they happened."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from rhapsode.database import Database, utc_now
from rhapsode.live.models import UserEventRow
from rhapsode.live.user_events import StoredEvent, TtsFailed, TtsReady

KEPT_FOR = timedelta(days=1)

_TYPES: dict[str, type[TtsReady] | type[TtsFailed]] = {
    "tts_ready": TtsReady,
    "tts_failed": TtsFailed,
}


@dataclass(frozen=True, slots=True)
class UserEventLog:
    """Reads what users have been told. Blocking: call it from a thread."""

    db: Database

    def after(self, user_id: int, event_id: int) -> list[StoredEvent]:
        """Return the user's events with a greater number, oldest first."""
        unseen = (
            select(UserEventRow)
            .where(UserEventRow.user_id == user_id, UserEventRow.id > event_id)
            .order_by(UserEventRow.id)
        )
        with self.db.read() as session:
            return [_event(row) for row in session.scalars(unseen)]

    def last_id(self, user_id: int) -> int:
        """Return the number of the user's newest event, 0 when there is none."""
        newest = select(func.max(UserEventRow.id)).where(UserEventRow.user_id == user_id)
        with self.db.read() as session:
            return session.scalar(newest) or 0


def add_ready(
    session: Session,
    user_id: int,
    *,
    scene_id: int,
    story_id: int,
    chunk_count: int,
    auto_play: bool,
) -> StoredEvent:
    """Store, inside somebody's unit of work, that a narration can be heard."""
    return _add(
        session,
        user_id,
        "tts_ready",
        {
            "scene_id": scene_id,
            "story_id": story_id,
            "chunk_count": chunk_count,
            "auto_play": auto_play,
        },
    )


def add_failed(
    session: Session, user_id: int, *, scene_id: int, story_id: int, code: str, message: str
) -> StoredEvent:
    """Store, inside somebody's unit of work, that a narration has failed."""
    body: dict[str, object] = {
        "scene_id": scene_id,
        "story_id": story_id,
        "code": code,
        "message": message,
    }
    return _add(session, user_id, "tts_failed", body)


def _add(session: Session, user_id: int, type: str, body: dict[str, object]) -> StoredEvent:
    """Store an event, and forget the user's old ones."""
    old = delete(UserEventRow).where(
        UserEventRow.user_id == user_id, UserEventRow.created_at < utc_now() - KEPT_FOR
    )
    session.execute(old)
    row = UserEventRow(user_id=user_id, type=type, body=body)
    session.add(row)
    session.flush()
    return _event(row)


def _event(row: UserEventRow) -> StoredEvent:
    return _TYPES[row.type](id=row.id, at=row.created_at, **row.body)
