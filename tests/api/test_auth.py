import re

import httpx2
import pytest

from tests.api.conftest import enter
from tests.serving import serving, settings_for

PASSWORD = "correct horse"
ADA = {"username": "Ada", "password": PASSWORD}


async def test_on_a_laptop_everybody_is_the_one_local_user(client):
    mode = (await client.get("/api/auth/mode")).json()
    assert mode["mode"] == "single"
    assert mode["user"]["username"] == "you"
    assert mode["registration_open"] is False
    assert mode["needs_first_account"] is False
    assert (await client.get("/api/auth/me")).json()["user"] == mode["user"]


@pytest.mark.parametrize("route", ["register", "login"])
async def test_on_a_laptop_there_is_nothing_to_log_in_to(client, route):
    refused = await client.post(f"/api/auth/{route}", json=ADA)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")


async def test_a_stranger_learns_the_mode_and_nothing_else(stranger):
    assert (await stranger.get("/api/auth/mode")).json() == {
        "mode": "accounts",
        "user": None,
        "registration_open": True,
        "needs_first_account": True,
    }
    refused = await stranger.get("/api/auth/me")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_authenticated")


async def test_a_stranger_learns_whether_there_is_an_account_but_not_how_many(stranger, ada, bob):
    mode = (await stranger.get("/api/auth/mode")).json()
    assert mode["needs_first_account"] is False
    assert set(mode) == {"mode", "user", "registration_open", "needs_first_account"}


async def test_an_ended_login_is_a_stranger_and_not_an_error(stranger):
    mode = await stranger.get("/api/auth/mode", headers={"Authorization": "Bearer a.b"})
    assert (mode.status_code, mode.json()["user"]) == (200, None)


async def test_the_first_account_is_the_administrators(ada, bob):
    assert (await ada.get("/api/auth/me")).json()["user"]["is_admin"] is True
    assert (await bob.get("/api/auth/me")).json()["user"]["is_admin"] is False


@pytest.mark.parametrize("form", [False, True])
async def test_a_login_works_by_cookie_and_by_bearer(stranger, form):
    await stranger.post("/api/auth/register", json=ADA)
    body = {"data": ADA} if form else {"json": ADA}
    answer = await stranger.post("/api/auth/login", **body)
    login = answer.json()
    assert login["token_type"] == "bearer"
    assert login["user"]["username"] == "Ada"

    by_cookie = await stranger.get("/api/auth/me")
    stranger.cookies.clear()
    bearer = {"Authorization": f"Bearer {login['access_token']}"}
    by_bearer = await stranger.get("/api/auth/me", headers=bearer)
    without = await stranger.get("/api/auth/me")
    assert [r.status_code for r in (by_cookie, by_bearer, without)] == [200, 200, 401]


async def test_scripts_cannot_read_the_cookie_and_other_sites_cannot_send_it(stranger):
    await stranger.post("/api/auth/register", json=ADA)
    cookie = (await stranger.post("/api/auth/login", json=ADA)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/" in cookie


async def test_logging_out_revokes_the_token(stranger):
    await stranger.post("/api/auth/register", json=ADA)
    token = (await stranger.post("/api/auth/login", json=ADA)).json()["access_token"]
    assert (await stranger.post("/api/auth/logout")).status_code == 204
    assert not stranger.cookies
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await stranger.get("/api/auth/me", headers=bearer)).status_code == 401


async def test_a_wrong_password_looks_like_an_unknown_user(stranger):
    await stranger.post("/api/auth/register", json=ADA)
    wrong = await stranger.post("/api/auth/login", json=ADA | {"password": "wrong horse"})
    unknown = await stranger.post("/api/auth/login", json=ADA | {"username": "Eve"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_after_ten_failures_even_the_right_password_waits(stranger):
    await stranger.post("/api/auth/register", json=ADA)
    for _ in range(10):
        await stranger.post("/api/auth/login", json=ADA | {"password": "wrong horse"})
    refused = await stranger.post("/api/auth/login", json=ADA)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 300

    await stranger.post("/api/auth/register", json=ADA | {"username": "Bob"})
    assert (await stranger.post("/api/auth/login", json=ADA | {"username": "Bob"})).is_success


async def test_nobody_makes_accounts_without_end(accounts_server, stranger):
    door = accounts_server.app.state.parts.accounts.door
    for _ in range(19):  # knocking costs nothing; a password's hash does
        door.register("127.0.0.1")
    assert (await stranger.post("/api/auth/register", json=ADA)).status_code == 201
    refused = await stranger.post("/api/auth/register", json=ADA)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 3600


async def test_stories_told_before_there_were_accounts_are_the_first_accounts(tmp_path):
    async with serving(settings_for(tmp_path)) as server, server.client() as client:
        await client.post("/api/stories", json={"title": "Before"})
    settings = settings_for(tmp_path, auth="accounts")
    async with serving(settings) as server, server.client() as ada, server.client() as bob:
        for client, name in ((ada, "Ada"), (bob, "Bob")):
            await enter(client, name)
        assert [story["title"] for story in (await ada.get("/api/stories")).json()] == ["Before"]
        assert (await bob.get("/api/stories")).json() == []


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"username": "ab"}, "username", "at least 3 characters"),
        ({"username": "a" * 33}, "username", "at most 32 characters"),
        ({"username": "two words"}, "username", "letters"),
        ({"password": "short"}, "password", "at least 8 characters"),
        ({"password": "x" * 257}, "password", "at most 256 characters"),
        ({"username": 5}, "username", "text"),
    ],
)
async def test_names_and_passwords_have_limits(stranger, change, param, words):
    refused = await stranger.post("/api/auth/register", json=ADA | change)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["param"]) == (422, "invalid_input", param)
    assert words in error["message"]


async def test_a_taken_name_is_a_conflict_in_whatever_case(stranger):
    await stranger.post("/api/auth/register", json=ADA)
    refused = await stranger.post("/api/auth/register", json=ADA | {"username": "ADA"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")


async def test_a_closed_registration_lets_only_the_first_account_in(tmp_path):
    settings = settings_for(tmp_path, auth="accounts", registration="closed")
    async with serving(settings) as server, server.client() as client:
        assert (await client.post("/api/auth/register", json=ADA)).status_code == 201
        mode = (await client.get("/api/auth/mode")).json()
        assert (mode["registration_open"], mode["needs_first_account"]) == (False, False)
        refused = await client.post("/api/auth/register", json=ADA | {"username": "Bob"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")


async def test_passwords_and_tokens_are_not_in_the_database(accounts_server, stranger, tmp_path):
    await stranger.post("/api/auth/register", json=ADA)
    token = (await stranger.post("/api/auth/login", json=ADA)).json()["access_token"]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("rhapsode.db*"))
    assert PASSWORD.encode() not in stored
    assert token.partition(".")[2].encode() not in stored
    assert re.fullmatch(r"[\w-]{12}\.[\w-]{43}", token)


async def test_behind_tls_the_cookie_travels_encrypted_only(accounts_server):
    transport = httpx2.ASGITransport(accounts_server.app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://tales.example") as client:
        await client.post("/api/auth/register", json=ADA)
        answer = await client.post("/api/auth/login", json=ADA)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-rhapsode_session=")
        assert "Secure" in cookie
        assert (await client.get("/api/auth/me")).status_code == 200
