"""A user's own speech server, from the settings to a narrated scene.

Proves 003-G14 and 003-U2.
"""

import asyncio
import io
import wave

import pytest

from rhapsode.tts.openai_remote import request
from tests.doubles import ScriptedLLM, Tells
from tests.serving import serving, settings_for
from tests.speech_server import Hangs, SpeechServer, answers_json, html_page, refuses

TTS = "/api/tts/settings"
TEST = "/api/tts/test"
KEY = "sk-very-secret-0123456789"


@pytest.fixture
async def voices():
    async with SpeechServer() as running:
        yield running


@pytest.fixture
async def chosen(client, voices):
    """The user has chosen the scripted server."""
    settings = {
        "tts_provider_type": "openai",
        "tts_api_url": f"{voices.base_url}/audio/speech",
        "tts_api_key": KEY,
        "tts_timeout": 5,
        "tts_extra_params": {"model": "kokoro"},
        "default_voice": "sky",
        "speech_speed": 1.5,
    }
    saved = await client.put(TTS, json=settings)
    assert saved.status_code == 200, saved.text
    return saved.json()


async def test_a_server_is_saved_and_its_key_never_comes_out(client, chosen, voices, tmp_path):
    assert chosen["tts_api_url"] == voices.base_url
    assert chosen["has_api_key"] is True
    assert chosen["tts_extra_params"] == {"model": "kokoro"}
    for path in (TTS, "/api/tts/engines", "/api/tts/voices", "/health", "/openapi.json"):
        assert KEY not in (await client.get(path)).text
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in stored


async def test_a_key_is_not_kept_for_another_address(client, chosen, voices):
    same = await client.put(TTS, json={"tts_api_url": voices.base_url})
    assert same.json()["has_api_key"] is True
    moved = await client.put(TTS, json={"tts_api_url": "http://evil.example/v1"})
    assert moved.json()["has_api_key"] is False


@pytest.mark.parametrize("nothing", [None, ""])
async def test_a_key_can_be_removed(client, chosen, nothing):
    removed = await client.put(TTS, json={"tts_api_key": nothing})
    assert removed.json()["has_api_key"] is False


async def test_a_server_that_does_not_run_can_be_saved_for_later(client):
    settings = {"tts_provider_type": "openai", "tts_api_url": "localhost:1"}
    assert (await client.put(TTS, json=settings)).json()["tts_api_url"] == "http://localhost:1/v1"


async def test_its_voices_are_listed(client, chosen, voices):
    listed = (await client.get("/api/tts/voices?engine=openai")).json()
    assert [(voice["id"], voice["name"]) for voice in listed] == [
        ("sky", "Sky"),
        ("river", "river"),
    ]
    assert voices.requests[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_without_an_address_there_are_no_voices(client):
    refused = await client.get("/api/tts/voices?engine=openai")
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "tts_api_url")


async def test_a_preview_is_spoken_by_it(client, chosen, voices):
    sample = await client.post("/api/tts/preview", json={"engine": "openai", "voice": "river"})
    assert sample.status_code == 200
    with wave.open(io.BytesIO(sample.content)) as clip:
        assert clip.getnframes() == 24_000
    asked = voices.spoken[-1].body
    assert (asked["voice"], asked["model"], asked["speed"]) == ("river", "kokoro", 1.0)


async def test_a_scene_is_read_by_it_with_the_user_s_settings(client, chosen, voices):
    story = (await client.post("/api/stories", json={})).json()
    form = {"custom_prompt": "A door opens."}
    started = await client.post(
        f"/api/stories/{story['id']}/scenes/generate-with-tts-stream", data=form
    )
    assert started.status_code == 200, started.text
    await voices.requested.wait()
    asked = voices.spoken[0]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert (asked.body["voice"], asked.body["speed"]) == ("sky", 1.5)


async def test_no_engine_is_given_more_characters_at_once_than_the_user_says(
    client, chosen, voices
):
    await client.put(TTS, json={"chunk_size": 100})
    async with ScriptedLLM(Tells.text("and on it went " * 40 + "to its end.")) as llm:
        model = {"provider": "openai", "base_url": llm.base_url, "model": "scripted"}
        assert (await client.put("/api/llm/settings", json=model)).status_code == 200
        story = (await client.post("/api/stories", json={})).json()
        path = f"/api/stories/{story['id']}/scenes/generate-with-tts-stream"
        assert (await client.post(path, data={})).status_code == 200
        async with asyncio.timeout(20):
            while not any(str(asked.body["input"]).endswith("end.") for asked in voices.spoken):
                voices.requested.clear()
                await voices.requested.wait()
    lengths = [len(str(asked.body["input"])) for asked in voices.spoken]
    # Inside a sentence a comma is added, so that the voice does not fall.
    assert 50 < max(lengths) <= 101


async def test_a_server_can_be_tried_before_it_is_saved(client, voices):
    tried = await client.post(TEST, json={"tts_api_url": voices.base_url, "tts_api_key": KEY})
    report = tried.json()
    assert (tried.status_code, report["ok"], report["voice"]) == (200, True, "sky")
    assert report["latency_ms"] >= 1
    assert [voice["id"] for voice in report["voices"]] == ["sky", "river"]
    assert (await client.get(TTS)).json()["tts_api_url"] is None


async def test_the_saved_key_is_tried_at_its_own_address_only(client, chosen, voices):
    await client.post(TEST, json={"tts_api_url": voices.base_url})
    assert voices.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    async with SpeechServer() as other:
        assert (await client.post(TEST, json={"tts_api_url": other.base_url})).status_code == 200
        assert all("authorization" not in asked.headers for asked in other.requests)


async def test_the_built_in_engine_can_be_tried_too(client):
    tried = await client.post(TEST, json={"tts_provider_type": "espeak"})
    assert (tried.status_code, tried.json()["voice"]) == (200, "arthur")


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (refuses(401), 502, "speech_auth"),
        (refuses(404), 502, "speech_refused"),
        (refuses(429, ("Retry-After", "30")), 503, "speech_rate_limited"),
        (refuses(500), 502, "speech_server"),
        (html_page(), 502, "speech_no_audio"),
        (answers_json({}), 502, "speech_no_audio"),
        (Hangs(), 504, "speech_timeout"),
    ],
)
async def test_a_failed_trial_says_why(client, voices, monkeypatch, reply, status, code):
    monkeypatch.setattr(request, "RETRY_DELAYS_S", (0.0, 0.0))
    voices.reply = reply
    body = {"tts_api_url": voices.base_url, "tts_api_key": KEY, "tts_timeout": 5}
    failed = await client.post(TEST, json=body)
    assert (failed.status_code, failed.json()["error"]["code"]) == (status, code)
    assert KEY not in failed.text
    if status == 503:
        assert failed.headers["retry-after"] == "30"


async def test_favorite_voices_are_kept_once_each(client):
    twice = [{"engine": "espeak", "voice": "arthur"}] * 2
    saved = await client.put(TTS, json={"favorite_voices": twice})
    assert saved.json()["favorite_voices"] == twice[:1]
    assert (await client.put(TTS, json={"chunk_size": 100})).json()["favorite_voices"] == twice[:1]


async def test_engines_say_what_they_follow(client):
    engines = {engine["name"]: engine for engine in (await client.get("/api/tts/engines")).json()}
    assert engines["espeak"]["parameters"] == ["speed"]
    assert (engines["espeak"]["needs_server"], engines["openai"]["needs_server"]) == (False, True)


@pytest.mark.parametrize("path", [TTS, "/api/llm/settings"])
async def test_where_there_are_accounts_private_addresses_are_refused(ada, voices, path):
    address = "tts_api_url" if path == TTS else "base_url"
    for url in (voices.base_url, "http://10.0.0.5/v1", "http://2130706433/v1", "http://[::1]/v1"):
        refused = await ada.put(path, json={address: url})
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (422, "forbidden_address"), url
        assert error["param"] == address
    for method, where, body in (
        ("POST", TEST, {"tts_api_url": voices.base_url}),
        ("POST", "/api/llm/test", {"base_url": voices.base_url, "model": "m"}),
        ("GET", f"/api/llm/models?base_url={voices.base_url}", None),
    ):
        refused = await ada.request(method, where, json=body)
        assert refused.json()["error"]["code"] == "forbidden_address"
    assert voices.requests == []


async def test_the_operator_can_allow_a_server_of_the_network(tmp_path, voices):
    allowed = [f"127.0.0.1:{voices.port}"]
    settings = settings_for(tmp_path, auth="accounts", allowed_servers=allowed)
    login = {"username": "Ada", "password": "correct horse"}
    async with serving(settings) as server, server.client() as ada:
        await ada.post("/api/auth/register", json=login)
        await ada.post("/api/auth/login", json=login)
        tried = await ada.post(TEST, json={"tts_api_url": voices.base_url})
    assert tried.status_code == 200, tried.text
