"""RecordingStore: the sound of sentences, shared by everybody, bounded in bytes.

Two people whose stories hold the same sentence share its sound. That gives nothing away: a key is
never accepted from outside, and who may hear what is decided by scenes and narrations.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rhapsode.database import Database, utc_now
from rhapsode.narrate_later.models import NarrationChunkRow, NarrationRow, RecordingRow
from rhapsode.narrate_later.records import Recording

CODEC = "opus"

_LOW_WATER = 0.9
"""Share of the cap that is left full, so that not every sentence has to make room for itself."""

_TOUCH_AFTER = timedelta(minutes=10)
"""Playing is reading; it is noted as a use no more often than this."""


class RecordingStore:
    """Keeps and finds recordings. Blocking: call it from a thread."""

    def __init__(self, db: Database, max_bytes: int) -> None:
        """Keep at most `max_bytes` of sound, and whatever unfinished narrations need besides."""
        self._db = db
        self._max_bytes = max_bytes
        self._bytes: int | None = None
        """What this process believes is stored; only ever too little by what others have added."""

    def has(self, key: str) -> bool:
        """Tell whether there is a recording under `key`."""
        with self._db.read() as session:
            return session.scalar(select(exists().where(RecordingRow.key == key))) or False

    def find(self, key: str) -> Recording | None:
        """Return the recording under `key`, and remember that it was wanted."""
        with self._db.read() as session:
            row = session.get(RecordingRow, key)
        if row is None:
            return None
        if utc_now() - row.last_used_at > _TOUCH_AFTER:
            with self._db.write() as session:
                touch(session, [key])
        words = tuple((t0, t1, c0, c1) for t0, t1, c0, c1 in row.words)
        return Recording(row.sound, row.samples, words, row.words_source)

    def put(self, key: str, recording: Recording) -> None:
        """Keep a recording, unless there is one under `key`; make room if the cap is reached."""
        row = RecordingRow(
            key=key,
            codec=CODEC,
            samples=recording.samples,
            words=[list(word) for word in recording.words],
            words_source=recording.words_source,
            size=len(recording.sound),
            sound=recording.sound,
        )
        # Two who make the same sentence at once are both right; the first one's is kept.
        with suppress(IntegrityError), self._db.write() as session:
            if session.scalar(select(exists().where(RecordingRow.key == key))):
                return
            session.add(row)
            session.flush()
            self._make_room(session, row.size, spare=key)

    def _make_room(self, session: Session, added: int, spare: str) -> None:
        if self._bytes is not None:
            self._bytes += added
        if self._bytes is None or self._bytes > self._max_bytes:
            self._bytes = session.scalar(select(func.coalesce(func.sum(RecordingRow.size), 0))) or 0
        if self._bytes > self._max_bytes:
            self._bytes -= _evict(session, self._bytes - round(self._max_bytes * _LOW_WATER), spare)


def touch(session: Session, keys: Collection[str] | Select[str]) -> None:
    """Remember, inside somebody's unit of work, that recordings were used."""
    _lock(session, keys)
    used = update(RecordingRow).where(RecordingRow.key.in_(keys))
    session.execute(used.values(last_used_at=utc_now()))


def _lock(session: Session, keys: Collection[str] | Select[str]) -> None:
    """Wait for recordings that others change, always in the order of their keys.

    An UPDATE or DELETE of several rows takes them as it comes by: two that share sentences could
    each wait for the other.
    """
    rows = select(RecordingRow.key).where(RecordingRow.key.in_(keys))
    session.execute(rows.order_by(RecordingRow.key).with_for_update())


def _evict(session: Session, wanted: int, spare: str) -> int:
    """Delete the recordings used longest ago until `wanted` bytes are free; return how many are.

    Those that no narration names go first. Those that an unfinished narration names stay: a
    narration larger than the cap would otherwise never be finished.
    """
    named = exists().where(NarrationChunkRow.key == RecordingRow.key)
    unfinished = (
        select(NarrationChunkRow.key)
        .join(NarrationRow, NarrationRow.id == NarrationChunkRow.narration_id)
        .where(NarrationRow.status.in_(("queued", "running")))
    )
    candidates = (
        select(RecordingRow.key, RecordingRow.size)
        .where(RecordingRow.key.not_in(unfinished), RecordingRow.key != spare)
        .order_by(named, RecordingRow.last_used_at)
    )
    freed = 0
    victims: list[str] = []
    for key, size in session.execute(candidates):
        if freed >= wanted:
            break
        victims.append(key)
        freed += size
    victims.sort()
    for start in range(0, len(victims), 500):  # SQLite bounds the parameters of a statement
        batch = victims[start : start + 500]
        _lock(session, batch)
        session.execute(delete(RecordingRow).where(RecordingRow.key.in_(batch)))
    return freed
