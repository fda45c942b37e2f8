"""A speech server that is away: what the page says, and how a reader gets on when it is back."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.doubles import ScriptedLLM, Tells
from tests.e2e.conftest import opened_theater, recorded, until
from tests.e2e.likeness import best_likeness
from tests.e2e.story_page import StoryPage
from tests.speech_server import SpeechServer, speaks

SCENE = "The lamp went out at ten. Nobody saw it."


@pytest.fixture
def theater(tmp_path):
    """A server that does not wait before it tries again."""
    with opened_theater(tmp_path, narration_retry_s=0) as theater:
        yield theater


@pytest.fixture
def speech(theater):
    """The reader's speech server: chosen, and then switched off."""
    server = SpeechServer(speaks("pcm", seconds=0.7))
    theater.run(server.__aenter__())
    theater.set_voice(tts_provider_type="openai", tts_api_url=server.base_url)
    theater.run(server.__aexit__())
    yield server
    theater.run(server.__aexit__())


@pytest.fixture
def story_id(page, theater, speech):
    """A story that is open in the browser, with a model that writes its scene at once."""
    with ScriptedLLM.in_thread(Tells.text(SCENE)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story()
        StoryPage(page).open(theater.url, story_id)
        yield story_id
    assert page.errors == []


def write_scene(page: Page) -> None:
    page.get_by_role("button", name="Write without audio").click()
    expect(page.get_by_text(SCENE)).to_be_visible()


def reason(page: Page, speech: SpeechServer) -> Locator:
    """The page says why, in words that name the server and the way out."""
    alert = page.get_by_role("article").get_by_role("alert")
    expect(alert).to_contain_text(f"No answer from {speech.base_url}. Is the server running?")
    return alert


def test_what_failed_in_the_background_is_narrated_by_a_click_once_the_engine_is_back(
    page, theater, speech, story_id
):
    theater.set_voice(auto_play_last_scene=True)
    write_scene(page)
    alert = reason(page, speech)
    alert.get_by_role("button", name="Try again").click()
    # Too early: the reason comes again, and the scene keeps it and the button.
    expect(page.get_by_text(f"No answer from {speech.base_url}.")).to_have_count(2)
    theater.run(speech.__aenter__())
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)

    def narrated() -> bool:
        [scene] = theater.scenes(story_id)
        return scene["narration"]["status"] == "complete"

    until(narrated, what="the scene is narrated")
    expect(page.get_by_text("Narrating")).to_have_count(0)


def test_what_failed_while_it_was_waited_for_is_heard_by_a_click_once_the_engine_is_back(
    page, theater, speech, story_id
):
    write_scene(page)
    page.get_by_role("button", name="Hear scene 1").click()
    alert = reason(page, speech)
    theater.run(speech.__aenter__())
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Play again")).to_be_visible(timeout=30_000)
    expect(alert).to_have_count(0)
    [scene] = theater.scenes(story_id)
    assert best_likeness(recorded(page), theater.sound_of(scene["id"])) > 0.98
