"""Narrations of finished scenes, their sound, listening positions, and events for users."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and add the wish for narration by itself."""
    op.add_column(
        "tts_settings",
        sa.Column("auto_play_last_scene", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "recordings",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("codec", sa.String, nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("words_source", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sound", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recordings")),
    )
    op.create_index("ix_recordings_last_used_at_size", "recordings", ["last_used_at", "size"])
    _create_narrations()
    op.create_table(
        "listening_positions",
        sa.Column("user_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("scene_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("sentence", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "scene_id", name=op.f("pk_listening_positions")),
        _belongs_to("listening_positions", "user_id", "users"),
        _belongs_to("listening_positions", "scene_id", "scenes"),
    )
    op.create_index(op.f("ix_listening_positions_scene_id"), "listening_positions", ["scene_id"])
    op.create_table(
        "user_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_events")),
        _belongs_to("user_events", "user_id", "users"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_user_events_user_id_id", "user_events", ["user_id", "id"])


def downgrade() -> None:
    """Drop them again; stories and every other setting stay."""
    for table in (
        "user_events",
        "listening_positions",
        "narration_chunks",
        "narrations",
        "recordings",
    ):
        op.drop_table(table)
    with op.batch_alter_table("tts_settings") as tts_settings:
        tts_settings.drop_column("auto_play_last_scene")


def _create_narrations() -> None:
    op.create_table(
        "narrations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("revision", sa.String(64), nullable=False),
        sa.Column("text_length", sa.Integer, nullable=False),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("engine_version", sa.String, nullable=False),
        sa.Column("voice", sa.String, nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("min_sentence_length", sa.Integer, nullable=False),
        sa.Column("chunk_size", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("auto_play", sa.Boolean, nullable=False),
        sa.Column("total_chunks", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.String),
        sa.Column("error_message", sa.String),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narrations")),
        sa.UniqueConstraint("scene_id", name=op.f("uq_narrations_scene_id")),
        _belongs_to("narrations", "scene_id", "scenes"),
        _belongs_to("narrations", "user_id", "users"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_narrations_user_id"), "narrations", ["user_id"])
    op.create_index(
        "ix_narrations_status_next_attempt_at", "narrations", ["status", "next_attempt_at"]
    )
    op.create_table(
        "narration_chunks",
        sa.Column("narration_id", sa.Integer, nullable=False),
        sa.Column("index", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("char_start", sa.Integer, nullable=False),
        sa.Column("char_end", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("narration_id", "index", name=op.f("pk_narration_chunks")),
        _belongs_to("narration_chunks", "narration_id", "narrations"),
    )
    op.create_index(op.f("ix_narration_chunks_key"), "narration_chunks", ["key"])


def _belongs_to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{parent}")
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
