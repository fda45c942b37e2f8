"""People for a load test: accounts with a story each, put into a fresh database directly."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.records import LlmSettings, TtsSettings
from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.secrets import load_secret_box
from rhapsode.accounts.tokens import mint_token
from rhapsode.database import Database, utc_now
from rhapsode.migration import migrate
from rhapsode.settings import Settings
from rhapsode.stories.repository import StoryRepository

SESSIONS_PER_USER = 4
"""What the server allows each of them."""


@dataclass(frozen=True)
class Place:
    """One session that can be started: whose, and in which story."""

    token: str
    story_id: int


def make_places(data_dir: Path, count: int, llm_url: str) -> list[Place]:
    """Return `count` places in a new database in `data_dir`."""
    settings = Settings(data_dir=data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.resolved_database_url, settings.migrations_dir)
    db = Database(settings.resolved_database_url)
    try:
        return _fill(db, data_dir, count, llm_url)
    finally:
        db.close()


def _fill(db: Database, data_dir: Path, count: int, llm_url: str) -> list[Place]:
    people = AccountRepository(db)
    preferences = SettingsRepository(db, load_secret_box(data_dir, None))
    stories = StoryRepository(db)
    places: list[Place] = []
    for number in range(-(-count // SESSIONS_PER_USER)):
        # Nobody logs in with a password: the hash need not be one.
        user = people.create_user(f"listener{number}", "-")
        token = mint_token()
        people.add_token(user.id, token, utc_now() + timedelta(days=1))
        preferences.save_llm(user.id, LlmSettings("openai", llm_url, "load", max_tokens=8000))
        preferences.save_tts(user.id, TtsSettings(realtime_tts_enabled=True))
        for _ in range(SESSIONS_PER_USER):
            story = stories.create_story(user.id, title="Load")
            places.append(Place(str(token), story.id))
    return places[:count]
