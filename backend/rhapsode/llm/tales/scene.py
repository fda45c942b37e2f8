"""Composes one scene: chooses its beats, and fills their slots."""

import random
import re
from collections.abc import Iterator

from rhapsode.llm.prompt import ScenePrompt
from rhapsode.llm.tales import beats
from rhapsode.llm.tales import vocabulary as v
from rhapsode.llm.tales.cast import Cast, Character, choose_cast
from rhapsode.llm.tales.reading import Noun

_STAGES = ("opening", "turn", "complication", "resolution")
_SLOT = re.compile(r"\[(\w+)\]('s)?")


def compose(prompt: ScenePrompt) -> str:
    """Write a scene of 150 to 400 words; the same prompt always gives the same text."""
    rng = random.Random(repr(prompt))
    cast = choose_cast(prompt, rng)
    filling = _Filling(cast, rng)
    paragraphs = [
        filling.fill(_choose_variant(beat, prompt.earlier, rng))
        for beat in _plan(prompt, cast, rng)
    ]
    return "\n\n".join(paragraphs)


def _plan(prompt: ScenePrompt, cast: Cast, rng: random.Random) -> Iterator[str]:
    """Yield the beats of the scene, by its place in the story's arc."""
    stage = _stage(prompt.scene_number)
    yield "arrive_first" if stage == "opening" and not prompt.earlier else "arrive_later"
    if cast.wish.gist:
        yield "gist"
    elif cast.wish.words:
        yield "words"
    if cast.old is not None:
        yield "recall"
    yield f"notice_{_kind(cast.thing)}"
    steps = [f"step_{stage}", f"talk_{stage}"]
    if stage != "opening" and rng.random() < 0.4:
        steps.reverse()
    yield from steps
    yield "memory"
    yield f"choice_{stage}"
    yield f"close_{stage}"


def _stage(scene_number: int) -> str:
    """Four scenes make an arc; after it the story turns again, and never opens twice."""
    if scene_number <= len(_STAGES):
        return _STAGES[max(scene_number, 1) - 1]
    return _STAGES[1 + (scene_number - 2) % 3]


def _kind(thing: Noun) -> str:
    """Return which notices fit the thing."""
    if thing.is_plural:
        return "any"
    if thing.is_person:
        return "person"
    kinds = {"door": v.DOORS, "paper": v.PAPERS, "creature": v.CREATURES}
    return next((kind for kind, heads in kinds.items() if thing.head in heads), "any")


def _choose_variant(beat: str, earlier: tuple[str, ...], rng: random.Random) -> str:
    """Choose a paragraph: one that no earlier scene has used, or else was used longest ago."""
    variants = beats()[beat]
    last_uses = [_last_use(variant, earlier) for variant in variants]
    longest_ago = min(last_uses)
    return rng.choice([variants[i] for i, use in enumerate(last_uses) if use == longest_ago])


def _last_use(variant: str, earlier: tuple[str, ...]) -> int:
    """Return the number of the last scene that used this paragraph, counted from 1; 0 for none."""
    longest = max(re.split(r"\[\w+\]|\n\n", variant), key=len)
    uses = (number for number, scene in enumerate(earlier, 1) if longest in scene)
    return max(uses, default=0)


class _Filling:
    """Fills slots; remembers who was introduced and which details were used."""

    def __init__(self, cast: Cast, rng: random.Random) -> None:
        self._cast = cast
        self._unknown = {
            role: person
            for role, person in (("hero", cast.hero), ("friend", cast.friend))
            if person.role
        }
        place = cast.place
        self._details = {
            name: rng.sample(options, len(options))
            for name, options in (
                ("light", place.light),
                ("sound", place.sound),
                ("air", place.air),
                ("spot", place.spot),
            )
        }
        self._fixed = _fixed_slots(cast)

    def fill(self, variant: str) -> str:
        """Put the scene's people and things into a paragraph."""
        text = _SLOT.sub(self._replace, variant)
        text = re.sub(r",+([,.?!])", r"\1", text)
        return re.sub(r",(?= *\n|$)", "", text)

    def _replace(self, slot: re.Match[str]) -> str:
        name, possessive = slot.group(1), slot.group(2) or ""
        text = self._text(name.lower(), possessive) + possessive
        return text[0].upper() + text[1:] if name[:1].isupper() else text

    def _text(self, name: str, possessive: str) -> str:
        if name in self._unknown and not possessive:
            person = self._unknown.pop(name)
            return f"{person.name}, the {person.role},"
        if name in self._details:
            return self._details[name].pop()
        return self._fixed[name]


def _fixed_slots(cast: Cast) -> dict[str, str]:
    thing = cast.thing
    plural = thing.is_plural
    return {
        "hero": cast.hero.name,
        "friend": cast.friend.name,
        **_pronouns(cast.hero, ""),
        **_pronouns(cast.friend, "o_"),
        "thing": thing.phrase,
        "a_thing": f"the {thing.phrase}" if plural else _with_article(thing.phrase),
        "it": "they" if plural else "it",
        "them": "them" if plural else "it",
        "was": "were" if plural else "was",
        "has": "have" if plural else "has",
        "old": cast.old.phrase if cast.old else "",
        "place": cast.place.name,
        "keepsake": cast.keepsake,
        "gist": cast.wish.gist,
        "words": _enumerate(cast.wish.words),
    }


def _pronouns(person: Character, prefix: str) -> dict[str, str]:
    forms = ("she", "her", "her", "herself") if person.she else ("he", "him", "his", "himself")
    names = ("he", "him", "his", "himself")
    return {prefix + name: form for name, form in zip(names, forms, strict=True)}


def _with_article(phrase: str) -> str:
    """Put `a` or `an` before a phrase, by its sound as far as spelling shows it."""
    silent_h = phrase.startswith(("hour", "honest", "honor", "heir"))
    sounds_like_you = phrase.startswith(("uni", "use", "usu", "eu", "one", "once"))
    vowel = phrase[0] in "aeiouàáâäèéêëìíîïòóôöùúûü"
    vowel = vowel and not (sounds_like_you and not phrase.startswith(("unin", "unim")))
    return f"{'an' if vowel or silent_h else 'a'} {phrase}"


def _enumerate(words: tuple[str, ...]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
