"""The built-in storyteller: readable, varied, coherent, and always the same for the same prompt."""

import asyncio
import itertools
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhapsode.llm.prompt import ScenePrompt
from rhapsode.llm.storyteller import Storyteller
from rhapsode.llm.tales import beats, places
from rhapsode.llm.tales.scene import compose
from rhapsode.llm.tales.vocabulary import HE_NAMES, SHE_NAMES

SEEDS = range(200)
KEEPER = "a lighthouse keeper finds a door"


def prompt(
    instruction: str = KEEPER,
    *,
    seed: int = 0,
    earlier: tuple[str, ...] = (),
    premise: str = "",
    genre: str = "",
    number: int | None = None,
) -> ScenePrompt:
    scene_number = number or len(earlier) + 1
    return ScenePrompt("", premise, genre, "", earlier, instruction, scene_number, seed)


def story(seed: int, instructions: tuple[str, ...]) -> tuple[str, ...]:
    scenes: tuple[str, ...] = ()
    for instruction in instructions:
        scenes += (compose(prompt(instruction, seed=seed, earlier=scenes)),)
    return scenes


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r'(?<=[.!?])["\']?\s+', text) if s]


def names_in(text: str) -> set[str]:
    return {name for name in SHE_NAMES + HE_NAMES if re.search(rf"\b{name}\b", text)}


def assert_well_formed(text: str) -> None:
    assert 150 <= len(text.split()) <= 400, len(text.split())
    for flaw in ("{", "}", "[", "]", "  ", " ,", " .", ",,", ",.", "..", " \n", "None", "\n\n\n"):
        assert flaw not in text, (flaw, text)
    assert not re.search(r"\b(\w+) \1\b", text.replace("had had", "")), text
    assert not re.search(r"\b[Aa] [aeio]\w+", text), text
    assert not re.search(r"\b[Aa]n [^aeiouh\W]", text), text
    assert text.count('"') % 2 == 0
    paragraphs = text.split("\n\n")
    assert len(paragraphs) >= 7
    for paragraph in paragraphs:
        assert paragraph[0].isupper() or paragraph[0] == '"', paragraph
        assert re.search(r'[.!?]"?$', paragraph), paragraph
    assert not re.search(r'[.!?]"? [a-z]', re.sub(r'[!?]" [a-z]', "", text)), text


@pytest.mark.parametrize("seed", SEEDS)
def test_every_scene_is_well_formed(seed: int):
    for scene in story(seed, (KEEPER, "", "A stranger brings an old map", "They tell the truth")):
        assert_well_formed(scene)
        told = [s for s in sentences(scene) if len(s.split()) > 3]
        assert len(told) == len(set(told))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_wish_shapes_the_scene(seed: int):
    scene = compose(prompt(seed=seed))
    assert scene.count("door") >= 3
    assert "the lighthouse keeper," in scene
    assert "the lighthouse" in scene.replace("the lighthouse keeper", "")


@pytest.mark.parametrize(
    ("instruction", "word"),
    [
        ("dragons attack the village", "dragons"),
        ("Mara opens the letter from her brother", "Mara"),
        ("Detective Alma Reyes interrogates the butler", "the butler,"),
        ("A robot learns to paint on Mars", "the robot"),
        ("Let them argue about the inheritance", "the inheritance"),
        ("An old umbrella begins to talk", "old umbrella"),
        ("the ship's android refuses an order", "the ship's android"),
        ("an hourglass runs backward", "the hourglass"),
        ("Make it rain", "Make it rain"),
        ("betrayal!!! and then, " + "very " * 30 + "late, forgiveness", "betrayal"),
    ],
)
def test_the_wishs_own_words_are_heard(instruction: str, word: str):
    for seed in range(20):
        scene = compose(prompt(instruction, seed=seed))
        assert word.lower() in scene.lower()
        assert_well_formed(scene)


@pytest.mark.parametrize("seed", SEEDS)
def test_names_places_and_things_persist(seed: int):
    first, second, third = story(seed, (KEEPER, "", "a stranger brings an old map"))
    hero = re.search(r"(\w+), the lighthouse keeper,", first)
    assert hero is not None
    for later in (second, third):
        assert hero.group(1) in later
        assert "the lighthouse keeper" not in later.replace('"A lighthouse keeper', "")
        assert not any(place.name in later for place in places() if "lighthouse" not in place.name)
    assert names_in(first) == names_in(second) == names_in(third)
    assert len(names_in(first)) == 2
    assert "door" in second
    assert "map" in third


def test_names_of_other_peoples_scenes_persist_with_their_pronouns():
    earlier = (
        "Yusuf lowered his lantern. In the tunnel, Yusuf heard Ginevra laugh. She had her coat on, "
        "and Yusuf wished that he had brought his own. Ginevra took the copper box from him.",
    )
    for seed in range(20):
        scene = compose(prompt("", seed=seed, earlier=earlier))
        assert "Yusuf" in scene
        assert "Ginevra" in scene
        assert not re.search(r"Yusuf (\w+ )?her\b", scene)


def test_the_premise_speaks_when_the_wish_is_silent():
    for seed in range(20):
        scene = compose(prompt("", seed=seed, premise="Orla guards a silver gate in the desert."))
        assert "Orla" in scene
        assert "silver gate" in scene
        assert "the desert town" in scene or "desert" not in scene


@pytest.mark.parametrize(
    ("genre", "expected"),
    [("science fiction", {"the station"}), ("Western", {"the village inn", "the desert town"})],
)
def test_the_genre_chooses_the_place(genre: str, expected: set[str]):
    for seed in range(20):
        scene = compose(prompt("", seed=seed, genre=genre))
        assert not any(p.name in scene for p in places() if p.name not in expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_seeds_differ_in_most_sentences(seed: int):
    one, two = (set(sentences(compose(prompt(seed=s)))) for s in (seed, seed + 1))
    assert len(one & two) < min(len(one), len(two)) / 2


def test_the_same_prompt_gives_the_same_scene():
    assert compose(prompt(seed=5)) == compose(prompt(seed=5))


def test_a_long_story_keeps_its_form_and_does_not_repeat_itself_soon():
    scenes = story(3, (KEEPER, "", "", "", "", "", "", ""))
    for scene in scenes:
        assert_well_formed(scene)
    for one, two in itertools.pairwise(scenes):
        shared = {s for s in sentences(one) if len(s.split()) > 6} & set(sentences(two))
        assert len(shared) <= 2


HOSTILE = [
    "",
    "   \n\t ",
    "\N{DRAGON}\N{FIRE} \N{CROSSED SWORDS}",
    "a lighthouse keeper finds a door. " * 240,
    "word " * 1600,
    "x" * 8000,
    "守灯人发现了一扇门",
    "смотритель маяка находит дверь",
    "حارس المنارة يجد بابا",
    'She said "hello {name}" and [hero] left \\1 \\g<0> %s {{}} </script>',
    "'''\"\"\"''' -- -- '' ' \" the ' a - an",
    "a a a the the an an",
    "THE DOOR IS LOCKED AND NOBODY KNOWS",
    "\x00\x1b[31m a red\x00 door",
    "the",
    "A",
    "the \N{COMBINING ACUTE ACCENT} door",
    "a, b; c: d? e! f.",
    "# Heading\n\n- a list\n- **bold** door\n\n```code```",
    "None",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_prompts_still_give_a_scene(text: str):
    for seed in range(5):
        assert_well_formed(compose(prompt(text, seed=seed)))
        assert_well_formed(compose(prompt("", seed=seed, premise=text, genre=text)))
        assert_well_formed(compose(prompt(text, seed=seed, earlier=(text, text))))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.integers())
def test_no_text_breaks_the_storyteller(instruction: str, premise: str, seed: int):
    scene = compose(prompt(instruction, seed=seed, premise=premise, earlier=(premise,)))
    assert 150 <= len(scene.split()) <= 400
    assert "[" not in scene


def test_every_slot_in_the_material_can_be_filled():
    slots_of_a_scene = (
        "hero he him his himself friend o_he o_him o_his place keepsake thing a_thing it them was "
        "has old light sound air spot gist words"
    )
    known = set(slots_of_a_scene.split())
    for variants in beats().values():
        for variant in variants:
            slots = {slot.lower() for slot in re.findall(r"\[(\w+)\]", variant)}
            assert slots <= known, variant
            assert not re.search(r"[\[\]]", re.sub(r"\[\w+\]", "", variant))


async def test_the_deltas_are_token_like_and_add_up_to_the_scene():
    deltas = [delta async for delta in Storyteller(tokens_per_s=None).write(prompt(seed=9))]
    assert "".join(deltas) == compose(prompt(seed=9))
    assert all(1 <= len(delta.strip()) <= 6 for delta in deltas)
    assert len(deltas) > 250


async def test_the_deltas_are_paced():
    deltas = Storyteller(tokens_per_s=50).write(prompt())
    started = time.monotonic()
    for _ in range(5):
        await anext(deltas)
    assert time.monotonic() - started >= 5 / 50 * 0.9
    await deltas.aclose()


async def test_closing_it_stops_the_writing():
    deltas = Storyteller().write(prompt())
    await anext(deltas)
    await deltas.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(deltas)


async def test_cancelling_the_reader_stops_the_writing():
    async def read() -> None:
        async for _ in Storyteller(tokens_per_s=0.1).write(prompt()):
            pass

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_label_says_that_there_is_no_model():
    assert Storyteller().label == "Built-in storyteller (no AI model)"
