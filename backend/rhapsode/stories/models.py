"""Tables of stories and scenes."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rhapsode.database import Base, UtcDateTime, utc_now
from rhapsode.stories.records import SceneStatus


class StoryRow(Base):
    """One story."""

    __tablename__ = "stories"
    # AUTOINCREMENT: the number of a deleted story is never given to another one.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    premise: Mapped[str]
    genre: Mapped[str | None]
    style: Mapped[str | None]
    pronunciations: Mapped[list[list[str]]] = mapped_column(JSON, default=list, deferred=True)
    """`[phrase, spoken]` each; see `PronunciationRepository`."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class SceneRow(Base):
    """One scene of a story."""

    __tablename__ = "scenes"
    __table_args__ = (
        UniqueConstraint("story_id", "position"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"))
    position: Mapped[int]
    """1 for the first scene; without holes."""

    prompt: Mapped[str]
    content: Mapped[str]
    status: Mapped[SceneStatus] = mapped_column(String)
    model: Mapped[str]
    word_count: Mapped[int]
    """Kept beside the text, so that a list of stories need not read their texts."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
