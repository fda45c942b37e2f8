"""A client of the JSON dialect, in a real browser."""

from tests.doubles import ScriptedLLM, Tells
from tests.e2e.conftest import HERE
from tests.e2e.test_generate import SCENE


def test_a_client_of_the_json_dialect_completes_a_scene_and_plays_every_clip(page, theater):
    """Proves 003-G3 to 003-G8, 003-G10, 003-K3."""
    with ScriptedLLM.in_thread(Tells.text(SCENE)) as llm:
        theater.use_writer(llm)
        story_id = theater.new_story()
        page.goto(f"{theater.url}/stories/{story_id}")
        page.mouse.click(5, 5)
        hook = (HERE / "seed_hook.js").read_text().split("\n", 1)[1]
        seen = page.evaluate(hook, {"storyId": story_id, "prompt": "a door"})
    assert seen["session"]
    assert seen["text"] == SCENE
    assert [number for number, _, _ in seen["chunks"]] == list(range(len(seen["chunks"])))
    assert {form for _, _, form in seen["chunks"]} == {"mp3"}
    joined = "".join("".join(text.split()) for _, text, _ in seen["chunks"])
    assert joined == "".join(SCENE.split())
    assert seen["played"] == len(seen["chunks"])
    assert seen["failed"] == 0
    assert seen["events"][:2] == ["connected", "generation_started"]
    assert seen["events"][-1] == "generation_complete"
    complete = seen["complete"]
    assert complete["total_length"] == len(SCENE)
    assert complete["total_sentences"] == len(seen["chunks"])
    [scene] = theater.scenes(story_id)
    assert scene["id"] == complete["scene_id"]
