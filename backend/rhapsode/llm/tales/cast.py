"""Who and what a scene is about, decided from the prompt, the earlier scenes and chance."""

import functools
import random
from dataclasses import dataclass

from rhapsode.llm.prompt import ScenePrompt
from rhapsode.llm.tales import Place, beats, places, reading
from rhapsode.llm.tales import vocabulary as v
from rhapsode.llm.tales.reading import Noun, Reading

_ANY_THINGS = (
    "narrow door", "unsigned letter", "stopped clock", "silver fox", "sealed box", "blue lantern",
    "unfinished map", "second moon", "empty chair", "singing well", "iron gate", "borrowed coat",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody in the scene."""

    name: str
    she: bool
    role: str
    """Their trade, for the first mention; "" when the reader knows them already."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything that stays the same through one scene."""

    hero: Character
    friend: Character
    thing: Noun
    old: Noun | None
    """What the earlier scenes were about, when this one is about something else."""

    place: Place
    keepsake: str
    wish: Reading
    """What the user asked for."""


def choose_cast(prompt: ScenePrompt, rng: random.Random) -> Cast:
    """Decide on people, place and things; what earlier scenes or the prompt name comes first."""
    wish, premise = reading.read(prompt.instruction), reading.read(prompt.premise)
    place = _choose_place(prompt, rng)
    hero, friend = _choose_people(prompt, wish, premise, place, rng)
    old = reading.recurring_thing(prompt.earlier, _usual_phrases())
    strangers = [noun for noun in wish.people if noun.phrase not in (hero.role, friend.role)]
    candidates = [*wish.things, *strangers, *([old] if old else []), *premise.things]
    placeless = [noun for noun in candidates if noun.head not in place.name.split()]
    thing = placeless[0] if placeless else Noun(rng.choice(_ANY_THINGS))
    if old is not None and (old.head == thing.head or old.head in place.name.split()):
        old = None
    return Cast(hero, friend, thing, old, place, _choose_keepsake(prompt, place, rng), wish)


def _choose_place(prompt: ScenePrompt, rng: random.Random) -> Place:
    """Return the place of the earlier scenes, the prompt's, or one that suits the genre."""
    earlier = "\n".join(prompt.earlier)
    visited = max(places(), key=lambda place: earlier.count(place.name))
    if visited.name in earlier:
        return visited
    for text in (prompt.instruction, prompt.premise, prompt.title, prompt.genre):
        words = text[: reading.MAX_CHARS].lower().replace(".", " ").replace(",", " ").split()
        fitting = max(places(), key=lambda place: sum(word in place.words for word in words))
        if any(word in fitting.words for word in words):
            return fitting
    genre = f"{prompt.genre} {prompt.style}".lower()
    suited = [place for place in places() if any(name in genre for name in place.genres)]
    return rng.choice(suited or places())


def _choose_people(
    prompt: ScenePrompt, wish: Reading, premise: Reading, place: Place, rng: random.Random
) -> tuple[Character, Character]:
    """People of the earlier scenes need no introduction; new ones come from the prompt first."""
    known = reading.recurring_names(prompt.earlier)[:2]
    named = [name for name in (*wish.names, *premise.names) if name not in known]
    people = (*wish.people, *premise.people)
    roles = [p.phrase for p in people if not (p.is_plural or p.owned or p.after_preposition)]
    roles = list(dict.fromkeys(roles))
    names = [*known, *named][:2]
    hero_role = ""
    if not names:
        hero_role = roles.pop(0) if roles else rng.choice(place.heroes)
    hero = _choose_person(names[:1], hero_role, prompt, None, rng)
    friend_role = ""
    if len(known) < 2:
        others = [role for role in place.friends if role != hero.role]
        friend_role = roles.pop(0) if roles else rng.choice(others)
    friend = _choose_person(names[1:], friend_role, prompt, hero, rng)
    return hero, friend


def _choose_person(
    names: list[str], role: str, prompt: ScenePrompt, other: Character | None, rng: random.Random
) -> Character:
    if names:
        said = (
            f"{prompt.instruction} {prompt.premise}"[: reading.MAX_CHARS] if other is None else ""
        )
        return Character(names[0], reading.is_she(names[0], prompt.earlier, said), role)
    she = _gender_of(role, other, rng)
    pool = v.SHE_NAMES if she else v.HE_NAMES
    free = [name for name in pool if other is None or name[0] != other.name[0]]
    return Character(rng.choice(free), she, role)


def _gender_of(role: str, other: Character | None, rng: random.Random) -> bool:
    words = set(role.lower().split())
    if words & v.SHE_WORDS or words & v.HE_WORDS:
        return bool(words & v.SHE_WORDS)
    return rng.random() < 0.5 if other is None else not other.she


def _choose_keepsake(prompt: ScenePrompt, place: Place, rng: random.Random) -> str:
    earlier = "\n".join(prompt.earlier)
    props = [prop for somewhere in places() for prop in somewhere.prop if prop in earlier]
    return max(props, key=earlier.count) if props else rng.choice(place.prop)


@functools.cache
def _usual_phrases() -> frozenset[str]:
    """Return the noun phrases of the storyteller's own material, which recur in all its stories."""
    texts = [variant for variants in beats().values() for variant in variants]
    for place in places():
        texts += [place.name, *place.light, *place.sound, *place.spot, *place.prop]
    return frozenset(noun.phrase for text in texts for noun in reading.thing_phrases(text))
