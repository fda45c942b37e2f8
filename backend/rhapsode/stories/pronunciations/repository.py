"""PronunciationRepository: the dictionary of each story."""

from sqlalchemy import select, update

from rhapsode.database import Database
from rhapsode.errors import NotFoundError
from rhapsode.stories.models import StoryRow
from rhapsode.text.speakable.pronunciations import Pronunciations


class PronunciationRepository:
    """Reads and writes dictionaries, always of one user. Blocking: call it from a thread."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of_story(self, user_id: int, story_id: int) -> Pronunciations:
        """Return a story's dictionary, in its owner's order.

        Raises:
            NotFoundError: The user has no such story.
        """
        owned = select(StoryRow.pronunciations).where(
            StoryRow.id == story_id, StoryRow.user_id == user_id
        )
        with self._db.read() as session:
            found = session.execute(owned).one_or_none()
        if found is None:
            raise NotFoundError(f"There is no story {story_id}.")
        return Pronunciations.from_pairs(found[0])

    def replace(self, user_id: int, story_id: int, pronunciations: Pronunciations) -> None:
        """Give a story another dictionary.

        Raises:
            NotFoundError: The user has no such story.
        """
        owned = update(StoryRow).where(StoryRow.id == story_id, StoryRow.user_id == user_id)
        with self._db.write() as session:
            changed = session.execute(
                owned.values(pronunciations=pronunciations.to_pairs()).returning(StoryRow.id)
            )
            if changed.scalar_one_or_none() is None:
                raise NotFoundError(f"There is no story {story_id}.")
