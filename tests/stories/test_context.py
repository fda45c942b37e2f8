from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.stories.context import build_prompt, cut_beginning
from rhapsode.stories.records import Scene, Story

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STORY = Story(1, "Title", "Premise", None, "terse", NOW, NOW, 0, 0)


def scenes(*texts):
    return [
        Scene(n, 1, n, "", text, "complete", "m", NOW, NOW) for n, text in enumerate(texts, start=1)
    ]


def earlier(texts, budget_tokens):
    return build_prompt(STORY, scenes(*texts), "", budget_tokens, seed=1).earlier


def test_the_first_scene_is_told_the_story_and_nothing_else():
    prompt = build_prompt(STORY, [], "Open with rain.", 1000, seed=7)
    assert (prompt.title, prompt.premise, prompt.genre, prompt.style) == (
        "Title",
        "Premise",
        "",
        "terse",
    )
    assert (prompt.instruction, prompt.scene_number, prompt.seed) == ("Open with rain.", 1, 7)
    assert prompt.earlier == ()


def test_scenes_that_fit_are_told_whole_and_in_order():
    assert earlier(["One.", "Two.", "Three."], 100) == ("One.", "Two.", "Three.")


def test_the_newest_scenes_fill_the_budget_first():
    assert earlier(["a" * 40, "b" * 40, "c" * 40], 20) == ("b" * 40, "c" * 40)


def test_the_oldest_scene_told_loses_its_beginning_at_a_sentence():
    old = "It rained all night. She waited. The door opened."
    assert earlier([old, "x" * 60], 24) == ("She waited. The door opened.", "x" * 60)


def test_the_scene_number_follows_the_last_one():
    assert build_prompt(STORY, scenes("a", "b"), "", 10, seed=1).scene_number == 3


@pytest.mark.parametrize(
    ("text", "limit", "end"),
    [
        ("Short.", 10, "Short."),
        ("First. Second.", 7, "Second."),
        ("First. Second.", 8, "Second."),
        ("A heading\n\nThe text", 10, "The text"),
        ("“No!” he said. “Yes.”", 7, "“Yes.”"),
        ("雨が降る。夜になる。", 5, "夜になる。"),
        ("one endless sentence without an end", 10, ""),
    ],
)
def test_a_beginning_is_cut_where_a_sentence_starts(text, limit, end):
    assert cut_beginning(text, limit) == end


@given(st.lists(st.text(alphabet="ab .!?\n", max_size=60), max_size=6), st.integers(1, 40))
def test_what_is_told_fits_and_ends_as_the_story_does(texts, budget):
    told = earlier(texts, budget)
    assert sum(map(len, told)) <= budget * 4
    assert all(any(text.endswith(part) for text in texts) for part in told)
