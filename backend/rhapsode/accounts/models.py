"""Tables of users, their access tokens and their settings."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from rhapsode.accounts.records import LlmProvider
from rhapsode.database import Base, UtcDateTime, utc_now


class UserRow(Base):
    """One person."""

    __tablename__ = "users"
    # AUTOINCREMENT: the number of a deleted user is never given to another one.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    """As its owner wrote it."""

    username_key: Mapped[str] = mapped_column(unique=True)
    """In lower case: `Ada` and `ada` are one name."""

    password_hash: Mapped[str | None]
    """None for the local user, who never logs in."""

    is_admin: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class AccessTokenRow(Base):
    """One login. The token itself is known to its owner only."""

    __tablename__ = "access_tokens"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    secret_hash: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TtsSettingsRow(Base):
    """How one user wants to hear stories; no row means every default."""

    __tablename__ = "tts_settings"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tts_enabled: Mapped[bool]
    tts_provider_type: Mapped[str]
    default_voice: Mapped[str]
    speech_speed: Mapped[float]
    realtime_tts_enabled: Mapped[bool]
    min_sentence_length: Mapped[int]
    auto_play_last_scene: Mapped[bool]
    chunk_size: Mapped[int]
    exaggeration: Mapped[float]
    cfg_weight: Mapped[float]
    temperature: Mapped[float]
    tts_api_url: Mapped[str | None]
    sealed_tts_api_key: Mapped[str | None]
    """Encrypted; see `secrets.py`."""

    tts_timeout: Mapped[int]
    tts_extra_params: Mapped[dict[str, object]] = mapped_column(JSON)
    favorite_voices: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """Objects with `engine` and `voice`."""


class LlmSettingsRow(Base):
    """Who writes one user's stories; no row means every default."""

    __tablename__ = "llm_settings"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    provider: Mapped[LlmProvider] = mapped_column(String)
    base_url: Mapped[str | None]
    model: Mapped[str | None]
    sealed_api_key: Mapped[str | None]
    """Encrypted; see `secrets.py`."""

    max_tokens: Mapped[int]
    temperature: Mapped[float]
