import pytest

from rhapsode.errors import NotFoundError


@pytest.fixture
def story(stories, ada):
    return stories.create_story(ada.id, title="The Lighthouse", premise="A keeper finds a door.")


@pytest.fixture
def add(stories, ada, story):
    def add(content="Some text.", prompt=""):
        return stories.add_scene(
            ada.id, story.id, prompt=prompt, content=content, status="complete", model="m"
        )

    return add


def test_a_new_story_is_empty(story):
    assert (story.title, story.scene_count, story.word_count) == ("The Lighthouse", 0, 0)
    assert story.created_at.tzinfo is not None


def test_scenes_take_the_next_position(add):
    assert [add().position for _ in range(3)] == [1, 2, 3]


def test_a_scene_keeps_its_text_byte_for_byte(stories, ada, add):
    text = "“Ünïcode” — 海の音。\r\n\ttabs  and 🌊\n"
    assert stories.get_scene(ada.id, add(text).id).content == text


def test_a_story_counts_its_scenes_and_words(stories, ada, story, add):
    add("one two three")
    add("four  five\nsix")
    counted = stories.get_story(ada.id, story.id)
    assert (counted.scene_count, counted.word_count) == (2, 6)
    assert stories.list_stories(ada.id) == [counted]


def test_an_edited_scene_is_counted_again(stories, ada, story, add):
    scene = add("one two")
    stories.update_scene(ada.id, scene.id, content="one two three")
    assert stories.get_story(ada.id, story.id).word_count == 3


def test_the_story_changed_last_comes_first(stories, ada, story, add):
    newer = stories.create_story(ada.id, title="Newer")
    assert [s.id for s in stories.list_stories(ada.id)] == [newer.id, story.id]
    add()
    assert [s.id for s in stories.list_stories(ada.id)] == [story.id, newer.id]


def test_deleting_a_scene_in_the_middle_moves_the_later_ones_up(stories, ada, story, add):
    scenes = [add(f"scene {number}") for number in range(1, 6)]
    stories.delete_scene(ada.id, scenes[1].id)
    left = [(s.position, s.content) for s in stories.list_scenes(ada.id, story.id)]
    assert left == [(1, "scene 1"), (2, "scene 3"), (3, "scene 4"), (4, "scene 5")]
    assert add().position == 5


def test_the_number_of_a_deleted_scene_is_never_given_again(stories, ada, add):
    gone = add()
    stories.delete_scene(ada.id, gone.id)
    assert add().id > gone.id


def test_changing_a_story_leaves_the_rest_alone(stories, ada, story):
    changed = stories.update_story(ada.id, story.id, genre="mystery")
    assert (changed.title, changed.premise, changed.genre) == (
        story.title,
        story.premise,
        "mystery",
    )
    assert changed.updated_at > story.updated_at


def test_deleting_a_story_deletes_its_scenes(stories, ada, story, add):
    scene = add()
    stories.delete_story(ada.id, story.id)
    with pytest.raises(NotFoundError):
        stories.get_scene(ada.id, scene.id)


@pytest.mark.parametrize(
    "touch",
    [
        lambda stories, user, story, scene: stories.get_story(user, story),
        lambda stories, user, story, scene: stories.update_story(user, story, title="mine"),
        lambda stories, user, story, scene: stories.delete_story(user, story),
        lambda stories, user, story, scene: stories.list_scenes(user, story),
        lambda stories, user, story, scene: stories.add_scene(
            user, story, prompt="", content="", status="complete", model=""
        ),
        lambda stories, user, story, scene: stories.get_scene(user, scene),
        lambda stories, user, story, scene: stories.update_scene(user, scene, content="mine"),
        lambda stories, user, story, scene: stories.delete_scene(user, scene),
    ],
)
def test_what_belongs_to_somebody_else_does_not_exist(touch, stories, bob, story, add):
    scene = add()
    with pytest.raises(NotFoundError) as foreign:
        touch(stories, bob.id, story.id, scene.id)
    with pytest.raises(NotFoundError) as unknown:
        touch(stories, bob.id, 999, 999)
    assert type(foreign.value) is type(unknown.value)
    assert stories.list_stories(bob.id) == []
