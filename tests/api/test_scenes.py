import httpx2
import pytest


@pytest.fixture
async def story(client):
    return (await client.post("/api/stories", json={"title": "The Lighthouse"})).json()


@pytest.fixture
def scenes(story):
    return f"/api/stories/{story['id']}/scenes"


async def test_a_scene_is_written_and_can_be_read_changed_and_deleted(client, scenes):
    written = await client.post(scenes, json={"custom_prompt": "A door in the cellar."})
    scene = written.json()
    assert written.status_code == 201, written.text
    assert (scene["position"], scene["status"], scene["narration"]) == (1, "complete", None)
    assert scene["prompt"] == "A door in the cellar."
    assert scene["model"].startswith("Built-in storyteller")
    assert scene["content"]
    assert (await client.get(scenes)).json() == [scene]

    path = f"/api/scenes/{scene['id']}"
    changed = await client.patch(path, json={"content": "One word more."})
    assert (changed.json()["content"], changed.json()["prompt"]) == (
        "One word more.",
        scene["prompt"],
    )
    assert (await client.get(path)).json() == changed.json()
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_a_prompt_may_have_8000_characters(client, scenes):
    assert (await client.post(scenes, json={"custom_prompt": "x" * 8000})).status_code == 201


async def test_a_longer_prompt_is_refused_by_naming_the_limit(client, scenes):
    refused = await client.post(scenes, json={"custom_prompt": "x" * 8001})
    assert refused.status_code == 422
    assert refused.json()["error"] == {
        "code": "invalid_input",
        "message": "custom_prompt may have at most 8,000 characters.",
        "param": "custom_prompt",
    }


async def test_a_scene_for_an_unknown_story_is_not_written(client):
    refused = await client.post("/api/stories/999/scenes", json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")


async def test_without_anybody_at_the_models_address_nothing_is_saved(client, scenes, free_port):
    base_url = f"http://127.0.0.1:{free_port}/v1"
    saved = await client.put(
        "/api/llm/settings", json={"provider": "openai", "base_url": base_url, "model": "m"}
    )
    assert saved.status_code == 200, saved.text
    failed = await client.post(scenes, json={})
    assert (failed.status_code, failed.json()["error"]["code"]) == (502, "llm_unreachable")
    assert base_url in failed.json()["error"]["message"]
    assert (await client.get(scenes)).json() == []


@pytest.fixture
def free_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def test_a_body_that_is_no_json_is_said_to_be_none(client: httpx2.AsyncClient, scenes):
    refused = await client.post(scenes, content=b"{", headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        422,
        "The body is no valid JSON.",
    )
