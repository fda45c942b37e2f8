"""NarrationRepository: the narrations of scenes, and what they consist of."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session

from rhapsode.database import Database, utc_now
from rhapsode.errors import NotFoundError
from rhapsode.narrate_later.keys import audio_key
from rhapsode.narrate_later.models import NarrationChunkRow, NarrationRow, RecordingRow
from rhapsode.narrate_later.records import (
    Chunk,
    Delivery,
    HeardChunk,
    Narration,
    Recording,
    Span,
    Summary,
)
from rhapsode.narrate_later.rows import chunk_of, diction_of, narration_of, new_narration
from rhapsode.narrate_later.takes import displayed_words
from rhapsode.stories.models import SceneRow, StoryRow
from rhapsode.text.speakable import AS_WRITTEN, Diction

_unrecorded = ~exists().where(RecordingRow.key == NarrationChunkRow.key)


class NarrationRepository:
    """Reads and writes narrations. Blocking: call it from a thread."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def replace(
        self,
        user_id: int,
        scene_id: int,
        text: str,
        spans: Sequence[Span],
        delivery: Delivery,
        *,
        auto_play: bool = False,
        tell: bool = True,
    ) -> Narration:
        """Order a narration of a scene's text; an earlier one of the scene makes way.

        Args:
            user_id: Who asks.
            scene_id: The scene.
            text: Its text.
            spans: What is spoken in one piece each; at least one.
            delivery: Who reads, and how.
            auto_play: Whether it is to start by itself when it is ready.
            tell: False when nothing needs to be told if every recording is there already, since the
                user has just heard them.

        Raises:
            NotFoundError: The user has no such scene (any more).
        """
        row = new_narration(user_id, scene_id, text, delivery)
        row.auto_play, row.total_chunks = auto_play, len(spans)
        with self._db.write() as session:
            _lock_scene(session, user_id, scene_id)
            if (earlier := _of_scene(session, scene_id)) is not None:
                session.delete(earlier)
                session.flush()
            session.add(row)
            session.flush()
            session.add_all(
                NarrationChunkRow(
                    narration_id=row.id,
                    index=index,
                    key=audio_key(span.text, delivery),
                    **asdict(span),
                )
                for index, span in enumerate(spans)
            )
            session.flush()
            if not tell and first_missing(session, row.id, 0) is None:
                row.status, row.finished_at = "complete", utc_now()
        return narration_of(row)

    def find(self, user_id: int, scene_id: int) -> Narration | None:
        """Return the narration of a scene, if there is one.

        Raises:
            NotFoundError: The user has no such scene.
        """
        with self._db.read() as session:
            _require_scene(session, user_id, scene_id)
            row = _of_scene(session, scene_id)
            return narration_of(row) if row else None

    def summaries(self, scene_ids: Collection[int]) -> dict[int, Summary]:
        """Return how far the narrations of scenes are, by scene."""
        counted = (
            select(
                NarrationRow.scene_id,
                NarrationRow.status,
                NarrationRow.total_chunks,
                func.count(RecordingRow.key),
                func.coalesce(func.sum(RecordingRow.samples), 0),
            )
            .outerjoin(NarrationChunkRow, NarrationChunkRow.narration_id == NarrationRow.id)
            .outerjoin(RecordingRow, RecordingRow.key == NarrationChunkRow.key)
            .where(NarrationRow.scene_id.in_(scene_ids))
            .group_by(NarrationRow.id)
        )
        with self._db.read() as session:
            return {row[0]: Summary(*row[1:]) for row in session.execute(counted)}

    def chunks(self, narration_id: int) -> list[Chunk]:
        """Return what a narration consists of, in order."""
        in_order = (
            select(NarrationChunkRow)
            .where(NarrationChunkRow.narration_id == narration_id)
            .order_by(NarrationChunkRow.index)
        )
        with self._db.read() as session:
            return [chunk_of(row) for row in session.scalars(in_order)]

    def chunk(self, narration_id: int, index: int) -> Chunk:
        """Return one sentence of a narration.

        Raises:
            NotFoundError: It has no such sentence.
        """
        with self._db.read() as session:
            row = session.get(NarrationChunkRow, (narration_id, index))
        if row is None:
            raise NotFoundError(f"The narration has no sentence {index}.")
        return chunk_of(row)

    def timeline(self, narration_id: int) -> list[HeardChunk]:
        """Return the sentences that can be heard, up to the first that is still missing."""
        with_facts = (
            select(
                NarrationChunkRow,
                RecordingRow.samples,
                RecordingRow.words,
                RecordingRow.words_source,
            )
            .join(RecordingRow, RecordingRow.key == NarrationChunkRow.key)
            .where(NarrationChunkRow.narration_id == narration_id)
            .order_by(NarrationChunkRow.index)
        )
        heard: list[HeardChunk] = []
        start = 0
        with self._db.read() as session:
            diction = _diction(session, narration_id)
            for row, samples, words, source in session.execute(with_facts):
                if row.index != len(heard):
                    break
                times = tuple((t0, t1, c0, c1) for t0, t1, c0, c1 in words)
                shown = displayed_words(Recording(b"", samples, times, source), row.text, diction)
                heard.append(HeardChunk(chunk_of(row), start, samples, shown, source))
                start += samples
        return heard

    def delete(self, scene_id: int) -> None:
        """Forget the narration of a scene; one that is gone already is no error."""
        with self._db.write() as session:
            if (row := _of_scene(session, scene_id)) is not None:
                session.delete(row)

    def requeue(self, narration_id: int, *, auto_play: bool = False) -> None:
        """Try again from where it stopped, with a clean record; nothing if it is being made."""
        again = update(NarrationRow).where(
            NarrationRow.id == narration_id, NarrationRow.status.in_(("complete", "failed"))
        )
        with self._db.write() as session:
            session.execute(
                again.values(
                    status="queued",
                    auto_play=auto_play,
                    attempts=0,
                    next_attempt_at=utc_now(),
                    error_code=None,
                    error_message=None,
                    updated_at=utc_now(),
                )
            )


def first_missing(session: Session, narration_id: int, from_index: int) -> Chunk | None:
    """Return the first sentence of a narration that has no recording, from `from_index` on."""
    missing = (
        select(NarrationChunkRow)
        .where(
            NarrationChunkRow.narration_id == narration_id,
            NarrationChunkRow.index >= from_index,
            _unrecorded,
        )
        .order_by(NarrationChunkRow.index)
        .limit(1)
    )
    row = session.scalar(missing)
    return chunk_of(row) if row else None


def _diction(session: Session, narration_id: int) -> Diction:
    columns = select(NarrationRow.language, NarrationRow.pronunciations)
    found = session.execute(columns.where(NarrationRow.id == narration_id)).one_or_none()
    return diction_of(*found) if found else AS_WRITTEN


def _of_scene(session: Session, scene_id: int) -> NarrationRow | None:
    return session.scalar(select(NarrationRow).where(NarrationRow.scene_id == scene_id))


def _require_scene(session: Session, user_id: int, scene_id: int) -> None:
    if session.scalar(_owned_scene(user_id, scene_id)) is None:
        raise NotFoundError(f"There is no scene {scene_id}.")


def _lock_scene(session: Session, user_id: int, scene_id: int) -> None:
    """Require a scene, and make others wait who order its narration at the same time."""
    owned = _owned_scene(user_id, scene_id).with_for_update(of=SceneRow)
    if session.scalar(owned) is None:
        raise NotFoundError(f"There is no scene {scene_id}.")


def _owned_scene(user_id: int, scene_id: int) -> Select[int]:
    return (
        select(SceneRow.id)
        .join(StoryRow, StoryRow.id == SceneRow.story_id)
        .where(SceneRow.id == scene_id, StoryRow.user_id == user_id)
    )
