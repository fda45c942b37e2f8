"""The table of what users have been told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rhapsode.database import Base, UtcDateTime, utc_now


class UserEventRow(Base):
    """One event, kept for pages whose connection was lost when it happened."""

    __tablename__ = "user_events"
    # AUTOINCREMENT: pages go on after a number, so none may ever come twice.
    __table_args__ = (
        Index("ix_user_events_user_id_id", "user_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
