"""Fixtures of every test: a migrated database in a file of its own."""

import pytest

from rhapsode.accounts.repository import AccountRepository
from rhapsode.database import Database, migrate
from rhapsode.settings import REPOSITORY
from rhapsode.stories.repository import StoryRepository


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'rhapsode.db'}"


@pytest.fixture
def db(database_url):
    migrate(database_url, REPOSITORY / "migrations")
    database = Database(database_url)
    yield database
    database.close()


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
