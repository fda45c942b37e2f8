import pytest

from rhapsode import errors
from rhapsode.api.problems import STATUS, status_of
from rhapsode.errors import LLMEmptyError, RhapsodeError, UnknownVoiceError


def test_an_error_takes_the_status_of_its_nearest_parent():
    assert status_of(UnknownVoiceError("x")) == 422
    assert status_of(LLMEmptyError("x")) == 502


def test_every_error_has_a_status_and_a_code_of_its_own():
    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    tree = [c for c in classes if issubclass(c, RhapsodeError)]
    assert all(any(parent in STATUS for parent in cls.__mro__[:-1]) for cls in tree)
    assert len({cls.code for cls in tree}) == len(tree)


@pytest.mark.parametrize("path", ["/api/nothing", "/api", "/nothing", "/assets/gone.js"])
async def test_an_unknown_address_is_answered_in_the_one_shape(client, path):
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_a_browser_at_a_wrong_api_address_gets_no_page(client):
    answer = await client.get("/api/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404


async def test_a_wrong_method_is_answered_in_the_one_shape(client):
    answer = await client.put("/api/stories", json={})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert "GET" in answer.headers["allow"]


async def test_an_unforeseen_error_is_logged_and_never_shown(client, server, caplog):
    server.app.state.parts.db.close()
    server.app.state.parts = None
    answer = await client.get("/api/stories")
    assert answer.status_code == 500
    assert answer.json() == {
        "error": {
            "code": "internal",
            "message": "Something went wrong on the server. Please try again.",
        }
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "GET /api/stories failed" in caplog.text


async def test_a_number_that_is_none_is_named(client):
    for story_id in ("abc", "0", "-1", str(2**63)):
        answer = await client.get(f"/api/stories/{story_id}")
        assert answer.status_code == 422
        assert answer.json()["error"]["param"] == "story_id"


async def test_text_that_no_encoding_knows_is_refused(client):
    body = b'{"title": "\\ud800"}'
    refused = await client.post(
        "/api/stories", content=body, headers={"Content-Type": "application/json"}
    )
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "title")


@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [
        ("PUT", "/api/tts/settings", "application/json"),
        ("POST", "/api/stories", "application/json"),
        ("POST", "/api/voices", "multipart/form-data; boundary=x"),
        ("POST", "/api/voices", "multipart/form-data"),
    ],
)
async def test_a_body_that_is_no_text_or_no_form_is_refused_like_any_other(
    client, method, path, content_type
):
    body = b"--x\r\n\xff\xfe[--x--\r\n"
    refused = await client.request(
        method, path, content=body, headers={"Content-Type": content_type}
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_too_large_is_refused_in_the_one_shape(client, announced):
    body = b'{"title": "' + b"x" * 5_000_000 + b'"}'

    async def pieces():
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    refused = await client.post(
        "/api/stories",
        content=body if announced else pieces(),
        headers={"Content-Type": "application/json"},
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")
