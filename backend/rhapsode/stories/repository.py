"""StoryRepository: stories and scenes, always of one user.

Every method takes the id of the user who asks. What is somebody else's does not exist for them.
"""

from typing import Unpack

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from rhapsode.database import Database, utc_now
from rhapsode.errors import NotFoundError
from rhapsode.stories.models import SceneRow, StoryRow
from rhapsode.stories.records import Scene, SceneChanges, SceneStatus, Story, StoryChanges


class StoryRepository:
    """Reads and writes stories. Blocking: call it from a thread."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def create_story(
        self,
        user_id: int,
        *,
        title: str,
        premise: str = "",
        genre: str | None = None,
        style: str | None = None,
    ) -> Story:
        """Begin a story without scenes."""
        row = StoryRow(user_id=user_id, title=title, premise=premise, genre=genre, style=style)
        with self._db.write() as session:
            session.add(row)
        return _story(row, scene_count=0, word_count=0)

    def list_stories(self, user_id: int) -> list[Story]:
        """Return the user's stories, the most recently changed first."""
        newest_first = _stories(user_id).order_by(StoryRow.updated_at.desc(), StoryRow.id.desc())
        with self._db.read() as session:
            return [_story(*row) for row in session.execute(newest_first)]

    def get_story(self, user_id: int, story_id: int) -> Story:
        """Return one story.

        Raises:
            NotFoundError: The user has no such story.
        """
        with self._db.read() as session:
            return _read_story(session, user_id, story_id)

    def update_story(self, user_id: int, story_id: int, **changes: Unpack[StoryChanges]) -> Story:
        """Change what `changes` names.

        Raises:
            NotFoundError: The user has no such story.
        """
        with self._db.write() as session:
            row = _story_row(session, user_id, story_id)
            for name, value in changes.items():
                setattr(row, name, value)
            row.updated_at = utc_now()
            session.flush()
            return _read_story(session, user_id, story_id)

    def delete_story(self, user_id: int, story_id: int) -> None:
        """Delete a story and its scenes.

        Raises:
            NotFoundError: The user has no such story.
        """
        with self._db.write() as session:
            session.delete(_story_row(session, user_id, story_id))

    def list_scenes(self, user_id: int, story_id: int) -> list[Scene]:
        """Return the scenes of a story in reading order.

        Raises:
            NotFoundError: The user has no such story.
        """
        in_order = select(SceneRow).where(SceneRow.story_id == story_id).order_by(SceneRow.position)
        with self._db.read() as session:
            _read_story(session, user_id, story_id)
            return [_scene(row) for row in session.scalars(in_order)]

    def get_scene(self, user_id: int, scene_id: int) -> Scene:
        """Return one scene.

        Raises:
            NotFoundError: The user has no such scene.
        """
        with self._db.read() as session:
            return _scene(_scene_row(session, user_id, scene_id))

    def add_scene(
        self,
        user_id: int,
        story_id: int,
        *,
        prompt: str,
        content: str,
        status: SceneStatus,
        model: str,
    ) -> Scene:
        """Add a scene behind the story's last one.

        Raises:
            NotFoundError: The user has no such story (any more).
        """
        with self._db.write() as session:
            story = _story_row(session, user_id, story_id)
            row = SceneRow(
                story_id=story_id,
                position=_next_position(session, story_id),
                prompt=prompt,
                content=content,
                status=status,
                model=model,
                word_count=count_words(content),
            )
            session.add(row)
            story.updated_at = utc_now()
        return _scene(row)

    def update_scene(self, user_id: int, scene_id: int, **changes: Unpack[SceneChanges]) -> Scene:
        """Change what `changes` names.

        Raises:
            NotFoundError: The user has no such scene.
        """
        with self._db.write() as session:
            row = _scene_row(session, user_id, scene_id)
            for name, value in changes.items():
                setattr(row, name, value)
            row.word_count = count_words(row.content)
            row.updated_at = utc_now()
            _story_row(session, user_id, row.story_id).updated_at = row.updated_at
        return _scene(row)

    def delete_scene(self, user_id: int, scene_id: int) -> None:
        """Delete a scene; the ones behind it move up.

        Raises:
            NotFoundError: The user has no such scene.
        """
        with self._db.write() as session:
            row = _scene_row(session, user_id, scene_id)
            story = _story_row(session, user_id, row.story_id)
            session.delete(row)
            session.flush()
            _close_hole(session, row.story_id, row.position)
            story.updated_at = utc_now()


def count_words(content: str) -> int:
    """Return how many words, separated by white space, `content` has."""
    return len(content.split())


def _stories(user_id: int) -> Select[StoryRow, int, int]:
    return (
        select(
            StoryRow,
            func.count(SceneRow.id),
            func.coalesce(func.sum(SceneRow.word_count), 0),
        )
        .outerjoin(SceneRow, SceneRow.story_id == StoryRow.id)
        .where(StoryRow.user_id == user_id)
        .group_by(StoryRow.id)
    )


def _read_story(session: Session, user_id: int, story_id: int) -> Story:
    found = session.execute(_stories(user_id).where(StoryRow.id == story_id)).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no story {story_id}.")
    return _story(*found)


def _story_row(session: Session, user_id: int, story_id: int) -> StoryRow:
    # The lock (a no-op on SQLite) makes two scenes added at once take two positions.
    owned = (
        select(StoryRow)
        .where(StoryRow.id == story_id, StoryRow.user_id == user_id)
        .with_for_update()
    )
    row = session.scalar(owned)
    if row is None:
        raise NotFoundError(f"There is no story {story_id}.")
    return row


def _scene_row(session: Session, user_id: int, scene_id: int) -> SceneRow:
    owned = (
        select(SceneRow)
        .join(StoryRow, StoryRow.id == SceneRow.story_id)
        .where(SceneRow.id == scene_id, StoryRow.user_id == user_id)
    )
    row = session.scalar(owned)
    if row is None:
        raise NotFoundError(f"There is no scene {scene_id}.")
    return row


def _next_position(session: Session, story_id: int) -> int:
    last = select(func.max(SceneRow.position)).where(SceneRow.story_id == story_id)
    return (session.scalar(last) or 0) + 1


def _close_hole(session: Session, story_id: int, position: int) -> None:
    """Move every scene behind `position` up by one.

    By way of negative numbers: databases check uniqueness row by row, so moving straight to the
    neighbor's number would collide whenever the neighbor has not moved yet.
    """
    behind = update(SceneRow).where(SceneRow.story_id == story_id, SceneRow.position > position)
    session.execute(behind.values(position=1 - SceneRow.position))
    parked = update(SceneRow).where(SceneRow.story_id == story_id, SceneRow.position < 0)
    session.execute(parked.values(position=-SceneRow.position))


def _story(row: StoryRow, scene_count: int, word_count: int) -> Story:
    return Story(
        id=row.id,
        title=row.title,
        premise=row.premise,
        genre=row.genre,
        style=row.style,
        created_at=row.created_at,
        updated_at=row.updated_at,
        scene_count=scene_count,
        word_count=word_count,
    )


def _scene(row: SceneRow) -> Scene:
    return Scene(
        id=row.id,
        story_id=row.story_id,
        position=row.position,
        prompt=row.prompt,
        content=row.content,
        status=row.status,
        model=row.model,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
