"""The player bar and the keyboard, on a scene that is being told."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.doubles import ScriptedLLM, Tells, slow
from tests.e2e.conftest import recorded, until
from tests.e2e.story_page import StoryPage
from tests.e2e.test_generate import SCENE


@pytest.fixture
def told(page: Page, theater):
    """A scene that was written at once and is being heard."""
    with ScriptedLLM.in_thread(Tells.text(SCENE)) as llm:
        theater.use_writer(llm)
        StoryPage(page).open(theater.url, theater.new_story()).generate()
        expect(page.get_by_text("Playing narration...")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator("body").click(position={"x": 2, "y": 300})
        yield page


def silent_ms(page: Page) -> float:
    return page.evaluate("performance.now() - window.__lastSound()")


def test_space_pauses_and_goes_on(told):
    """Proves 003-U3: a listener can pause."""
    told.keyboard.press("Space")
    expect(told.get_by_role("button", name="Play")).to_be_visible()
    told.wait_for_timeout(400)
    assert silent_ms(told) > 200
    told.keyboard.press("Space")
    until(lambda: silent_ms(told) < 100, 3, "sound after the pause")


def test_arrows_and_clicks_go_from_sentence_to_sentence(told):
    position = told.get_by_role("slider", name="Sentence")
    before = position.get_attribute("aria-valuenow")
    told.keyboard.press("ArrowRight")
    until(lambda: position.get_attribute("aria-valuenow") != before, 3, "the next sentence")
    told.get_by_text("No answer came.").click()
    until(lambda: "No answer came." in spoken(told), 5, "the clicked sentence is spoken")


def spoken(page: Page) -> str:
    """Return the sentence that carries the highlight."""
    return page.evaluate(
        """() => [...CSS.highlights].filter(([name]) => /sentence|spoken/.test(name))
             .flatMap(([, highlight]) => [...highlight])
             .map((range) => range.toString()).join(' ')"""
    )


def test_the_spoken_sentence_and_word_are_lit(told):
    until(lambda: "Nobody in the harbor" in spoken(told), 10, "the second sentence is lit")
    words = told.evaluate("[...CSS.highlights.keys()]")
    assert len(words) >= 2


def test_another_speed_keeps_the_scene_going(told):
    told.keyboard.press("]")
    expect(told.get_by_role("button", name=re.compile("Speed"))).not_to_have_text("1×")
    expect(told.get_by_role("button", name="Play again")).to_be_visible(timeout=40_000)


def test_the_list_of_keys_is_one_key_away(told):
    told.keyboard.press("?")
    expect(told.get_by_role("dialog")).to_contain_text(re.compile("sentence", re.I))


def test_keys_do_nothing_while_typing(page, theater):
    with ScriptedLLM.in_thread(slow(SCENE)) as llm:
        theater.use_writer(llm)
        StoryPage(page).open(theater.url, theater.new_story())
        box = page.get_by_role("textbox", name=re.compile("what happens next", re.I))
        box.press_sequentially("g s m ? a lamp")
        expect(box).to_have_value("g s m ? a lamp")
        assert llm.completions == []
    assert len(recorded(page)) == 0


def test_a_prompt_that_is_too_long_is_refused_before_it_is_sent(page, theater):
    StoryPage(page).open(theater.url, theater.new_story())
    box = page.get_by_role("textbox", name=re.compile("what happens next", re.I))
    box.fill("x" * 8001)
    expect(page.get_by_text(re.compile("8,000"))).to_be_visible()
    expect(page.get_by_role("button", name="Generate Scene with TTS")).to_be_disabled()
