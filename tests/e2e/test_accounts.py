"""The door of a server with accounts."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import opened_theater, watched_page

PASSWORD = "correct horse"


@pytest.fixture
def theater(tmp_path):
    with opened_theater(tmp_path, auth="accounts") as theater:
        yield theater


def test_signing_out_in_one_tab_shows_the_door_in_the_others(context, theater):
    first = watched_page(context)
    first.goto(theater.url)
    first.get_by_role("button", name="Make an account").click()
    first.get_by_label("Name").fill("Ada")
    first.get_by_label("Password").fill(PASSWORD)
    first.get_by_role("button", name="Make an account").click()
    expect(first).to_have_url(f"{theater.url}/")

    second = watched_page(context)
    with second.expect_websocket(lambda socket: "/ws/events" in socket.url):
        second.goto(theater.url)
    first.goto(f"{theater.url}/settings/account")
    first.get_by_role("button", name="Sign out").click()
    for page in (first, second):
        expect(page).to_have_url(f"{theater.url}/login")
        expect(page.get_by_label("Password")).to_be_visible()
        assert page.errors == []
