"""The door of a server with accounts."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import opened_theater, watched_page

PASSWORD = "correct horse"


@pytest.fixture
def theater(tmp_path):
    with opened_theater(tmp_path, auth="accounts") as theater:
        yield theater


def join(page: Page, name: str) -> None:
    """Make the first account, as the door of a new server asks for it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the first account").click()


def test_a_new_server_asks_for_its_first_account_and_later_for_a_name(page, theater):
    page.goto(theater.url)
    expect(page.get_by_text("Nobody has an account here yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    join(page, "Ada")
    expect(page).to_have_url(f"{theater.url}/")
    page.goto(f"{theater.url}/settings/account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Nobody has an account here yet.")).to_have_count(0)
    assert page.errors == []


def test_signing_out_in_one_tab_shows_the_door_in_the_others(context, theater):
    first = watched_page(context)
    first.goto(theater.url)
    join(first, "Ada")
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
