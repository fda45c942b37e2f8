"""The routes about language models, against a real server that does what it is told."""

import pytest

from rhapsode.llm.discover import discover_servers
from tests.doubles import ScriptedLLM, Tells, cut, refuses

KEY = "sk-very-secret-0123456789"


@pytest.fixture
async def llm():
    async with ScriptedLLM(Tells.text("It rained. The door opened."), models=("b", "a")) as running:
        yield running


@pytest.fixture
async def chosen(client, llm):
    """The user has chosen the scripted model."""
    settings = {"provider": "openai", "base_url": llm.base_url, "model": "a", "api_key": KEY}
    saved = await client.put("/api/llm/settings", json=settings)
    assert saved.status_code == 200, saved.text


@pytest.fixture
async def scenes(client):
    story = (await client.post("/api/stories", json={"premise": "A keeper and a door."})).json()
    return f"/api/stories/{story['id']}/scenes"


async def test_models_are_listed_with_the_saved_key(client, llm, chosen):
    assert (await client.get("/api/llm/models")).json() == {"models": ["a", "b"]}
    assert llm.requests[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_the_saved_key_goes_to_no_other_server(client, chosen):
    async with ScriptedLLM() as other:
        await client.get("/api/llm/models", params={"base_url": other.base_url})
        body = {"base_url": other.base_url, "model": "x"}
        assert (await client.post("/api/llm/test", json=body)).status_code == 200
        assert len(other.requests) == 2
        assert all(KEY not in str(request.headers) for request in other.requests)


async def test_a_model_can_be_tried_before_it_is_chosen(client, llm):
    tried = await client.post("/api/llm/test", json={"base_url": llm.base_url, "model": "a"})
    report = tried.json()
    assert (report["ok"], report["model"]) == (True, "a")
    assert report["sample"] == "It rained. The door opened."
    assert report["latency_ms"] > 0


@pytest.mark.parametrize(
    ("upstream", "status", "code"),
    [
        (401, 502, "llm_auth"),
        (404, 502, "llm_model_not_found"),
        (429, 503, "llm_rate_limited"),
        (500, 502, "llm_server"),
    ],
)
async def test_what_the_models_server_refuses_is_said_in_our_words(
    client, llm, upstream, status, code
):
    llm.reply = refuses(upstream, message=f"secret internals {KEY}")
    body = {"base_url": llm.base_url, "model": "a", "api_key": KEY}
    refused = await client.post("/api/llm/test", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert KEY not in refused.text


async def test_a_chosen_model_writes_and_remembers_the_scenes_before(client, llm, chosen, scenes):
    first = (await client.post(scenes, json={})).json()
    second = (await client.post(scenes, json={"custom_prompt": "Let it snow."})).json()
    assert (first["content"], first["model"]) == ("It rained. The door opened.", "a")
    assert second["position"] == 2
    told = str(llm.completions[-1].body["messages"])
    assert "A keeper and a door." in told
    assert "It rained. The door opened." in told
    assert "Let it snow." in told


async def test_what_was_written_before_the_stream_broke_is_kept(client, llm, chosen, scenes):
    llm.reply = cut(after=5)
    failed = await client.post(scenes, json={})
    assert (failed.status_code, failed.json()["error"]["code"]) == (502, "llm_interrupted")
    (kept,) = (await client.get(scenes)).json()
    assert kept["status"] == "failed"
    assert kept["content"].startswith("Mara climbed")


async def test_servers_on_this_machine_are_found(client, llm, usual_port):
    (found,) = (await client.get("/api/llm/servers")).json()
    assert (found["base_url"], found["models"]) == (llm.base_url, ["a", "b"])


async def test_where_there_are_accounts_only_the_administrator_finds_servers(ada, bob, usual_port):
    assert len((await ada.get("/api/llm/servers")).json()) == 1
    assert (await bob.get("/api/llm/servers")).json() == []


@pytest.fixture
def usual_port(llm, monkeypatch):
    """Make the scripted server's port the one place where servers usually are."""
    here = {llm.port: "Scripted"}
    monkeypatch.setattr("rhapsode.api.llm.discover_servers", lambda: discover_servers(ports=here))
