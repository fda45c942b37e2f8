"""The OpenAPI document, and laws that every route in it obeys."""

import pytest

METHODS = ("get", "post", "put", "patch", "delete")
OPEN = {
    "get_auth_mode",
    "register",
    "login",
    "logout",
    "livez",
    "readyz",
    "health",
}
"""What needs no login."""


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


@pytest.fixture
async def document(accounts_server):
    async with accounts_server.client() as client:
        return (await client.get("/openapi.json")).json()


async def test_the_document_is_complete_enough_to_generate_clients_from(document):
    ids = []
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        ids.append(operation["operationId"])
        assert operation["operationId"].isidentifier(), where
        assert all(operation.get(field) for field in ("summary", "description", "tags")), where
        success = [status for status in operation["responses"] if status.startswith("2")]
        assert len(success) == 1, where
        if success != ["204"]:
            content = operation["responses"][success[0]]["content"]
            assert all(body["schema"] for body in content.values()), where
    assert len(set(ids)) == len(ids)
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_every_failure_is_declared_in_the_one_shape(document):
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (method, path, status)


async def test_everything_but_the_door_needs_a_login(document, stranger):
    closed = set()
    for method, path, operation in operations(document):
        answer = await stranger.request(method, fill(path, story=1, scene=1, session="x"))
        if answer.status_code == 401:
            closed.add(operation["operationId"])
            assert "401" in operation["responses"], path
            assert answer.json()["error"]["code"] == "not_authenticated"
    everything = {operation["operationId"] for _, _, operation in operations(document)}
    assert everything - closed == OPEN


async def test_what_belongs_to_somebody_else_does_not_exist(document, accounts_server, ada, bob):
    parts = accounts_server.app.state.parts
    story = (await ada.post("/api/stories", json={"title": "Hers"})).json()
    ada_id = (await ada.get("/api/auth/me")).json()["user"]["id"]
    scene = parts.stories.add_scene(
        ada_id, story["id"], prompt="", content="Hers.", status="complete", model="m"
    )
    session = parts.sessions.open(ada_id, story["id"], _wait_forever)
    ids = {"story": story["id"], "scene": scene.id, "session": session.id}

    tried = 0
    for method, path, operation in operations(document):
        if "{" not in path:
            continue
        tried += 1
        foreign = await bob.request(method, fill(path, **ids), **body_of(operation))
        unknown = await bob.request(
            method, fill(path, story=99999, scene=99999, session="none"), **body_of(operation)
        )
        assert foreign.status_code == 404, (method, path, foreign.text)
        assert foreign.json()["error"]["code"] == "not_found", (method, path)
        assert unknown.status_code == 404, (method, path, unknown.text)
    assert tried >= 10

    assert (await ada.get(f"/api/stories/{story['id']}")).json()["title"] == "Hers"
    assert (await ada.get(f"/api/scenes/{scene.id}")).json()["content"] == "Hers."
    session.stop("test over")
    await session.wait_ended()


async def _wait_forever(session):
    import asyncio

    await asyncio.Event().wait()


def fill(path, *, story, scene, session):
    filled = path.replace("{story_id}", str(story)).replace("{scene_id}", str(scene))
    filled = filled.replace("{session_id}", session).replace("{index}", "0")
    filled = filled.replace("{voice_id}", "made-by-somebody-else")
    assert "{" not in filled, f"a new kind of id: say here whose {path} is"
    return filled


def body_of(operation):
    """A valid request: no field of these routes is required."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        return {"json": {}}
    return {"data": {"custom_prompt": ""}} if content else {}
