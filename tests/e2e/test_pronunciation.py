"""A name is said another way, and stays on the page as it was written."""

from playwright.sync_api import expect

from tests.doubles import ScriptedLLM, Tells
from tests.e2e.conftest import recorded, until
from tests.e2e.story_page import StoryPage

SCENE = "Siobhan opened the door."


def test_a_saved_entry_is_heard_and_the_scene_shows_what_was_written(page, theater):
    with ScriptedLLM.in_thread(Tells.text(SCENE)) as llm:
        theater.use_writer(llm)
        story = StoryPage(page).open(theater.url, theater.new_story())
        page.get_by_role("button", name="Pronunciation").click()
        page.get_by_label("Written").fill("Siobhan")
        page.get_by_label("Spoken").fill("Shivawn")
        with page.expect_response("**/api/tts/preview") as heard:
            page.get_by_role("button", name="Hear Siobhan").click()
        assert (heard.value.ok, heard.value.request.post_data_json["text"]) == (True, "Shivawn")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("dialog")).to_have_count(0)

        story.generate()
        expect(page.get_by_text(SCENE)).to_be_visible()
        until(lambda: abs(recorded(page)).max(initial=0) > 0.01, 10, "the scene sounds")
    assert page.errors == []
