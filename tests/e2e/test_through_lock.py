"""Finished scenes as media: what a phone lets play on when its screen is locked.

No browser here has a lock screen; what is shown is that the same page, controls and marks follow a
media element, which is what a phone lets live.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.doubles import ScriptedLLM, Tells
from tests.e2e.conftest import Theater, recorded, until, watched_page
from tests.e2e.story_page import StoryPage, ended
from tests.e2e.test_stored import PLAYING, hear, hear_from, is_narrated, loudness

FIRST = "That evening the lamp was lit again. Nobody saw who had done it."
SECOND = "In the morning it was cold. The keeper said nothing of it."
CHOSEN = 'localStorage.setItem("rhapsode.playback", \'{"state":{"throughLock":true},"version":0}\')'


@pytest.fixture
def story(theater: Theater) -> int:
    """A story of two scenes that are both narrated."""
    theater.set_voice(auto_play_last_scene=True)
    story = theater.new_story()
    for text in (FIRST, SECOND):
        with ScriptedLLM.in_thread(Tells.text(text)) as llm:
            theater.use_writer(llm)
            theater.write_scene(story)
    until(lambda: is_narrated(theater, story), 30, "both scenes are narrated")
    theater.set_voice(auto_play_last_scene=False)
    return story


@pytest.fixture
def page(context) -> Page:
    page = watched_page(context, scripts=("recorder.js", "media.js"))
    page.add_init_script(CHOSEN)
    return page


def of_element(page: Page, fact: str) -> object:
    """Ask the element that plays."""
    return page.evaluate(f"window.__media.at(-1)?.{fact}")


def plays_past(page: Page, seconds: float) -> None:
    until(lambda: (of_element(page, "currentTime") or 0) > seconds, 15, f"{seconds} s are heard")


def sentence(page: Page):
    return page.get_by_role("slider", name="Sentence")


def test_scenes_play_one_after_another_as_files(page, theater, story):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    StoryPage(page).open(theater.url, story)
    hear(page, 1)
    expect(page.get_by_text(PLAYING)).to_be_visible()
    expect(sentence(page)).to_have_attribute("aria-valuenow", "2", timeout=15_000)
    expect(page.locator("#scene-2 [data-dimmed]")).to_be_visible(timeout=15_000)
    ended(page)
    assert {url.rpartition("/scenes/")[2] for url in asked if "/audio" in url} == {
        "1/audio?format=mp3",
        "2/audio?format=mp3",
    }
    # Nothing came from anywhere else, and one element did it all: a phone allows no second one.
    assert loudness(recorded(page)) == 0
    assert page.evaluate("window.__media.length") == 1
    assert page.errors == []


def test_the_listener_moves_about_as_ever(page, theater, story):
    StoryPage(page).open(theater.url, story)
    hear_from(page, "The keeper said nothing of it.")
    expect(page.get_by_text(PLAYING)).to_be_visible()
    expect(sentence(page)).to_have_attribute("aria-valuenow", "2")
    assert of_element(page, "currentTime") > 1
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert of_element(page, "paused")
    page.get_by_role("button", name="Previous sentence").click()
    page.get_by_role("button", name="Previous sentence").click()
    expect(sentence(page)).to_have_attribute("aria-valuenow", "1")
    assert of_element(page, "paused")
    page.get_by_role("button", name="Play", exact=True).click()
    plays_past(page, 0.2)
    ended(page)
    page.get_by_role("button", name="Play again").click()
    plays_past(page, 0.2)
    expect(sentence(page)).to_have_attribute("aria-valuenow", "1")


def test_a_scene_goes_on_where_the_reader_stopped(page, theater, story):
    StoryPage(page).open(theater.url, story)
    hear_from(page, "Nobody saw who had done it.")
    expect(page.get_by_text(PLAYING)).to_be_visible()
    with page.expect_response(re.compile("/position")) as saved:
        page.get_by_role("button", name="Pause", exact=True).click()
    assert saved.value.ok
    StoryPage(page).open(theater.url, story)
    hear(page, 1)
    expect(page.get_by_text(PLAYING)).to_be_visible()
    expect(sentence(page)).to_have_attribute("aria-valuenow", "2")


def test_sound_that_another_app_took_comes_back_with_a_click(page, theater, story):
    StoryPage(page).open(theater.url, story)
    hear(page, 1)
    plays_past(page, 0.3)
    of_element(page, "pause()")
    page.get_by_role("button", name="Click to hear").click()
    expect(page.get_by_text(PLAYING)).to_be_visible()
    stopped_at = of_element(page, "currentTime")
    plays_past(page, stopped_at + 0.2)


def test_a_file_that_does_not_come_is_told_and_asked_for_again(page, theater, story):
    files = re.compile(r"/audio\?format=mp3")
    page.route(files, lambda route: route.abort())
    StoryPage(page).open(theater.url, story)
    hear(page, 1)
    expect(page.get_by_text("The sound could not be fetched.")).to_be_visible()
    page.unroute(files)
    page.get_by_role("button", name=re.compile("Play|hear", re.I)).first.click()
    plays_past(page, 0.2)
    expect(page.get_by_text("The sound could not be fetched.")).not_to_be_visible()


def test_the_voice_sleeps_at_the_end_of_the_scene(page, theater, story):
    StoryPage(page).open(theater.url, story)
    hear(page, 1)
    page.get_by_role("button", name="Sleep timer").click()
    page.get_by_role("button", name="End of scene").click()
    ended(page)
    expect(page.locator("#scene-2 [data-dimmed]")).not_to_be_visible()
