"""Stories, accounts, settings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("username", sa.String, nullable=False),
        sa.Column("username_key", sa.String, nullable=False),
        sa.Column("password_hash", sa.String),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "access_tokens",
        sa.Column("prefix", sa.String, nullable=False),
        sa.Column("secret_hash", sa.String, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_access_tokens")),
        _owner("access_tokens"),
    )
    op.create_index(op.f("ix_access_tokens_user_id"), "access_tokens", ["user_id"])
    op.create_table(
        "tts_settings",
        sa.Column("user_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("tts_enabled", sa.Boolean, nullable=False),
        sa.Column("tts_provider_type", sa.String, nullable=False),
        sa.Column("default_voice", sa.String, nullable=False),
        sa.Column("speech_speed", sa.Double, nullable=False),
        sa.Column("realtime_tts_enabled", sa.Boolean, nullable=False),
        sa.Column("min_sentence_length", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tts_settings")),
        _owner("tts_settings"),
    )
    op.create_table(
        "llm_settings",
        sa.Column("user_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("base_url", sa.String),
        sa.Column("model", sa.String),
        sa.Column("sealed_api_key", sa.String),
        sa.Column("max_tokens", sa.Integer, nullable=False),
        sa.Column("temperature", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_llm_settings")),
        _owner("llm_settings"),
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("premise", sa.String, nullable=False),
        sa.Column("genre", sa.String),
        sa.Column("style", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        _owner("stories"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_stories_user_id"), "stories", ["user_id"])
    op.create_table(
        "scenes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("story_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("content", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("word_count", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenes")),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["stories.id"],
            name=op.f("fk_scenes_story_id_stories"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("story_id", "position", name=op.f("uq_scenes_story_id_position")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drop everything."""
    for table in ("scenes", "stories", "llm_settings", "tts_settings", "access_tokens", "users"):
        op.drop_table(table)


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
    )
