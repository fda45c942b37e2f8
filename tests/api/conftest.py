"""A running server and people who use it."""

import pytest

from tests.serving import serving, settings_for


@pytest.fixture
async def server(tmp_path):
    """A server for one local user."""
    async with serving(settings_for(tmp_path)) as running:
        yield running


@pytest.fixture
async def client(server):
    async with server.client() as opened:
        yield opened


@pytest.fixture
async def accounts_server(tmp_path):
    """A server where everybody logs in."""
    async with serving(settings_for(tmp_path, auth="accounts")) as running:
        yield running


@pytest.fixture
async def stranger(accounts_server):
    """Somebody who is not logged in."""
    async with accounts_server.client() as opened:
        yield opened


@pytest.fixture
async def ada(accounts_server):
    async with accounts_server.client() as opened:
        await enter(opened, "Ada")
        yield opened


@pytest.fixture
async def bob(accounts_server):
    async with accounts_server.client() as opened:
        await enter(opened, "Bob")
        yield opened


PASSWORD = "correct horse"


async def enter(client, username):
    """Register and log in; the client keeps the cookie."""
    login = {"username": username, "password": PASSWORD}
    registered = await client.post("/api/auth/register", json=login)
    assert registered.status_code == 201, registered.text
    entered = await client.post("/api/auth/login", json=login)
    assert entered.status_code == 200, entered.text
