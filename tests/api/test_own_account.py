"""What people do with their own account."""

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.api.conftest import PASSWORD

NEW = "battery staple"


@pytest.fixture
async def elsewhere(accounts_server, ada):
    """Ada's telephone."""
    async with accounts_server.client() as opened:
        assert (await login(opened)).status_code == 200
        yield opened


async def login(client, username="Ada", password=PASSWORD):
    client.cookies.clear()
    return await client.post("/api/auth/login", json={"username": username, "password": password})


async def change(client, current=PASSWORD, new=NEW):
    body = {"current_password": current, "new_password": new}
    return await client.post("/api/auth/password", json=body)


async def leave(client, password=PASSWORD):
    return await client.request("DELETE", "/api/auth/me", json={"password": password})


def events(server, client):
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return connect(f"{server.ws_url}/ws/events", additional_headers={"Cookie": cookies}, proxy=None)


async def closing_code(socket):
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    return socket.close_code


async def test_a_new_password_opens_the_door_and_the_old_one_does_not(stranger, ada):
    assert (await change(ada)).status_code == 204
    assert (await ada.get("/api/auth/me")).status_code == 200
    assert (await login(stranger)).status_code == 401
    assert (await login(stranger, password=NEW)).status_code == 200


async def test_with_a_new_password_every_other_login_ends(accounts_server, ada, elsewhere):
    async with events(accounts_server, elsewhere) as other, events(accounts_server, ada) as own:
        await other.recv()
        await own.recv()
        assert (await change(ada)).status_code == 204
        assert await closing_code(other) == 4401
        assert (await elsewhere.get("/api/auth/me")).status_code == 401
        await own.ping()
        assert own.close_code is None


@pytest.mark.parametrize(
    ("current", "new", "param"),
    [("wrong horse", NEW, "current_password"), (PASSWORD, "short", "new_password")],
)
async def test_a_password_is_changed_by_whoever_knows_it_only(ada, current, new, param):
    refused = await change(ada, current, new)
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, param)


async def test_a_password_cannot_be_guessed_by_whoever_found_a_page_open(accounts_server, ada):
    door = accounts_server.app.state.parts.accounts.door
    for _ in range(10):
        with pytest.raises(ZeroDivisionError), door.logging_in("Ada", "127.0.0.1"):
            _ = 1 / 0
    assert (await change(ada)).status_code == 429
    assert (await leave(ada)).status_code == 429


async def test_a_deleted_account_leaves_nothing(accounts_server, ada, elsewhere, bob, stranger):
    parts = accounts_server.app.state.parts
    story = (await ada.post("/api/stories", json={"title": "Hers"})).json()
    ada_id = (await ada.get("/api/auth/me")).json()["user"]["id"]
    async with events(accounts_server, elsewhere) as socket:
        await socket.recv()
        assert (await leave(ada)).status_code == 204
        assert not ada.cookies
        assert await closing_code(socket) == 4401
    assert (await elsewhere.get("/api/stories")).status_code == 401
    assert (await login(stranger)).status_code == 401
    assert parts.stories.list_stories(ada_id) == []
    assert (await bob.get(f"/api/stories/{story['id']}")).status_code == 404
    # She was the first one.
    assert (await bob.get("/api/auth/me")).json()["user"]["is_admin"] is True


async def test_an_account_is_deleted_by_whoever_knows_its_password_only(ada: httpx2.AsyncClient):
    refused = await leave(ada, "wrong horse")
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "password")
    assert (await ada.get("/api/auth/me")).status_code == 200


async def test_on_a_laptop_there_is_no_account_to_leave(client):
    assert (await change(client)).status_code == 403
    assert (await leave(client)).status_code == 403
    assert (await client.get("/api/auth/me")).status_code == 200
