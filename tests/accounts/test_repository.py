import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from rhapsode.accounts.models import UserRow
from rhapsode.accounts.records import FavoriteVoice, LlmSettings, TtsSettings
from rhapsode.accounts.repository import AccountRepository, SettingsRepository
from rhapsode.accounts.secrets import load_secret_box
from rhapsode.errors import ConfigurationError, ConflictError, NotFoundError


def test_the_first_account_is_the_administrators(people):
    assert people.create_user("Ada", "hash").is_admin
    assert not people.create_user("Bob", "hash").is_admin


def test_the_local_user_does_not_count_as_an_account(people):
    assert people.local_user().is_admin
    assert not people.has_accounts()
    assert people.create_user("Ada", "hash").is_admin


def test_two_people_who_are_first_at_once_make_one_administrator(db):
    """Both look for earlier accounts before either is stored, unless one waits for the other."""
    with ThreadPoolExecutor(2) as threads:
        for round in range(10):
            both_ready = threading.Barrier(2)

            def register(name, both_ready=both_ready):
                both_ready.wait()
                return AccountRepository(db).create_user(name, "hash")

            made = list(threads.map(register, (f"Ada{round}", f"Bob{round}")))
            assert [user.is_admin for user in made].count(True) == 1, round
            forget_everybody(db)


def test_a_closed_registration_lets_only_one_of_two_in(db):
    with ThreadPoolExecutor(8) as threads:
        names = [f"user{number}" for number in range(8)]
        made = list(
            threads.map(lambda name: AccountRepository(db).create_first_user(name, "hash"), names)
        )
    assert len([user for user in made if user]) == 1


def test_one_name_asked_for_by_many_at_once_is_given_once(db, ada):
    def register(_):
        try:
            return AccountRepository(db).create_user("Bob", "hash")
        except ConflictError:
            return None

    with ThreadPoolExecutor(8) as threads:
        assert len([user for user in threads.map(register, range(8)) if user]) == 1


def forget_everybody(db):
    with db.write() as session:
        session.execute(delete(UserRow))


def test_the_first_account_takes_over_what_was_written_without_accounts(people, stories):
    local = people.local_user()
    story = stories.create_story(local.id, title="Before")
    ada = people.create_user("Ada", "hash")
    assert stories.get_story(ada.id, story.id).title == "Before"
    assert people.find_credentials("ada").user == ada
    bob = people.create_user("Bob", "hash")
    with pytest.raises(NotFoundError):
        stories.get_story(bob.id, story.id)


def test_after_that_a_server_without_accounts_begins_anew(people):
    people.local_user()
    ada = people.create_user("you", "hash")
    assert people.local_user().id != ada.id
    assert people.local_user() == people.local_user()


def test_there_is_one_local_user_however_many_ask_at_once(db):
    people = AccountRepository(db)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(people.local_user) for _ in range(16)]
    assert len({user.result().id for user in asked}) == 1


def test_nobody_can_log_in_as_the_local_user(people):
    assert people.find_credentials(people.local_user().username) is None


def test_upper_and_lower_case_are_one_name(people, ada):
    with pytest.raises(ConflictError):
        people.create_user("aDA", "hash")
    assert people.find_credentials("ADA").user == ada
    assert ada.username == "Ada"


@pytest.fixture
def preferences(db, tmp_path):
    return SettingsRepository(db, load_secret_box(tmp_path, None))


def test_settings_begin_with_the_defaults(preferences, ada):
    """Proves 003-U2."""
    assert preferences.tts(ada.id) == TtsSettings()
    assert preferences.llm(ada.id) == LlmSettings()
    assert preferences.tts(ada.id).realtime_tts_enabled is False
    assert preferences.tts(ada.id).min_sentence_length == 20


def test_settings_come_back_as_they_were_saved(preferences, ada, bob):
    tts = TtsSettings(
        tts_enabled=False,
        tts_provider_type="openai",
        default_voice="af_sky",
        speech_speed=1.5,
        realtime_tts_enabled=True,
        min_sentence_length=40,
        auto_play_last_scene=True,
        chunk_size=100,
        exaggeration=0.25,
        cfg_weight=0.0,
        temperature=0.05,
        tts_api_url="http://localhost:8880/v1",
        tts_api_key="sk-voice",
        tts_timeout=5,
        tts_extra_params={"model": "kokoro", "nested": {"list": [1, None, "ü"]}},
        favorite_voices=(FavoriteVoice("espeak", "arthur"),),
    )
    llm = LlmSettings("openai", "http://localhost:1/v1", "m", "sk-secret", 200, 0.0)
    for _ in range(2):
        preferences.save_tts(ada.id, tts)
        preferences.save_llm(ada.id, llm)
    assert preferences.tts(ada.id) == tts
    assert preferences.llm(ada.id) == llm
    assert preferences.tts(bob.id) == TtsSettings()


def test_an_api_key_lies_sealed_in_the_database(preferences, stored, ada):
    preferences.save_llm(ada.id, LlmSettings(api_key="sk-very-secret"))
    preferences.save_tts(ada.id, TtsSettings(tts_api_key="sk-very-secret"))
    assert "sk-very-secret" not in stored()
    for settings in (preferences.llm(ada.id), preferences.tts(ada.id)):
        assert "sk-very-secret" not in repr(settings)
    assert preferences.tts(ada.id).tts_api_key == "sk-very-secret"


def test_without_its_secret_key_an_api_key_is_lost_and_says_so(preferences, db, ada, tmp_path):
    preferences.save_llm(ada.id, LlmSettings(api_key="sk-very-secret"))
    (tmp_path / "secret.key").unlink()
    with pytest.raises(ConfigurationError, match=r"secret\.key"):
        SettingsRepository(db, load_secret_box(tmp_path, None)).llm(ada.id)
