"""Who reads a scene: named once, kept without secrets, and found again."""

from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.records import TtsSettings
from rhapsode.accounts.secrets import SecretBox
from rhapsode.errors import InvalidInputError
from rhapsode.narrate_later.casting import Casting
from rhapsode.narrate_later.keys import audio_key
from rhapsode.narrate_later.planning import plan
from rhapsode.narrate_later.repository import NarrationRepository
from rhapsode.network import Network
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.openai_remote.host import OpenAIHost
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.tone import ToneEngine

REMOTE = TtsSettings(
    tts_provider_type="openai",
    default_voice="nova",
    tts_api_url="http://127.0.0.1:9/v1",
    tts_api_key="sk-very-secret",
)
TEXT = "A sentence that a server of somebody's own is to say."


@pytest.fixture
def preferences(db):
    return SettingsRepository(db, SecretBox([Fernet.generate_key().decode()]))


@pytest.fixture
async def casting(db, preferences):
    hosts = {
        "tone": ThreadHost(ToneEngine()),
        "openai": OpenAIHost(Network(public_only=False, allowed=[])),
    }
    async with Synthesizer(hosts) as synthesizer:
        yield Casting(db, preferences, synthesizer)


async def test_the_voice_is_named_also_when_it_is_the_engines_own(casting):
    delivery = await casting.delivery(TtsSettings(tts_provider_type="tone"))
    assert delivery.choice.voice == "tone"


async def test_what_an_engine_does_not_follow_makes_no_difference(casting):
    tone = TtsSettings(tts_provider_type="tone")
    same = await casting.delivery(replace(tone, exaggeration=2.0, temperature=3.0))
    assert same == await casting.delivery(tone)
    faster = await casting.delivery(replace(tone, speech_speed=2.0))
    assert audio_key(TEXT, faster) != audio_key(TEXT, same)


async def test_the_same_words_in_another_language_are_another_sound(casting):
    delivery = await casting.delivery(TtsSettings(tts_provider_type="tone"))
    german = replace(delivery, diction=replace(delivery.diction, language="de"))
    english = replace(delivery, diction=replace(delivery.diction, language="en"))
    assert audio_key("Alles Gute.", german) != audio_key("Alles Gute.", english)


async def test_two_servers_never_share_their_sound(casting):
    keys = {
        audio_key(TEXT, await casting.delivery(settings))
        for settings in (
            REMOTE,
            replace(REMOTE, tts_api_url="http://127.0.0.1:10/v1"),
            replace(REMOTE, tts_extra_params={"model": "another"}),
        )
    }
    assert len(keys) == 3


async def test_the_key_of_a_server_is_kept_nowhere_but_in_its_settings(
    casting, db, preferences, ada, write, stored
):
    preferences.save_tts(ada.id, REMOTE, instead_of=TtsSettings())
    scene = write(ada, TEXT)
    delivery = await casting.delivery(REMOTE)
    rows = NarrationRepository(db)
    narration = rows.replace(ada.id, scene.id, TEXT, plan(TEXT, 20, 280), delivery)
    assert "sk-very-secret" not in stored()
    reader = await casting.reader(narration)
    assert reader.server is not None
    assert reader.server.api_key == "sk-very-secret"


async def test_a_narration_does_not_go_to_another_server_than_it_was_ordered_from(
    casting, db, preferences, ada, write
):
    scene = write(ada, TEXT)
    rows = NarrationRepository(db)
    delivery = await casting.delivery(REMOTE)
    narration = rows.replace(ada.id, scene.id, TEXT, plan(TEXT, 20, 280), delivery)
    for now in (
        TtsSettings(),
        replace(REMOTE, tts_api_url="http://127.0.0.1:10/v1"),
    ):
        preferences.save_tts(ada.id, now, instead_of=preferences.tts(ada.id))
        with pytest.raises(InvalidInputError, match="Narrate the scene again"):
            await casting.reader(narration)
