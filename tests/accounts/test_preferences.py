import pytest

from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.records import FavoriteVoice, LlmSettings, TtsSettings
from rhapsode.accounts.secrets import load_secret_box
from rhapsode.errors import ConfigurationError


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
        assert preferences.save_tts(ada.id, tts, instead_of=preferences.tts(ada.id))
        assert preferences.save_llm(ada.id, llm, instead_of=preferences.llm(ada.id))
    assert preferences.tts(ada.id) == tts
    assert preferences.llm(ada.id) == llm
    assert preferences.tts(bob.id) == TtsSettings()


def test_settings_that_were_changed_meanwhile_are_not_overwritten(preferences, ada):
    quicker = TtsSettings(speech_speed=1.5), LlmSettings(max_tokens=900)
    slower = TtsSettings(chunk_size=300), LlmSettings(temperature=0.5)
    for (tts, llm), is_saved in ((quicker, True), (slower, False)):
        assert preferences.save_tts(ada.id, tts, instead_of=TtsSettings()) is is_saved
        assert preferences.save_llm(ada.id, llm, instead_of=LlmSettings()) is is_saved
    assert (preferences.tts(ada.id), preferences.llm(ada.id)) == quicker


def test_an_api_key_lies_sealed_in_the_database(preferences, stored, ada):
    preferences.save_llm(ada.id, LlmSettings(api_key="sk-very-secret"), instead_of=LlmSettings())
    preferences.save_tts(
        ada.id, TtsSettings(tts_api_key="sk-very-secret"), instead_of=TtsSettings()
    )
    assert "sk-very-secret" not in stored()
    for settings in (preferences.llm(ada.id), preferences.tts(ada.id)):
        assert "sk-very-secret" not in repr(settings)
    assert preferences.tts(ada.id).tts_api_key == "sk-very-secret"


def test_without_its_secret_key_an_api_key_is_lost_and_says_so(preferences, db, ada, tmp_path):
    preferences.save_llm(ada.id, LlmSettings(api_key="sk-very-secret"), instead_of=LlmSettings())
    (tmp_path / "secret.key").unlink()
    with pytest.raises(ConfigurationError, match=r"secret\.key"):
        SettingsRepository(db, load_secret_box(tmp_path, None)).llm(ada.id)
