import asyncio
import wave
from io import BytesIO

import pytest

TTS = "/api/tts/settings"
LLM = "/api/llm/settings"
KEY = "sk-very-secret-0123456789"


async def test_speech_settings_begin_with_the_defaults(client):
    """Proves 003-U2."""
    assert (await client.get(TTS)).json() == {
        "tts_enabled": True,
        "tts_provider_type": "espeak",
        "default_voice": "",
        "speech_speed": 1.0,
        "realtime_tts_enabled": False,
        "min_sentence_length": 20,
        "auto_play_last_scene": False,
        "chunk_size": 280,
        "exaggeration": 0.5,
        "cfg_weight": 0.5,
        "temperature": 0.8,
        "tts_api_url": None,
        "has_api_key": False,
        "tts_timeout": 30,
        "tts_extra_params": {},
        "favorite_voices": [],
    }


async def test_an_absent_setting_stays_as_it_is(client):
    await client.put(TTS, json={"speech_speed": 1.5})
    changed = await client.put(TTS, json={"min_sentence_length": 40})
    assert changed.json()["speech_speed"] == 1.5
    assert changed.json()["min_sentence_length"] == 40
    assert (await client.get(TTS)).json() == changed.json()


async def test_settings_that_are_changed_at_once_are_all_kept(client):
    speech = {"speech_speed": 1.5, "min_sentence_length": 40, "chunk_size": 300, "tts_timeout": 60}
    writing = {"max_tokens": 900, "temperature": 0.5, "model": "a", "base_url": "http://[::1]:9/v1"}
    changes = [(TTS, {name: value}) for name, value in speech.items()]
    changes += [(LLM, {name: value}) for name, value in writing.items()]
    await asyncio.gather(*(client.put(path, json=change) for path, change in changes))
    for path, wanted in ((TTS, speech), (LLM, writing)):
        kept = (await client.get(path)).json()
        assert {name: kept[name] for name in wanted} == wanted


@pytest.mark.parametrize("name", ["realtime_tts_enabled", "realtime_tts"])
async def test_real_time_narration_has_one_name_and_an_alias(client, name):
    """Proves 003-U2 and forbids 003-D10."""
    changed = await client.put(TTS, json={name: True})
    assert changed.json()["realtime_tts_enabled"] is True
    assert "realtime_tts" not in changed.json()


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"speech_speed": 0.2}, "speech_speed", "at least 0.25"),
        ({"speech_speed": 4.1}, "speech_speed", "at most 4"),
        ({"speech_speed": "NaN"}, "speech_speed", "at most 4"),
        ({"min_sentence_length": 0}, "min_sentence_length", "at least 1"),
        ({"min_sentence_length": 201}, "min_sentence_length", "at most 200"),
        ({"chunk_size": 99}, "chunk_size", "at least 100"),
        ({"chunk_size": 501}, "chunk_size", "at most 500"),
        ({"exaggeration": 0.2}, "exaggeration", "at least 0.25"),
        ({"cfg_weight": 1.1}, "cfg_weight", "at most 1"),
        ({"temperature": 0.01}, "temperature", "at least 0.05"),
        ({"tts_timeout": 4}, "tts_timeout", "at least 5"),
        ({"tts_timeout": 121}, "tts_timeout", "at most 120"),
        ({"tts_api_url": "ftp://x"}, "tts_api_url", "http"),
        ({"tts_api_url": "http://169.254.169.254"}, "tts_api_url", "metadata"),
        ({"tts_provider_type": "openai"}, "tts_api_url", "address"),
        ({"tts_extra_params": {"voice": "x"}}, "tts_extra_params", "setting of its own"),
        ({"tts_extra_params": {"model": 7}}, "tts_extra_params", "name"),
        ({"tts_extra_params": {"response_format": "midi"}}, "tts_extra_params", "pcm"),
        ({"tts_extra_params": {"x": "y" * 5000}}, "tts_extra_params", "4096 characters"),
        ({"volume": 11}, "volume", "not known"),
        ({"tts_enabled": "perhaps"}, "tts_enabled", "true or false"),
    ],
)
async def test_speech_settings_have_limits(client, change, param, words):
    refused = await client.put(TTS, json=change)
    error = refused.json()["error"]
    assert (refused.status_code, error["param"]) == (422, param)
    assert words in error["message"]


async def test_an_unknown_engine_is_refused_with_the_known_ones(client):
    refused = await client.put(TTS, json={"tts_provider_type": "parrot"})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (422, "unknown_engine")
    assert error["param"] == "tts_provider_type"
    assert "espeak" in error["allowed"]
    assert (await client.get(TTS)).json()["tts_provider_type"] == "espeak"


async def test_an_unknown_voice_is_refused_with_the_known_ones(client):
    refused = await client.put(TTS, json={"default_voice": "nobody"})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (422, "unknown_voice")
    assert error["param"] == "default_voice"
    voices = [v["id"] for v in (await client.get("/api/tts/voices?engine=espeak")).json()]
    assert error["allowed"] == voices
    assert (await client.put(TTS, json={"default_voice": voices[-1]})).status_code == 200


async def test_engines_and_voices_are_listed(client):
    engines = {engine["name"]: engine for engine in (await client.get("/api/tts/engines")).json()}
    assert engines["espeak"]["available"] is True
    assert engines["espeak"]["word_times"] is True
    voices = (await client.get("/api/tts/voices")).json()
    assert engines["espeak"]["default_voice"] in {voice["id"] for voice in voices}
    unknown = await client.get("/api/tts/voices?engine=parrot")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (422, "unknown_engine")


async def test_an_engine_tells_how_it_has_done_lately(client):
    async def pace():
        engines = (await client.get("/api/tts/engines")).json()
        return {e["name"]: (e["first_chunk_s"], e["rtf"]) for e in engines}["espeak"]

    assert await pace() == (None, None)
    await client.post("/api/tts/preview", json={"engine": "espeak", "text": "Good day."})
    first_chunk_s, rtf = await pace()
    assert first_chunk_s > 0
    assert rtf > 0


async def test_a_voice_can_be_heard_before_it_is_chosen(client):
    sample = await client.post("/api/tts/preview", json={"engine": "espeak", "text": "Good day."})
    assert sample.status_code == 200
    assert sample.headers["content-type"] == "audio/wav"
    with wave.open(BytesIO(sample.content)) as clip:
        assert (clip.getframerate(), clip.getnchannels()) == (24_000, 1)
        assert 0.3 < clip.getnframes() / clip.getframerate() < 5
        assert any(clip.readframes(clip.getnframes()))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"engine": "parrot"}, "unknown_engine"),
        ({"voice": "nobody"}, "unknown_voice"),
        ({"text": "x" * 301}, "invalid_input"),
        ({"text": ""}, "invalid_input"),
        ({"speed": 9}, "invalid_input"),
    ],
)
async def test_a_preview_of_the_impossible_is_refused(client, change, code):
    refused = await client.post("/api/tts/preview", json={"engine": "espeak"} | change)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


async def test_the_built_in_storyteller_writes_until_somebody_chooses_a_model(client):
    assert (await client.get(LLM)).json() == {
        "provider": "builtin",
        "base_url": None,
        "model": None,
        "has_api_key": False,
        "max_tokens": 1500,
        "temperature": 0.8,
    }


async def test_an_api_key_goes_in_and_never_comes_out(client, tmp_path):
    changed = await client.put(
        LLM,
        json={"provider": "openai", "base_url": "localhost:1", "model": "m", "api_key": KEY},
    )
    assert changed.json()["has_api_key"] is True
    assert changed.json()["base_url"] == "http://localhost:1/v1"
    for path in (LLM, "/api/llm/models", "/api/auth/me", "/health", "/openapi.json"):
        assert KEY not in (await client.get(path)).text
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in stored


@pytest.mark.parametrize("nothing", [None, ""])
async def test_an_api_key_can_be_removed(client, nothing):
    await client.put(LLM, json={"base_url": "http://localhost:1/v1", "api_key": KEY})
    assert (await client.put(LLM, json={"max_tokens": 99})).json()["has_api_key"] is True
    assert (await client.put(LLM, json={"api_key": nothing})).json()["has_api_key"] is False


async def test_an_api_key_is_not_kept_for_another_address(client):
    await client.put(LLM, json={"base_url": "http://localhost:1/v1", "api_key": KEY})
    same = await client.put(LLM, json={"base_url": "localhost:1"})
    assert same.json()["has_api_key"] is True
    moved = await client.put(LLM, json={"base_url": "http://evil.example/v1"})
    assert moved.json()["has_api_key"] is False


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"provider": "parrot"}, "provider", "'builtin' or 'openai'"),
        ({"provider": "openai"}, "base_url", "address"),
        ({"provider": "openai", "base_url": "localhost:1"}, "model", "model"),
        ({"base_url": "ftp://x"}, "base_url", "http"),
        ({"max_tokens": 49}, "max_tokens", "at least 50"),
        ({"max_tokens": 8001}, "max_tokens", "at most 8000"),
        ({"temperature": 2.1}, "temperature", "at most 2"),
        ({"top_p": 1}, "top_p", "not known"),
    ],
)
async def test_model_settings_have_limits(client, change, param, words):
    refused = await client.put(LLM, json=change)
    error = refused.json()["error"]
    assert (refused.status_code, error["param"]) == (422, param)
    assert words in error["message"]


async def test_allowed_values_are_listed(client):
    refused = await client.put(LLM, json={"provider": "parrot"})
    assert refused.json()["error"]["allowed"] == ["builtin", "openai"]


async def test_models_need_an_address(client):
    refused = await client.get("/api/llm/models")
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "base_url")


async def test_settings_are_everybodys_own(ada, bob):
    await ada.put(TTS, json={"speech_speed": 2.0})
    await ada.put(LLM, json={"base_url": "http://localhost:1/v1", "api_key": KEY})
    assert (await bob.get(TTS)).json()["speech_speed"] == 1.0
    assert (await bob.get(LLM)).json()["has_api_key"] is False
