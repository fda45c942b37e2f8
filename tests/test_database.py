import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from rhapsode.accounts.models import UserRow
from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.records import TtsSettings
from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.secrets import SecretBox
from rhapsode.database import Base, Database, migrate, migration_connection
from rhapsode.errors import ConfigurationError
from rhapsode.settings import REPOSITORY
from rhapsode.stories.repository import StoryRepository

MIGRATIONS = REPOSITORY / "migrations"


def test_sqlite_runs_in_wal_mode_with_foreign_keys(sqlite_url):
    db = Database(sqlite_url)
    with db.read() as session:
        pragmas = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        found = [session.scalar(text(f"PRAGMA {name}")) for name in pragmas]
    db.close()
    assert found == ["wal", 1, 1, 15_000]


def test_twenty_threads_write_while_others_read(db, ada):
    stories = StoryRepository(db)
    story = stories.create_story(ada.id, title="Crowded")

    def write(number):
        stories.add_scene(
            ada.id, story.id, prompt="", content=f"{number}", status="complete", model="m"
        )

    def read(_number):
        return len(stories.list_scenes(ada.id, story.id))

    with ThreadPoolExecutor(20) as threads:
        written = [threads.submit(write, number) for number in range(100)]
        counts = [threads.submit(read, number) for number in range(100)]
        for done in (*written, *counts):
            done.result()

    positions = [scene.position for scene in stories.list_scenes(ada.id, story.id)]
    assert positions == list(range(1, 101))


def test_two_processes_on_one_database_wait_for_each_other(db, database_url, ada):
    other = Database(database_url)

    def read_then_write(repository):
        for _ in range(25):
            story = repository.create_story(ada.id, title="x")
            repository.update_story(ada.id, story.id, title="y")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(read_then_write, (StoryRepository(db), StoryRepository(other))))
    other.close()

    assert len(StoryRepository(db).list_stories(ada.id)) == 50


def test_a_reader_sees_one_state_while_somebody_writes(db, stories, ada):
    count = text("SELECT count(*) FROM stories")
    with db.read() as session:
        before = session.scalar(count)
        with ThreadPoolExecutor(1) as thread:
            thread.submit(stories.create_story, ada.id, title="meanwhile").result()
        assert session.scalar(count) == before


def test_a_unit_of_work_that_raises_leaves_nothing(db, people):
    user = UserRow(username="Eve", username_key="eve", is_admin=False)

    def add_and_fail():
        with db.write() as session:
            session.add(user)
            session.flush()
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError):
        add_and_fail()
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM users")) == 0


def test_a_moment_comes_back_aware_and_in_utc(db, ada):
    somewhere = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2026, 3, 1, 4, 0, tzinfo=somewhere)
    with db.write() as session:
        session.get_one(UserRow, ada.id).created_at = moment
    with db.read() as session:
        stored = session.get_one(UserRow, ada.id).created_at
    assert stored == moment
    assert stored.tzinfo is UTC


async def test_work_runs_beside_the_event_loop(db, people, ada):
    assert await db.run(lambda: people.find_credentials("ada")) is not None


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


def test_connections_that_the_server_has_closed_are_replaced(postgres):
    with postgres.database(migrated=True) as url:
        db = Database(url)
        AccountRepository(db).create_user("Ada", "hash")
        with migration_connection(url) as other:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            here = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            assert other.execute(text(others + here)).all()
        assert AccountRepository(db).find_credentials("ada") is not None
        db.close()


def test_a_driver_that_is_missing_is_named():
    with pytest.raises(ConfigurationError, match="psycopg2"):
        Database("postgresql+psycopg2://localhost/rhapsode")


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
