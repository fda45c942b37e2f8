"""Leases of narrations that are being made."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the lease; nobody holds one on what an earlier version was making."""
    op.add_column("narrations", sa.Column("lease", sa.String(32)))
    op.add_column("narrations", sa.Column("leased_until", sa.DateTime(timezone=True)))
    _put_back()


def downgrade() -> None:
    """Drop it again; narrations stay, and those that are being made are put back."""
    _put_back()
    with op.batch_alter_table("narrations") as narrations:
        narrations.drop_column("lease")
        narrations.drop_column("leased_until")


def _put_back() -> None:
    op.execute("UPDATE narrations SET status = 'queued' WHERE status = 'running'")
