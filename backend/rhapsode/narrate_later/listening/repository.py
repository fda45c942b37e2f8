"""ListeningPositions: how far people have listened, on whatever device."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from rhapsode.database import Database, utc_now
from rhapsode.errors import NotFoundError
from rhapsode.narrate_later.models import ListeningPositionRow
from rhapsode.narrate_later.records import Position
from rhapsode.stories.models import SceneRow, StoryRow


@dataclass(frozen=True, slots=True)
class ListeningPositions:
    """Reads and writes listening positions. Blocking: call it from a thread."""

    db: Database

    def get(self, user_id: int, scene_id: int) -> Position | None:
        """Return how far the user has listened to a scene; None when they never have.

        Raises:
            NotFoundError: The user has no such scene.
        """
        with self.db.read() as session:
            _require_scene(session, user_id, scene_id)
            row = session.get(ListeningPositionRow, (user_id, scene_id))
            return _position(row) if row else None

    def put(self, user_id: int, scene_id: int, *, sample: int, sentence: int) -> Position:
        """Remember how far the user has listened to a scene.

        Raises:
            NotFoundError: The user has no such scene.
        """
        row = ListeningPositionRow(
            user_id=user_id,
            scene_id=scene_id,
            sample=sample,
            sentence=sentence,
            updated_at=utc_now(),
        )
        with self.db.write() as session:
            _require_scene(session, user_id, scene_id)
            return _position(session.merge(row))

    def last_heard(self, user_id: int) -> dict[int, Position]:
        """Return, by story, where the user listened last."""
        oldest_first = (
            select(SceneRow.story_id, ListeningPositionRow)
            .join(SceneRow, SceneRow.id == ListeningPositionRow.scene_id)
            .where(ListeningPositionRow.user_id == user_id)
            .order_by(ListeningPositionRow.updated_at)
        )
        with self.db.read() as session:
            return {story_id: _position(row) for story_id, row in session.execute(oldest_first)}


def _require_scene(session: Session, user_id: int, scene_id: int) -> None:
    owned = (
        select(SceneRow.id)
        .join(StoryRow, StoryRow.id == SceneRow.story_id)
        .where(SceneRow.id == scene_id, StoryRow.user_id == user_id)
    )
    if session.scalar(owned) is None:
        raise NotFoundError(f"There is no scene {scene_id}.")


def _position(row: ListeningPositionRow) -> Position:
    return Position(row.scene_id, row.sample, row.sentence, row.updated_at)
