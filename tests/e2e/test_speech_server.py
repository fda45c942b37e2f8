"""A reader's own speech server, from its address to its first words, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.speech_server import SpeechServer, refuses


@pytest.fixture
def server_without_its_key(theater):
    """A speech server that misses its key the first time it is to speak."""
    server = SpeechServer(first=[refuses(401)])
    theater.run(server.__aenter__())
    yield server
    theater.run(server.__aexit__())


def settings_of(theater) -> dict:
    async def get() -> dict:
        async with theater.server.client() as client:
            return (await client.get("/api/tts/settings")).json()

    return theater.run(get())


def test_a_server_is_chosen_with_its_address_and_asked_as_it_was_set(
    page, theater, server_without_its_key
):
    """Proves 003-G14 and 003-U2."""
    page.goto(f"{theater.url}/settings/voice")
    page.get_by_text("Speech server", exact=True).click()
    address = page.get_by_label("Address")
    address.fill("ftp://speech.test")
    address.press("Enter")
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_have_accessible_description(re.compile("starts with http"))
    expect(address).to_have_value("ftp://speech.test")
    assert settings_of(theater)["tts_provider_type"] == "espeak"

    address.fill(server_without_its_key.base_url)
    address.press("Enter")
    expect(page.get_by_text("Sky")).to_be_visible()
    expect(address).not_to_have_attribute("aria-invalid", "true")
    patience = page.get_by_label("Patience")
    patience.fill("121")
    patience.press("Enter")
    expect(patience).to_have_accessible_description(re.compile("at most 120"))
    expect(patience).to_have_value("121")
    patience.fill("45")
    with page.expect_response("**/api/tts/settings"):
        patience.press("Enter")
    with page.expect_response("**/api/tts/settings"):
        page.get_by_label("Sound format").select_option("wav")

    test = page.get_by_role("button", name="Test connection")
    test.click()
    expect(page.get_by_text("Enter it under “Speech server” in the settings.")).to_be_visible()
    test.click()
    expect(page.get_by_text(re.compile(r"It spoke after \d+ ms, as sky"))).to_be_visible()
    assert server_without_its_key.spoken[-1].body["response_format"] == "wav"
    saved = settings_of(theater)
    assert (saved["tts_provider_type"], saved["tts_timeout"]) == ("openai", 45)
    assert page.errors == []
