"""A browser that lets no page sound before it is used: one click, and nothing is missed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.doubles import ScriptedLLM, Tells, stepped
from tests.e2e.conftest import recorded, until, watched_page
from tests.e2e.likeness import best_likeness
from tests.e2e.story_page import StoryPage, differing_samples, ended

SCENE = "The lamp went out at ten. Nobody saw it, for the fog lay thick."


class UntouchedPage:
    """Looks at a page without a gesture: Playwright's own questions count as one, and unlock it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._devtools = page.context.new_cdp_session(page)

    def ask(self, expression: str) -> object:
        answer = self._devtools.send(
            "Runtime.evaluate",
            {"expression": expression, "userGesture": False, "returnByValue": True},
        )
        return answer["result"].get("value")

    def shows(self, words: str) -> bool:
        return words in str(self.ask("document.body.innerText"))

    def click_to_hear(self) -> None:
        """Click the button, once it is there and the page has had time to sound without it."""
        button = (
            "[...document.querySelectorAll('button')]"
            ".find((button) => button.textContent.includes('Click to hear'))"
        )
        until(lambda: self.ask(f"!!{button}"), what="the button")
        assert self.shows("Your browser waits for a click before it plays sound.")
        self._page.wait_for_timeout(500)
        assert not self.ask("window.__heardAnything()")
        box = f"{button}.getBoundingClientRect()"
        self._page.mouse.click(self.ask(f"{box}.x + 9"), self.ask(f"{box}.y + 9"))


@pytest.fixture
def events_of(page: Page) -> Callable[[], int]:
    """Counts what the page has been told about the user's stories."""
    told: list[object] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda f: told.append(f)))
    return lambda: len(told)


def test_a_scene_that_is_being_written_is_heard_from_its_first_sample(context, theater):
    with ScriptedLLM.in_thread(stepped(SCENE)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story()
        first = watched_page(context)
        story = StoryPage(first).open(theater.url, story_id).generate()
        llm.step(8)
        expect(first.get_by_role("article")).to_contain_text("The lamp went out at ten.")
        first.close()
        page = watched_page(context)
        page.goto(f"{theater.url}/stories/{story_id}")
        UntouchedPage(page).click_to_hear()
        llm.step(1000)
        ended(page)
    session = theater.live_client(story.session_id)
    assert differing_samples(recorded(page), session.sound) == 0


def test_a_finished_scene_that_wants_to_start_is_heard_from_its_first_sample(
    page, theater, events_of
):
    theater.set_voice(auto_play_last_scene=True)
    with ScriptedLLM.in_thread(Tells.text(SCENE)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story()
        page.goto(f"{theater.url}/stories/{story_id}")
        untouched = UntouchedPage(page)
        until(lambda: untouched.ask("1") and events_of(), what="the page hears of events")
        scene_id = theater.write_scene(story_id)
        untouched.click_to_hear()
    ended(page)
    assert best_likeness(recorded(page), theater.sound_of(scene_id)) > 0.98
    assert page.errors == []
