"""Tables of kept sound, of narrations, and of how far people have listened."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from rhapsode.database import Base, UtcDateTime, utc_now
from rhapsode.narrate_later.records import NarrationStatus, VoiceParameters, WordsSource


class RecordingRow(Base):
    """The sound of one sentence. Belongs to nobody: who may hear it is a matter of narrations."""

    __tablename__ = "recordings"
    # Covers both questions of the disk cap, so that neither reads any sound: how much is there,
    # and what was used longest ago.
    __table_args__ = (Index("ix_recordings_last_used_at_size", "last_used_at", "size"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """See `audio_key`."""

    codec: Mapped[str]
    samples: Mapped[int]
    """Length at 24 kHz; a multiple of 480."""

    words: Mapped[list[list[int]]] = mapped_column(JSON)
    """`[t0, t1, c0, c1]`: samples from the start, characters of the spoken text."""

    words_source: Mapped[WordsSource] = mapped_column(String)
    size: Mapped[int]
    """Bytes of `sound`."""

    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    sound: Mapped[bytes]


class NarrationRow(Base):
    """The narration of one scene, and the order to make it: these rows are the queue."""

    __tablename__ = "narrations"
    # AUTOINCREMENT: a worker that still holds the number of a deleted narration finds nothing.
    __table_args__ = (
        Index("ix_narrations_status_next_attempt_at", "status", "next_attempt_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scene_id: Mapped[int] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    revision: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the text that is narrated."""

    text_length: Mapped[int]
    engine: Mapped[str]
    engine_version: Mapped[str]
    voice: Mapped[str]
    params: Mapped[VoiceParameters] = mapped_column(JSON)
    """See `voice_parameters`."""

    min_sentence_length: Mapped[int]
    chunk_size: Mapped[int]
    language: Mapped[str]
    pronunciations: Mapped[list[list[str]]] = mapped_column(JSON)
    """With `language`, the `Diction` that the text is read with."""

    status: Mapped[NarrationStatus] = mapped_column(String)
    auto_play: Mapped[bool]
    total_chunks: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    """Failures since the last sentence that worked."""

    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    lease: Mapped[str | None] = mapped_column(String(32))
    """Proves to be the one who makes it; every claim has another, so the last one counts."""

    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """By the database's clock. Without a renewal until then somebody else may claim it."""

    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NarrationChunkRow(Base):
    """One sentence of a narration. It is ready when there is a recording under its key."""

    __tablename__ = "narration_chunks"

    narration_id: Mapped[int] = mapped_column(
        ForeignKey("narrations.id", ondelete="CASCADE"), primary_key=True
    )
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), index=True)
    """No foreign key: a recording can be evicted, and is made again when it is wanted."""

    text: Mapped[str]
    char_start: Mapped[int]
    char_end: Mapped[int]


class ListeningPositionRow(Base):
    """How far one person has listened to one scene."""

    __tablename__ = "listening_positions"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    scene_id: Mapped[int] = mapped_column(
        ForeignKey("scenes.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
    sample: Mapped[int]
    sentence: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
