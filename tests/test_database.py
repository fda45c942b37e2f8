from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from rhapsode.accounts.models import UserRow
from rhapsode.accounts.repository import AccountRepository
from rhapsode.database import Database
from rhapsode.errors import ConfigurationError, DiskFullError
from rhapsode.migration import migration_connection
from rhapsode.stories.repository import StoryRepository


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


def test_a_database_without_room_says_so_and_keeps_nothing_of_it(sqlite_url):
    db = Database(sqlite_url)
    with db.write() as session:
        session.execute(text("CREATE TABLE tales (words TEXT)"))

    def write_a_megabyte():
        with db.write() as session:
            session.execute(text("PRAGMA max_page_count = 1"))
            session.execute(text("INSERT INTO tales VALUES (:words)"), {"words": "x" * 1_000_000})

    with pytest.raises(DiskFullError, match="disk is full"):
        write_a_megabyte()
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM tales")) == 0
    db.close()


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
