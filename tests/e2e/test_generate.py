"""The main job: press the button, hear the scene while it is being written."""

import re

import pytest
from playwright.sync_api import expect

from tests.doubles import ScriptedLLM, slow, stepped
from tests.e2e.chaos import ChaosProxy
from tests.e2e.conftest import recorded, until, watched_page
from tests.e2e.story_page import StoryPage, differing_samples, ended

SCENE = (
    "The lamp went out at ten. Nobody in the harbor saw it, for the fog lay thick on the water "
    "that night.\n\n“Who is there?” called Mara. No answer came. Then, slowly, a *door* opened "
    "where no door had ever been, and Dr. Voss stepped out of it."
)


def test_a_scene_is_heard_sample_for_sample_while_it_is_being_written(page, theater):
    """Proves 003-G1, 003-G7, 003-K6; forbids D2, D3, D4 and D7."""
    with ScriptedLLM.in_thread(slow(SCENE, tokens_per_s=25)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story()
        story = StoryPage(page).open(theater.url, story_id).generate("a door opens")
        expect(story.busy_button).to_be_disabled()
        expect(page.get_by_text("Playing narration...")).to_be_visible()
        ended(page)
    session = theater.live_client(story.session_id)
    sequence = [m["seq"] for m in session.of("text_chunk")]
    assert session.of("sentence_started")[0]["seq"] < sequence[-1]
    assert differing_samples(recorded(page), session.sound) == 0
    assert session.text == SCENE
    shown = page.get_by_role("article").inner_text()
    assert "".join(SCENE.split()) in "".join(shown.split())
    [scene] = theater.scenes(story_id)
    assert (scene["content"], scene["status"], scene["prompt"]) == (
        SCENE,
        "complete",
        "a door opens",
    )
    expect(story.generate_button).to_be_enabled()
    assert page.errors == []


def test_the_voice_begins_before_the_model_has_finished(page, theater):
    with ScriptedLLM.in_thread(stepped(SCENE)) as llm:
        theater.use_writer(llm)
        StoryPage(page).open(theater.url, theater.new_story()).generate()
        llm.step(14)
        until(lambda: page.evaluate("window.__heardAnything()"), what="sound")
        expect(page.get_by_text("The lamp went out at ten.")).to_be_visible()
        assert "Dr. Voss" not in page.get_by_role("article").inner_text()
        llm.step(1000)
        expect(page.get_by_role("article")).to_contain_text("Dr. Voss stepped out of it.")


def test_fifteen_lost_connections_and_repeated_frames_are_not_heard(context, theater):
    page = watched_page(context, scripts=("recorder.js", "duplicates.js"))
    port = int(theater.url.rsplit(":", 1)[1])
    chaos = ChaosProxy(port, kills=15, after_bytes=(2_000, 40_000), seed=7)
    with ScriptedLLM.in_thread(slow(SCENE, tokens_per_s=40)) as llm, chaos.running():
        theater.use_writer(llm)
        story = StoryPage(page).open(chaos.url, theater.new_story()).generate()
        ended(page)
        assert chaos.killed == 15, page.get_by_role("main").inner_text()
    session = theater.live_client(story.session_id)
    assert page.evaluate("window.__duplicated") > 0
    assert differing_samples(recorded(page), session.sound) == 0
    assert session.text == SCENE
    assert page.errors == []


def test_stop_silences_at_once_and_keeps_what_was_written(page, theater):
    """Proves 003-K5; forbids D12."""
    with ScriptedLLM.in_thread(slow(SCENE * 20, tokens_per_s=25)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story()
        StoryPage(page).open(theater.url, story_id).generate()
        until(lambda: page.evaluate("window.__heardAnything()"), what="sound")
        page.wait_for_timeout(700)
        clicked_at = page.evaluate(
            """() => { const stop = [...document.querySelectorAll('button')]
                 .find((button) => /^Stop/.test(button.textContent || button.ariaLabel || ''));
               const at = performance.now(); stop.click(); return at; }"""
        )
        page.wait_for_timeout(600)
        assert page.evaluate("window.__lastSound()") - clicked_at <= 100
        until(lambda: llm.completions[0].disconnected, 5, "the model is told")
        [scene] = until(lambda: theater.scenes(story_id))
    assert scene["status"] == "stopped"
    assert (SCENE * 20).startswith(scene["content"])
    expect(page.get_by_role("button", name="Generate Scene with TTS")).to_be_enabled()


@pytest.mark.parametrize("wish", ["a lighthouse keeper finds a door"])
def test_the_built_in_storyteller_needs_nothing(page, theater, wish):
    story_id = theater.new_story()
    StoryPage(page).open(theater.url, story_id).generate(wish)
    until(lambda: page.evaluate("window.__heardAnything()"), what="sound")
    expect(page.get_by_text("Playing narration...")).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text(re.compile("lighthouse|door|keeper"))
