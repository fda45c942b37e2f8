"""The settings of speech, in a real browser: a voice is found, heard, kept, made and deleted."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from rhapsode.audio.encode import encode_wav
from rhapsode.tts.chatterbox.offers import OFFERS
from tests.e2e.conftest import opened_theater, until


@pytest.fixture
def cloning_theater(tmp_path, monkeypatch):
    """A server on which Chatterbox seems installed; nothing here speaks with it."""
    weights = tmp_path / "weights"
    weights.mkdir()
    for name in OFFERS["chatterbox-multilingual"].files:
        (weights / name).touch()
    monkeypatch.setenv("RHAPSODE_CHATTERBOX_DIR", str(weights))
    monkeypatch.setenv("RHAPSODE_CHATTERBOX_PYTHON", str(Path("/bin/sh")))
    with opened_theater(tmp_path) as theater:
        theater.set_voice(tts_provider_type="chatterbox-multilingual", default_voice="")
        yield theater


def clip_of(seconds: float) -> dict:
    samples = np.rint(9000 * np.sin(np.arange(round(seconds * 24_000)) * 0.05)).astype(np.int16)
    content = encode_wav(samples, 24_000)
    return {"name": "Grandmother.wav", "mimeType": "audio/wav", "buffer": content}


def voices_of(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/voice")
    page.get_by_role("button", name="All voices").click()


def test_a_voice_is_found_heard_kept_and_chosen_by_keys_alone(page, theater):
    voices_of(page, theater.url)
    expect(page.get_by_role("radio", checked=True)).to_be_focused()
    page.keyboard.type("scottish")
    expect(page.get_by_role("status").filter(has_text="2 voices found")).to_be_attached()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Isla")).to_be_checked()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop Isla")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Listen to Isla")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    star = page.get_by_role("button", name="Isla is a favorite", pressed=True)
    expect(page.get_by_role("group", name="Favorites").get_by_role("radio")).to_have_count(1)
    expect(star).to_be_focused()
    # It shows at once, and is kept a moment later: a page loaded before that would not know of it.
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_attached()
    # Out of the search, out of the list, out of the settings.
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="All voices")).to_be_focused()
    page.reload()
    expect(page.get_by_text("Lively, Scottish")).to_be_visible()
    page.get_by_role("button", name="All voices").click()
    expect(star).to_be_visible()
    assert page.errors == []


def test_what_belongs_to_this_device_is_kept_in_its_browser(page, theater):
    page.goto(f"{theater.url}/settings/voice")
    page.get_by_role("switch", name="Robust audio").click()
    timing = page.get_by_role("slider", name="Highlight timing")
    timing.press("ArrowRight")
    timing.press("ArrowRight")
    page.reload()
    expect(page.get_by_role("switch", name="Robust audio")).not_to_be_checked()
    expect(timing).to_have_value("20")
    page.get_by_role("button", name="Reset").click()
    expect(timing).to_have_value("0")


def test_a_recording_becomes_a_voice_and_is_deleted_again(page, cloning_theater):
    voices_of(page, cloning_theater.url)
    page.get_by_role("button", name="Add a voice").click()
    form = page.get_by_role("form", name="Add a voice")
    expect(form).to_contain_text("1 to 60 seconds")
    recording = form.locator("input[type=file]")
    recording.set_input_files(clip_of(0.4))
    form.get_by_role("button", name="Add voice").click()
    expect(form.get_by_role("alert")).to_contain_text("0.4 s")
    expect(form.get_by_label("Name")).to_have_value("Grandmother")
    recording.set_input_files(clip_of(3))
    form.get_by_role("button", name="Add voice").click()
    own = page.get_by_role("group", name="Your voices")
    expect(own.get_by_role("radio", name="Grandmother")).to_be_checked()
    own.get_by_role("button", name="Delete Grandmother").click()
    page.get_by_role("button", name="Delete voice").click()
    expect(own).to_have_count(0)
    # The engine's own voice speaks again.
    expect(page.get_by_role("radio", name="Chatterbox, English")).to_be_checked()
    assert page.errors == []


def test_a_voice_is_renamed_and_given_another_language_by_keys_alone(page, cloning_theater):
    for name in ("Grandmother", "Zoe"):
        voice = cloning_theater.add_voice(name, clip_of(3)["buffer"])
    cloning_theater.set_voice(default_voice=voice)
    voices_of(page, cloning_theater.url)
    own = page.get_by_role("group", name="Your voices")
    expect(own.get_by_role("radio", name="Zoe")).to_be_focused()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    form = own.get_by_role("form", name="Edit Zoe")
    expect(form.get_by_label("Name")).to_be_focused()
    page.keyboard.type("grandmother")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("already")
    expect(form.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Anna")
    page.keyboard.press("Tab")
    expect(form.get_by_label("Reads")).to_be_focused()
    page.keyboard.type("German")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(own.get_by_role("radio", name="Anna, German")).to_be_checked()
    expect(own.get_by_role("button", name="Edit Anna")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_text("German · Yours, from a clip of 3 s")).to_be_visible()
    assert page.errors == []


def test_what_was_set_a_moment_before_the_page_is_closed_is_kept(page, theater):
    page.goto(f"{theater.url}/settings/voice")
    page.get_by_role("switch", name="Auto-play Last Scene").click()
    page.get_by_role("slider", name="Speaking pace").press("ArrowRight")
    page.get_by_label("Longest piece").fill("320")
    page.close(run_before_unload=True)
    wanted = {"auto_play_last_scene": True, "speech_speed": 1.05, "chunk_size": 320}
    until(lambda: wanted.items() <= theater.voice().items(), what="the settings are kept")
