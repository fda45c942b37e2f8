"""Migration: brings a database to the shape that this version of Rhapsode works with."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from rhapsode.database import create_engine, execute_raw
from rhapsode.errors import ConfigurationError

_LOCK = 0x5248_4150  # any constant: PostgreSQL's advisory locks are numbers


def migrate(url: str, migrations_dir: Path) -> None:
    """Bring the database at `url` to the newest schema.

    Processes that start at once wait for each other: the first migrates, the others find it done.

    Args:
        url: An SQLAlchemy URL.
        migrations_dir: The folder with `alembic.ini`.

    Raises:
        ConfigurationError: A newer Rhapsode has migrated the database further, or a migration left
            rows that point to nothing; nothing was changed.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    with migration_connection(url) as connection:
        config = Config(migrations_dir / "alembic.ini", attributes={"connection": connection})
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigurationError(
                f"The database fits no version of Rhapsode up to this one: {error}"
            ) from error


@contextmanager
def migration_connection(url: str) -> Generator[Connection]:
    """Open the one transaction in which a whole migration runs, with its lock held from the start.

    Foreign keys are off on SQLite, because rebuilding a table would delete the rows that point to
    it; they are checked before the commit instead.

    Raises:
        ConfigurationError: Rows point to nothing after the migration; nothing was changed.
    """
    engine = create_engine(url).execution_options(sqlite_begin="BEGIN IMMEDIATE")
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # Straight to the driver: inside a transaction this pragma does nothing.
                driver_connection = connection.connection.dbapi_connection
                assert driver_connection is not None
                execute_raw(driver_connection, "PRAGMA foreign_keys = OFF")
            with connection.begin():
                _lock_migrations(connection)
                yield connection
                _check_foreign_keys(connection)
    finally:
        engine.dispose()


def _lock_migrations(connection: Connection) -> None:
    """On SQLite the transaction itself is the lock, since it begins IMMEDIATE."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
    if orphans:
        tables = ", ".join(sorted({str(row[0]) for row in orphans}))
        raise ConfigurationError(
            f"The migration would leave rows that point to nothing in {tables}."
        )
