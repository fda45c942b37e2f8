"""The built-in storyteller's material: places, people, and the paragraphs scenes are made of."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scene happens; `places.toml` says how each field fits into a sentence."""

    name: str
    words: tuple[str, ...]
    genres: tuple[str, ...]
    light: tuple[str, ...]
    sound: tuple[str, ...]
    air: tuple[str, ...]
    spot: tuple[str, ...]
    prop: tuple[str, ...]
    heroes: tuple[str, ...]
    friends: tuple[str, ...]


@functools.cache
def places() -> tuple[Place, ...]:
    """Return every place a scene can happen at."""
    return TypeAdapter(tuple[Place, ...]).validate_python(_read("places.toml")["place"])


@functools.cache
def beats() -> Mapping[str, tuple[str, ...]]:
    """Return the paragraphs by beat, with their slots; a blank line begins a new paragraph."""
    written = TypeAdapter(dict[str, tuple[str, ...]]).validate_python(_read("beats.toml"))
    return {name: tuple(map(_unwrap, variants)) for name, variants in written.items()}


def _unwrap(variant: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in variant.split("\n\n"))


def _read(name: str) -> dict[str, object]:
    return tomllib.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
