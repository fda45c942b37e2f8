"""What a chat model is told."""

from rhapsode.llm.prompt import ScenePrompt, render_messages

FULL = ScenePrompt(
    title="The Light",
    premise="A keeper and a door.",
    genre="gothic",
    style="terse",
    earlier=("Scene one.", "Scene two."),
    instruction="The door opens.",
    scene_number=3,
    seed=1,
)


def test_the_craft_comes_first_and_the_story_second():
    system, user = render_messages(FULL)
    assert (system.role, user.role) == ("system", "user")
    assert "only its prose" in system.content
    assert "150 to 400 words" in system.content


def test_the_story_is_told_in_order_and_ends_with_the_wish():
    user = render_messages(FULL)[1].content
    order = ["The Light", "A keeper", "gothic", "terse", "Scene one.", "Scene two.", "scene 3"]
    places = [user.index(part) for part in order]
    assert places == sorted(places)
    assert user.endswith("The door opens.")


def test_what_nobody_said_is_left_out():
    user = render_messages(ScenePrompt("", " ", "", "", (), "", 1, 0))[1].content
    assert user == "Write scene 1. The wish for this scene:\nOpen the story."


def test_without_a_wish_the_story_goes_on():
    prompt = ScenePrompt("", "", "", "", ("Once.",), "  ", 2, 0)
    assert render_messages(prompt)[1].content.endswith("Continue the story.")
