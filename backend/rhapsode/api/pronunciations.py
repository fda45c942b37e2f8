"""Pronunciations: how the words of a story are to be said."""

import unicodedata
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from rhapsode.api.deps import CurrentUser, PartsOfApp, StoryId
from rhapsode.api.problems import problems
from rhapsode.errors import InvalidInputError
from rhapsode.text.speakable.pronunciations import Pronunciation, Pronunciations

router = APIRouter(prefix="/api/stories", tags=["stories"], responses=problems(401, 404, 422))

MAX_ENTRIES = 200


def _check_words(text: str) -> str:
    """Refuse what cannot be found in a text, cannot be said, or cannot be stored."""
    if not any(char.isalnum() for char in text):
        raise ValueError("needs a letter or a figure")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise ValueError("has characters that nobody can read")
    return unicodedata.normalize("NFC", text)


Phrase = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(_check_words),
]
Spoken = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_check_words),
]


class PronunciationBody(BaseModel):
    """A word or phrase, and what is said for it."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")

    phrase: Phrase = Field(description="As it is written; found in any case, as whole words.")
    spoken: Spoken = Field(description="What is said instead. The displayed text stays.")


class PronunciationsBody(BaseModel):
    """The dictionary of a story."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")

    entries: list[PronunciationBody] = Field(default=[], max_length=MAX_ENTRIES)


@router.get("/{story_id}/pronunciations")
def get_pronunciations(
    story_id: StoryId, user: CurrentUser, parts: PartsOfApp
) -> PronunciationsBody:
    """Read how the words of a story are said."""
    return PronunciationsBody.model_validate(parts.pronunciations.of_story(user.id, story_id))


@router.put("/{story_id}/pronunciations")
async def put_pronunciations(
    story_id: StoryId, body: PronunciationsBody, user: CurrentUser, parts: PartsOfApp
) -> PronunciationsBody:
    """Change how the words of a story are said, all at once.

    Sentences of earlier scenes that have one of the changed words are narrated again.
    """
    _refuse_doubles(body)
    pronunciations = Pronunciations(
        tuple(Pronunciation(entry.phrase, entry.spoken) for entry in body.entries)
    )
    await parts.db.run(lambda: parts.pronunciations.replace(user.id, story_id, pronunciations))
    for scene in await parts.db.run(lambda: parts.stories.list_scenes(user.id, story_id)):
        await parts.narrations.follow(user.id, scene)
    return body


def _refuse_doubles(body: PronunciationsBody) -> None:
    seen: set[str] = set()
    for place, entry in enumerate(body.entries):
        folded = " ".join(entry.phrase.casefold().split())
        if folded in seen:
            raise InvalidInputError(
                f"“{entry.phrase}” is there twice.", param=f"entries.{place}.phrase"
            )
        seen.add(folded)
