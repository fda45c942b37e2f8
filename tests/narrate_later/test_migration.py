"""The tables of narrations come and go, and leave what was there before."""

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from rhapsode.accounts.repository import AccountRepository
from rhapsode.migration import migrate, migration_connection
from rhapsode.settings import REPOSITORY
from tests.narrate_later.counting import TONE

MIGRATIONS = REPOSITORY / "migrations"
TABLES = {"recordings", "narrations", "narration_chunks", "listening_positions", "user_events"}


def step(url: str, revision: str) -> None:
    with migration_connection(url) as connection:
        config = Config(MIGRATIONS / "alembic.ini", attributes={"connection": connection})
        command.downgrade(config, revision)


def tables_of(url: str) -> set[str]:
    with migration_connection(url) as connection:
        return set(inspect(connection).get_table_names())


async def test_up_down_and_up_with_rows_in_every_table(
    workshop, db, database_url, ada, write, stories
):
    """Proves 003-F1: the column comes with a default for those who had set something before."""
    scene = write(ada, "The lamp in the hall went out. Nobody on the stairs had touched it.")
    async with workshop() as shop, shop.narrations.running():
        await shop.narrate(ada, scene)
    with db.write() as session:
        session.execute(
            text("INSERT INTO listening_positions VALUES (:user, :scene, 480, 0, :now)"),
            {"user": ada.id, "scene": scene.id, "now": "2026-01-01"},
        )
        for table in TABLES:
            assert session.scalar(text(f"SELECT count(*) FROM {table}")), table

    step(database_url, "0001")
    assert not TABLES & tables_of(database_url)
    with db.write() as session:
        session.execute(
            text(
                "INSERT INTO tts_settings (user_id, tts_enabled, tts_provider_type, default_voice,"
                " speech_speed, realtime_tts_enabled, min_sentence_length)"
                " VALUES (:user, :on, 'tone', '', 1.5, :on, 20)"
            ),
            {"user": ada.id, "on": True},
        )

    migrate(database_url, MIGRATIONS)
    assert tables_of(database_url) >= TABLES
    assert stories.get_scene(ada.id, scene.id).content == scene.content
    assert AccountRepository(db).find_credentials("ada") is not None
    with db.read() as session:
        wish = session.scalar(text("SELECT auto_play_last_scene FROM tts_settings"))
    assert not wish
    async with workshop() as shop, shop.narrations.running():
        await shop.narrate(ada, scene, TONE)
        assert len((await shop.state(ada, scene)).chunks) == 2


def test_rows_go_with_their_scene_and_their_user(db, ada, write, stories, workshop):
    scene = write(ada, "The lamp in the hall went out.")
    with db.write() as session:
        session.execute(
            text("INSERT INTO listening_positions VALUES (:user, :scene, 480, 0, :now)"),
            {"user": ada.id, "scene": scene.id, "now": "2026-01-01"},
        )
    stories.delete_scene(ada.id, scene.id)
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM listening_positions")) == 0
