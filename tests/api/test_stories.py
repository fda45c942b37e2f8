import pytest


async def test_a_story_lives_from_its_beginning_to_its_end(client):
    created = await client.post("/api/stories", json={})
    story = created.json()
    assert created.status_code == 201
    assert (story["title"], story["premise"], story["genre"]) == ("Untitled story", "", None)
    assert (story["scene_count"], story["word_count"]) == (0, 0)

    path = f"/api/stories/{story['id']}"
    changed = await client.patch(path, json={"title": "  Sea  ", "genre": "mystery"})
    assert (changed.json()["title"], changed.json()["genre"]) == ("Sea", "mystery")
    assert (await client.patch(path, json={"genre": None})).json()["genre"] is None
    assert (await client.get(path)).json()["title"] == "Sea"
    assert [s["id"] for s in (await client.get("/api/stories")).json()] == [story["id"]]

    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.get("/api/stories")).json() == []


async def test_times_say_their_zone(client):
    story = (await client.post("/api/stories", json={})).json()
    assert story["created_at"].endswith("Z")
    assert (await client.get(f"/api/stories/{story['id']}")).json() == story


@pytest.mark.parametrize("story_id", [999, 2**63 - 1])
async def test_an_unknown_story_is_not_found(client, story_id):
    answer = await client.get(f"/api/stories/{story_id}")
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {"code": "not_found", "message": f"There is no story {story_id}."}
    }


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"title": "x" * 201}, "title", "at most 200 characters"),
        ({"title": " "}, "title", "at least 1 character"),
        ({"title": None}, "title", "text"),
        ({"premise": "x" * 8001}, "premise", "at most 8,000 characters"),
        ({"author": "me"}, "author", "not known"),
        ([], None, "JSON object"),
    ],
)
async def test_what_a_story_cannot_be_is_named(client, body, param, words):
    refused = await client.post("/api/stories", json=body)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error.get("param")) == (422, "invalid_input", param)
    assert words in error["message"]
