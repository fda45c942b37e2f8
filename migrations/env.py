"""Runs migrations inside the one transaction that `rhapsode.migration` opens for them."""

from alembic import context
from sqlalchemy import Connection

import rhapsode.accounts.models
import rhapsode.live.models
import rhapsode.narrate_later.models
import rhapsode.stories.models  # noqa: F401  (tables register themselves when imported)
from rhapsode.database import Base
from rhapsode.migration import migration_connection
from rhapsode.settings import Settings


def run(connection: Connection) -> None:
    """Run the requested migrations over `connection`."""
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


connection: Connection | None = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    with migration_connection(Settings().resolved_database_url) as own_connection:
        run(own_connection)
