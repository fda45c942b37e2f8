"""Fixtures of every test: a migrated database of its own, once on each kind of database."""

import os

import pytest
from hypothesis import settings
from sqlalchemy import select

from rhapsode.accounts.repository import AccountRepository
from rhapsode.database import Base, Database
from rhapsode.migration import migrate
from rhapsode.settings import REPOSITORY
from rhapsode.stories.repository import StoryRepository
from tests.postgres import postgres_cluster

# The same examples in every run: who looks for new ones says so, and has time for what they find.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for the whole run, started by the first test that needs it."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'rhapsode.db'}"


@pytest.fixture(params=DATABASES)
def empty_url(request, sqlite_url):
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield sqlite_url
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture(params=DATABASES)
def database_url(request, sqlite_url):
    """The address of a database with the newest tables."""
    if request.param == "sqlite":
        migrate(sqlite_url, REPOSITORY / "migrations")
        yield sqlite_url
    else:
        with request.getfixturevalue("postgres").database(migrated=True) as url:
            yield url


@pytest.fixture
def db(database_url):
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def stored(db):
    """Reads everything that lies in the database, as one text."""

    def read():
        with db.read() as session:
            tables = Base.metadata.sorted_tables
            return "\n".join(str(row) for table in tables for row in session.execute(select(table)))

    return read


@pytest.fixture
def people(db):
    return AccountRepository(db)


@pytest.fixture
def stories(db):
    return StoryRepository(db)


@pytest.fixture
def ada(people):
    return people.create_user("Ada", "not a real hash")


@pytest.fixture
def bob(people):
    return people.create_user("Bob", "not a real hash")
