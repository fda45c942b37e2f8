import multiprocessing

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.records import TtsSettings
from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.secrets import SecretBox
from rhapsode.database import Base
from rhapsode.errors import ConfigurationError
from rhapsode.migration import migrate, migration_connection
from rhapsode.settings import REPOSITORY

MIGRATIONS = REPOSITORY / "migrations"


def test_migrations_make_the_tables_that_the_models_describe(db, database_url):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with migration_connection(database_url) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_up_down_and_up_with_rows_in_them(db, database_url, ada, stories):
    story = stories.create_story(ada.id, title="Kept", premise="Until the way down")
    stories.add_scene(ada.id, story.id, prompt="", content="Text.", status="complete", model="m")

    migrate(database_url, MIGRATIONS)
    assert len(stories.list_scenes(ada.id, story.id)) == 1

    _downgrade(database_url)
    with migration_connection(database_url) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]

    migrate(database_url, MIGRATIONS)
    assert AccountRepository(db).create_user("Ada", "hash").is_admin


def test_a_step_down_and_up_again_keeps_what_is_older(db, database_url, ada, stories):
    story = stories.create_story(ada.id, title="Kept", premise="Through every step")
    preferences = SettingsRepository(db, SecretBox([Fernet.generate_key().decode()]))
    ours = TtsSettings(speech_speed=1.5, tts_api_url="http://here/v1", tts_extra_params={"a": [1]})
    preferences.save_tts(ada.id, ours, instead_of=TtsSettings())
    assert preferences.tts(ada.id) == ours

    _downgrade(database_url, "0001")
    migrate(database_url, MIGRATIONS)

    assert stories.get_story(ada.id, story.id).premise == "Through every step"
    assert preferences.tts(ada.id) == TtsSettings(speech_speed=1.5)


def test_a_migration_that_orphans_rows_changes_nothing(db, database_url, ada):
    def orphan():
        with migration_connection(database_url) as connection:
            connection.execute(text("INSERT INTO stories SELECT * FROM strays"))

    with db.write() as session:
        for statement in (
            "CREATE TABLE strays AS SELECT * FROM stories",
            "INSERT INTO strays (id, user_id, title, premise, created_at, updated_at,"
            " pronunciations) VALUES (1, 99, 'x', '', '2026-01-01', '2026-01-01', '[]')",
        ):
            session.execute(text(statement))

    # SQLite's keys are checked before the commit, PostgreSQL's at every row.
    with pytest.raises((ConfigurationError, IntegrityError), match="stories"):
        orphan()
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM stories")) == 0


def test_a_database_from_the_future_is_left_alone(db, database_url):
    with db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="9999"):
        migrate(database_url, MIGRATIONS)


def test_processes_that_start_at_once_migrate_once(empty_url):
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=migrate, args=(empty_url, MIGRATIONS)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    engine.dispose()
    assert versions == [(max(path.name for path in (MIGRATIONS / "versions").glob("0*"))[:4],)]


def _downgrade(url, revision="base"):
    from alembic import command
    from alembic.config import Config

    with migration_connection(url) as connection:
        config = Config(MIGRATIONS / "alembic.ini", attributes={"connection": connection})
        command.downgrade(config, revision)
