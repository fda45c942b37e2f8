"""How the words of a story are said, and how each narration reads them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add empty dictionaries; narrations that exist were read without any language's rules."""
    op.add_column("stories", _pronunciations())
    op.add_column("narrations", sa.Column("language", sa.String, nullable=False, server_default=""))
    op.add_column("narrations", _pronunciations())


def downgrade() -> None:
    """Drop them again."""
    with op.batch_alter_table("narrations") as narrations:
        narrations.drop_column("pronunciations")
        narrations.drop_column("language")
    with op.batch_alter_table("stories") as stories:
        stories.drop_column("pronunciations")


def _pronunciations() -> sa.Column:
    return sa.Column("pronunciations", sa.JSON, nullable=False, server_default="[]")
