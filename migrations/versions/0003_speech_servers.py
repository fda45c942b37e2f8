"""Speech servers of users, how engines speak, and favorite voices."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the settings; whoever has set anything before gets everybody's defaults."""
    for column in _columns():
        op.add_column("tts_settings", column)


def downgrade() -> None:
    """Drop them again; every other setting stays."""
    with op.batch_alter_table("tts_settings") as tts_settings:
        for column in _columns():
            tts_settings.drop_column(column.name)


def _columns() -> list[sa.Column]:
    return [
        sa.Column("tts_api_url", sa.String),
        sa.Column("sealed_tts_api_key", sa.String),
        sa.Column("tts_timeout", sa.Integer, nullable=False, server_default="30"),
        sa.Column("tts_extra_params", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("exaggeration", sa.Double, nullable=False, server_default="0.5"),
        sa.Column("cfg_weight", sa.Double, nullable=False, server_default="0.5"),
        sa.Column("temperature", sa.Double, nullable=False, server_default="0.8"),
        sa.Column("chunk_size", sa.Integer, nullable=False, server_default="280"),
        sa.Column("favorite_voices", sa.JSON, nullable=False, server_default="[]"),
    ]
