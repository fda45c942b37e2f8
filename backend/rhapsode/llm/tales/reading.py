"""What the storyteller makes of a prompt and of the scenes before: names, people, a thing."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rhapsode.llm.tales import vocabulary as v

MAX_CHARS = 4000
"""How much of a long text is looked at."""

_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['\u2019-][A-Za-z\u00c0-\u024f]+)*")
_CLAUSE_END = re.compile(r"[.!?;:\n\r]+|,? (?:and|but|while|when|because|where|who|which) ")
_MAX_PHRASE = 3
_COMPLETE = v.DOORS | v.PAPERS | v.CREATURES
"""Nouns after which a phrase rarely goes on."""

_GIST_WORDS = range(2, 15)


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun phrase without its determiner, such as `brass door`."""

    phrase: str
    after_preposition: bool = False
    owned: bool = False
    """True for `her door`, false for `a door`."""

    @property
    def head(self) -> str:
        """The last word, which says what kind of thing it is."""
        return self.phrase.split()[-1].lower()

    @property
    def is_plural(self) -> bool:
        """True for most English plurals."""
        return self.head.endswith("s") and not self.head.endswith(("ss", "us", "is"))

    @property
    def is_person(self) -> bool:
        """True for one person, by the word or by its ending."""
        if self.head in v.PEOPLE:
            return True
        return (
            self.head.endswith(("er", "or", "ist", "ian", "man", "woman", "boy", "girl"))
            and self.head not in v.NOT_PEOPLE
            and self.head not in v.CREATURES
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says."""

    names: tuple[str, ...]
    people: tuple[Noun, ...]
    things: tuple[Noun, ...]
    gist: str
    """The text's first clause as a sentence, when it is short enough to be quoted; otherwise ""."""

    words: tuple[str, ...]
    """Words that carry its meaning, at most three."""


def read(text: str) -> Reading:
    """Read a user's text of any kind; what cannot be understood is left out."""
    text = _plain(text)
    nouns = list(_nouns(text))
    things = [noun for noun in nouns if not noun.is_person]
    things.sort(key=lambda noun: noun.after_preposition)
    return Reading(
        names=_names(text),
        people=tuple(noun for noun in nouns if noun.is_person),
        things=tuple(things),
        gist=_gist(text),
        words=_telling_words(text),
    )


def recurring_names(scenes: tuple[str, ...]) -> list[str]:
    """Return the names in earlier scenes, the most frequent first.

    A name is never written small, and stands inside a sentence at least once.
    """
    text = "\n".join(scenes)
    small = set(re.findall(r"\b[a-z]+\b", text))
    inside = set(re.findall(r"(?<=[a-z,;] )(?<!\bin )(?<!\bat )[A-Z][a-z\u00e0-\u024f]+", text))
    counts = Counter(re.findall(r"\b[A-Z][a-z\u00e0-\u024f]+\b", text))
    names = [
        name
        for name, count in counts.most_common()
        if name in v.SHE_NAMES + v.HE_NAMES or (count >= 2 and name in inside)
    ]
    return [name for name in names if name.lower() not in small | v.FUNCTION_WORDS | v.TITLES]


def recurring_thing(scenes: tuple[str, ...], usual: frozenset[str]) -> Noun | None:
    """Return what earlier scenes keep coming back to.

    Args:
        scenes: Texts of the earlier scenes.
        usual: Noun phrases that recur in any story; of these only doors, papers and creatures
            count, and only where they are frequent.
    """
    counts = Counter(noun.phrase for scene in scenes for noun in thing_phrases(scene))
    for phrase, count in counts.most_common():
        if (count >= 3 and phrase in _COMPLETE) or (count >= 2 and phrase not in usual):
            return Noun(phrase)
    return None


def thing_phrases(text: str) -> list[Noun]:
    """Return the noun phrases of a text that are nobody and nobody's."""
    return [noun for noun in _nouns(_plain(text)) if not noun.is_person and not noun.owned]


def is_she(name: str, scenes: tuple[str, ...], texts: str) -> bool:
    """Guess whether a name is a woman's: from known names, from what is said, from its ending."""
    if name in v.SHE_NAMES or name in v.HE_NAMES:
        return name in v.SHE_NAMES
    said = [s for scene in scenes for s in re.split(r"(?<=[.!?])\s", scene) if name in s]
    words = [word.lower() for word in _WORD.findall(" ".join(said) + " " + texts)]
    she = sum(word in v.SHE_WORDS for word in words)
    he = sum(word in v.HE_WORDS for word in words)
    if she != he:
        return she > he
    lower = name.lower()
    return lower in v.WOMENS_NAMES or (
        lower.endswith(v.WOMENS_ENDINGS) and lower not in v.MENS_NAMES
    )


def _plain(text: str) -> str:
    """Keep Latin letters and what ends or parts a sentence; typographic quotes and markup go."""
    text = text[:MAX_CHARS].replace("\u2019", "'")
    text = re.sub(r"[^A-Za-z\u00c0-\u024f0-9'.,!?;:\n -]+", " ", text)
    text = re.sub(
        r"(?<![A-Za-z\u00c0-\u024f])['-]+|['-]+(?![A-Za-z\u00c0-\u024f ])|-+(?= )", " ", text
    )
    return re.sub(r"[ \t]+", " ", text).strip()


def _names(text: str) -> tuple[str, ...]:
    """Return capitalized words that are names, in order; a title or a surname is none."""
    found: list[str] = []
    previous_was_name = False
    for match in _WORD.finditer(text):
        word = match.group()
        if word.lower() in v.TITLES or not _looks_like_name(text, match):
            previous_was_name = False
            continue
        name = word.removesuffix("'s")
        if not previous_was_name and name not in found:
            found.append(name)
        previous_was_name = True
    return tuple(found)


def _looks_like_name(text: str, match: re.Match[str]) -> bool:
    word = match.group()
    if not (word[0].isupper() and word[1:].islower() and 3 <= len(word) <= 20):
        return False
    lower = word.lower().removesuffix("'s")
    if lower in v.FUNCTION_WORDS or lower in v.PEOPLE:
        return False
    before = text[: match.start()].rstrip()
    if not before or before[-1] in ".!?:;\n":
        return _verb_follows(text, match.end())
    return before.split()[-1].lower() not in v.PLACE_PREPOSITIONS


def _verb_follows(text: str, position: int) -> bool:
    following = _WORD.match(text, position + 1)
    if following is None:
        return False
    word = following.group().lower()
    return word in v.VERBS or (word.endswith(("s", "ed")) and not word.endswith("ss"))


def _nouns(text: str) -> Iterator[Noun]:
    """Yield the noun phrases that a determiner introduces, and a subject that has none."""
    words = [(match.group(), match.end()) for match in _WORD.finditer(text)]
    if bare := _bare_subject(text, words):
        yield bare
    for index, (word, end) in enumerate(words):
        determiner = word.lower()
        if determiner not in v.DETERMINERS:
            continue
        phrase = _phrase(text, words[index + 1 :], end, singular=determiner in ("a", "an"))
        if phrase and phrase.split()[-1] not in v.PLACE_WORDS_TO_SKIP:
            before = words[index - 1][0].lower() if index else ""
            yield Noun(phrase, before in v.PREPOSITIONS, determiner in v.OWNERS)


def _bare_subject(text: str, words: list[tuple[str, int]]) -> Noun | None:
    """Return `dragons` of `Dragons attack the village`."""
    if not words or _names(text[: words[0][1] + 30])[:1] == (words[0][0],):
        return None
    phrase = _phrase(text, words, words[0][1] - len(words[0][0]), singular=False)
    length = len(phrase.split())
    verb_follows = phrase and length < len(words) and words[length][0].lower() in v.VERBS
    return Noun(phrase) if verb_follows else None


def _phrase(text: str, words: list[tuple[str, int]], end: int, *, singular: bool) -> str:
    """Return the phrase that begins after `end`, up to punctuation, a verb or a small word."""
    phrase: list[str] = []
    for word, word_end in words[:_MAX_PHRASE]:
        apart = text[end : word_end - len(word)].strip() != ""
        if apart or len(word) > 20 or _ends_phrase(word.lower(), phrase, singular=singular):
            break
        phrase.append(word.lower())
        end = word_end
    return "" if phrase and phrase[-1].endswith("'s") else " ".join(phrase)


def _ends_phrase(word: str, phrase: list[str], *, singular: bool) -> bool:
    if word in v.FUNCTION_WORDS or word.endswith("ly"):
        return True
    if phrase and (phrase[-1] in _COMPLETE or "'" in word):
        return True
    third_person = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return bool(phrase) and ((singular and third_person) or word.endswith(("ed", "ing")))


def _gist(text: str) -> str:
    clause = _CLAUSE_END.split(text, maxsplit=1)[0].strip(" ,")
    words = clause.split()
    if len(words) not in _GIST_WORDS or len(clause) > 100 or not _telling_words(clause):
        return ""
    ending = "?" if text[len(clause) : len(clause) + 1] == "?" else "."
    return clause[0].upper() + clause[1:] + ending


def _telling_words(text: str) -> tuple[str, ...]:
    words = [word.lower() for word in _WORD.findall(text)]
    telling = [w for w in words if 4 <= len(w) <= 20 and w not in v.FUNCTION_WORDS and "'" not in w]
    return tuple(dict.fromkeys(telling))[:3]
