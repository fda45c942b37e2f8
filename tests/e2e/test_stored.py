"""Finished scenes: they are narrated, start by themselves, and are heard again."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.doubles import ScriptedLLM, Tells
from tests.e2e.conftest import Theater, recorded, until, watched_page
from tests.e2e.likeness import best_likeness
from tests.e2e.story_page import StoryPage

FIRST = (
    "That evening the lamp was lit again. Nobody saw who had done it. "
    "The harbor lay in its light until the morning came over the hills, and it was cold."
)
SECOND = "In the morning it was very cold. The keeper said nothing of it."
PLAYING = "Playing narration..."


@pytest.fixture
def writer(theater: Theater):
    """A model that writes a scene the moment it is asked."""
    with ScriptedLLM.in_thread(Tells.text(FIRST)) as llm:
        theater.use_writer(llm)
        yield llm


def write_scene(page: Page) -> None:
    page.get_by_role("button", name="Write without audio").click()


def player(page: Page):
    return page.get_by_role("region", name="Player")


def hear(page: Page, scene: int) -> None:
    page.get_by_role("button", name=f"Hear scene {scene}").click()


def hear_from(page: Page, sentence: str) -> None:
    # Before the page knows a scene's sentences, its text is nothing to click on.
    expect(page.get_by_role("group", name=re.compile("Enter reads from there"))).to_have_count(2)
    page.get_by_text(sentence).click()


def loudness(samples: np.ndarray) -> float:
    return float(np.abs(samples).max(initial=0))


class TestAutoPlay:
    def test_a_finished_scene_starts_by_itself(self, page, theater, writer):
        """Proves 003-F2, 003-F4, 003-F6."""
        theater.set_voice(auto_play_last_scene=True)
        StoryPage(page).open(theater.url, theater.new_story())
        write_scene(page)
        expect(page.get_by_text(PLAYING)).to_be_visible()
        until(lambda: loudness(recorded(page)) > 0.01, 10, "the scene sounds")
        assert page.errors == []

    def test_it_stays_silent_when_nobody_wished_for_it(self, page, theater, writer):
        theater.set_voice(auto_play_last_scene=False)
        StoryPage(page).open(theater.url, theater.new_story())
        write_scene(page)
        expect(page.get_by_text(FIRST)).to_be_visible()
        page.wait_for_timeout(3000)
        expect(player(page)).not_to_be_visible()
        assert loudness(recorded(page)) == 0

    def test_of_two_tabs_the_one_used_last_plays(self, context, theater, writer):
        theater.set_voice(auto_play_last_scene=True)
        story = theater.new_story()
        pages = [watched_page(context) for _ in range(2)]
        for page in pages:
            StoryPage(page).open(theater.url, story)
        first, second = pages
        write_scene(first)
        expect(first.get_by_text(PLAYING)).to_be_visible()
        # The other one has heard of it as well: it shows the scene.
        expect(second.get_by_text(FIRST)).to_be_visible()
        second.wait_for_timeout(1500)
        assert loudness(recorded(second)) == 0

    def test_the_news_comes_after_a_lost_connection(self, page, theater, writer):
        """Proves 003-F8."""
        theater.set_voice(auto_play_last_scene=True)
        lost = LostConnections()
        page.route_web_socket(re.compile("/ws/events"), lost.admit)
        story = theater.new_story()
        StoryPage(page).open(theater.url, story)
        # Asking the page comes first: what passes between it and the server is handled meanwhile.
        until(lambda: page.title() and lost.greetings, 10, "the page knows where events begin")
        lost.lose()
        write_scene(page)
        expect(page.get_by_text(FIRST)).to_be_visible()
        until(lambda: is_narrated(theater, story), 20, "the scene is narrated")
        page.wait_for_timeout(300)
        expect(player(page)).not_to_be_visible()
        lost.restore()
        expect(page.get_by_text(PLAYING)).to_be_visible(timeout=20_000)


class LostConnections:
    """Stands between the page and its events."""

    def __init__(self) -> None:
        self.greetings = 0
        self._open: list[WebSocketRoute] = []
        self._is_lost = False

    def admit(self, socket: WebSocketRoute) -> None:
        if self._is_lost:
            socket.close()
            return
        self._open.append(socket)
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            self.greetings += 1
            socket.send(message)

        server.on_message(pass_on)

    def lose(self) -> None:
        self._is_lost = True
        for socket in self._open:
            socket.close()

    def restore(self) -> None:
        self._is_lost = False


def is_narrated(theater: Theater, story: int) -> bool:
    scenes = theater.scenes(story)
    return bool(scenes) and all((s["narration"] or {}).get("status") == "complete" for s in scenes)


@pytest.fixture
def story(theater: Theater):
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


class TestHearingAgain:
    def test_a_stored_scene_sounds_as_it_is_stored(self, page, theater, story):
        StoryPage(page).open(theater.url, story)
        hear(page, 2)
        expect(page.get_by_role("button", name="Play again")).to_be_visible(timeout=30_000)
        stored = theater.sound_of(theater.scenes(story)[1]["id"])
        assert best_likeness(recorded(page), stored) > 0.98

    def test_a_scene_without_audio_is_heard_and_paused_by_the_button_at_its_head(
        self, page, theater, writer
    ):
        StoryPage(page).open(theater.url, theater.new_story())
        write_scene(page)
        button = page.get_by_role("region", name="Scene 1").get_by_role(
            "button", name=re.compile("^(Hear|Pause) scene 1$")
        )
        button.press("Enter")
        expect(page.get_by_text(PLAYING)).to_be_visible()
        expect(button).to_have_text("Pause")
        button.press("Enter")
        expect(button).to_have_text("Hear")
        expect(page.get_by_text("Paused", exact=True)).to_be_visible()
        expect(button).to_be_focused()
        button.press("Enter")
        expect(page.get_by_role("button", name="Play again")).to_be_visible(timeout=30_000)
        expect(button).to_have_text("Hear")

    def test_one_scene_follows_the_other(self, page, theater, story):
        StoryPage(page).open(theater.url, story)
        hear(page, 1)
        expect(page.locator("#scene-2 [data-dimmed]")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("button", name="Play again")).to_be_visible(timeout=30_000)

    def test_any_sentence_of_any_scene_can_be_the_first(self, page, theater, story):
        StoryPage(page).open(theater.url, story)
        hear_from(page, "The keeper said nothing of it.")
        expect(page.get_by_text(PLAYING)).to_be_visible()
        expect(page.get_by_role("slider", name="Sentence")).to_have_attribute("aria-valuenow", "2")

    def test_a_scene_goes_on_where_the_reader_stopped(self, page, theater, story):
        StoryPage(page).open(theater.url, story)
        hear_from(page, "Nobody saw who had done it.")
        expect(page.get_by_text(PLAYING)).to_be_visible()
        with page.expect_response(re.compile("/position")) as saved:
            page.get_by_role("button", name="Pause", exact=True).click()
        assert saved.value.ok
        page.goto(theater.url)
        expect(page.get_by_text("Just begun")).to_be_visible()
        StoryPage(page).open(theater.url, story)
        hear(page, 1)
        expect(page.get_by_role("slider", name="Sentence")).to_have_attribute("aria-valuenow", "2")

    def test_the_voice_sleeps_at_the_end_of_the_scene(self, page, theater, story):
        StoryPage(page).open(theater.url, story)
        hear(page, 1)
        page.get_by_role("button", name="Sleep timer").click()
        page.get_by_role("button", name="End of scene").click()
        expect(page.get_by_role("button", name="Play again")).to_be_visible(timeout=30_000)
        expect(page.locator("#scene-2 [data-dimmed]")).not_to_be_visible()
        expect(page.get_by_role("button", name="Sleep timer, off")).to_be_visible()

    def test_a_scene_that_was_never_narrated_is_when_somebody_wants_to_hear_it(
        self, page, theater, writer
    ):
        story = theater.new_story()
        StoryPage(page).open(theater.url, story)
        write_scene(page)
        expect(page.get_by_text(FIRST)).to_be_visible()
        hear(page, 1)
        expect(page.get_by_text(PLAYING)).to_be_visible()
        until(lambda: is_narrated(theater, story), 20, "the scene is narrated")

    def test_a_lock_screen_shows_scene_and_story(self, page, theater, story):
        StoryPage(page).open(theater.url, story)
        hear(page, 2)
        expect(page.get_by_text(PLAYING)).to_be_visible()
        shown = page.evaluate(
            "(({metadata, playbackState}) => [metadata.title, metadata.artist, playbackState])"
            "(navigator.mediaSession)"
        )
        assert shown == ["Scene 2", "The Lighthouse", "playing"]
