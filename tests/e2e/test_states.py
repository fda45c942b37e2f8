"""Every state of the page, at desktop and phone width: looked at by axe, and kept as pictures."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rhapsode.settings import REPOSITORY
from tests.doubles import (
    ScriptedLLM,
    cut,
    empty,
    garbage,
    html_page,
    refuses,
    slow,
)
from tests.e2e.conftest import until, watched_page
from tests.e2e.story_page import StoryPage
from tests.e2e.test_generate import SCENE

AXE = REPOSITORY / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(__file__).parent / "screenshots"
SIZES = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}


def look(page: Page, name: str) -> None:
    """Keep a picture, and let axe look for what a person with a screen reader would trip over."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    found = page.evaluate("async () => (await window.axe.run()).violations")
    serious = [v["id"] for v in found if v["impact"] in {"serious", "critical"}]
    assert serious == [], [(v["id"], [n["html"] for n in v["nodes"]]) for v in found]


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")])
def visit(request, browser):
    """A page of one size and color scheme, and the way to look at it."""
    size, scheme = request.param
    context = browser.new_context(
        viewport=SIZES[size],
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page = watched_page(context)
    page.add_init_script(path=AXE)
    yield page, lambda name: look(page, f"{name}-{size}-{scheme}")
    assert page.errors == []
    context.close()


def test_the_empty_library_and_the_settings_are_for_everybody(visit, theater):
    page, look_at = visit
    page.goto(theater.url)
    expect(page.get_by_role("button", name="Start a sample story")).to_be_visible()
    look_at("library-empty")
    for tab in ("voice", "writer", "account", "about"):
        page.goto(f"{theater.url}/settings/{tab}")
        expect(page.get_by_role("dialog")).to_be_visible()
        look_at(f"settings-{tab}")


def test_the_voices_are_for_everybody_in_every_state(visit, theater):
    page, look_at = visit
    page.goto(f"{theater.url}/settings/voice")
    longest = page.get_by_label("Longest piece")
    longest.fill("5000")
    longest.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Longest piece must be at most 500")
    look_at("settings-voice-refused")
    page.get_by_role("button", name="All voices").click()
    look_at("settings-voices")
    search = page.get_by_role("searchbox")
    search.fill("qwertz")
    expect(page.get_by_text("No voice matches “qwertz”.")).to_be_visible()
    look_at("settings-voices-none")
    page.get_by_role("button", name="Voice settings").click()
    page.get_by_role("switch", name="Read stories aloud").click()
    expect(page.get_by_label("Speaking pace")).to_be_disabled()
    look_at("settings-voice-off")


def test_a_story_is_for_everybody_in_every_state(visit, theater):
    page, look_at = visit
    with ScriptedLLM.in_thread(slow(SCENE, tokens_per_s=30)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story("The Lighthouse", "Mara keeps a light where nothing happens.")
        story = StoryPage(page).open(theater.url, story_id)
        look_at("story-new")
        story.generate()
        expect(page.get_by_text("Playing narration...")).to_be_visible()
        look_at("story-live")
        expect(page.get_by_text("stepped out of it.")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Pause", exact=True).click()
        look_at("story-paused")
        page.get_by_role("button", name=re.compile("^(Timings|More)$")).click()
        expect(page.get_by_text(re.compile(r"^after 0\.\d+ s$")).first).to_be_visible()
        expect(page.get_by_text("real time")).to_be_visible()
        look_at("story-timings")
        page.keyboard.press("Escape")
        page.goto(theater.url)
        expect(page.get_by_role("link", name=re.compile("The Lighthouse"))).to_be_visible()
        look_at("library")


def test_a_story_in_any_script_is_set_without_sideways_scrolling(visit, theater):
    page, look_at = visit
    text = "كان الفنار مظلما. من هناك؟ 門が開いた。彼は入った。 " + "Donaudampfschifffahrt" * 6
    with ScriptedLLM.in_thread(slow(text, tokens_per_s=200)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story("فنار في الضباب")
        StoryPage(page).open(theater.url, story_id).generate()
        until(lambda: theater.scenes(story_id), what="the scene is saved")
        look_at("story-scripts")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (refuses(401), "key"),
        (refuses(429), "busy|wait|limit|many"),
        (refuses(500), "500|failed|error"),
        (html_page(), "OpenAI|stream|answer"),
        (garbage("The lamp"), "understand|stream|answer|read"),
        (empty(), "nothing|empty|without"),
    ],
)
def test_a_model_that_fails_is_told_in_words_with_a_way_out(page, theater, reply, words):
    """Proves 003-G9 and 003-G15."""
    with ScriptedLLM.in_thread(reply) as llm:
        theater.use_writer(llm)
        StoryPage(page).open(theater.url, theater.new_story()).generate("a door")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text(re.compile(words, re.I))
        again = alert.get_by_role("button", name=re.compile("^(Try|Write) again$"))
        expect(again).to_be_visible()
        expect(page.get_by_role("button", name="Generate Scene with TTS")).to_be_enabled()
    assert page.errors == []


@pytest.mark.parametrize("way", ["Generate Scene with TTS", "Write without audio"])
def test_a_writer_that_breaks_off_is_told_once_at_the_end_of_what_it_wrote(page, theater, way):
    """Proves 003-G9 and 003-G15."""
    with ScriptedLLM.in_thread(cut(SCENE)) as llm:
        theater.use_writer(llm)
        StoryPage(page).open(theater.url, theater.new_story())
        prompt = page.get_by_role("textbox", name=re.compile("what happens next", re.I))
        prompt.fill("a door")
        page.get_by_role("button", name=way).click()
        scene = page.get_by_role("region", name="Scene 1")
        alert = scene.get_by_role("alert")
        expect(alert).to_contain_text("The text so far is kept.")
        expect(alert.get_by_role("button", name="Write again")).to_be_visible()
        in_short = page.get_by_text("The writer broke off here.")
        expect(in_short).to_have_count(0)
        expect(page.get_by_role("alert")).to_have_count(1)
        page.get_by_role("button", name="Dismiss").click()
        expect(in_short).to_be_visible()
        scene.get_by_role("button", name="Write again").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Write again").click()
        expect(prompt).to_have_value("a door")
        expect(scene).to_have_count(0)
    assert page.errors == []


def test_a_model_that_is_not_there_is_named_with_its_address(page, theater):
    with ScriptedLLM.in_thread() as llm:
        theater.use_writer(llm)
        address = llm.base_url
    StoryPage(page).open(theater.url, theater.new_story()).generate()
    expect(page.get_by_role("alert")).to_contain_text(address)
