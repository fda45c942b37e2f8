"""A simulated listener: what a person would have heard of a session, and how long they waited.

The listener plays from the first piece of sound on, with no prebuffer.
"""

import difflib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from replay import Answer, words

UNNOTICED_S = 0.010
"""A shorter pause is none."""


@dataclass(frozen=True)
class Hearing:
    """One answer as it was heard. Seconds."""

    name: str
    first_audio_s: float
    """From the first token to the first sound."""

    dry_s: float
    """Silence between the first sound and the last, because nothing was there to be played."""

    gaps_s: tuple[float, ...]
    """Between the sound of one request to the engine and the first of the next, for those whose
    text was there by then: 0 where the next one was made ahead."""

    lost: tuple[str, ...]
    """Words of the answer that were not spoken, and with a plus those spoken but not written."""


def hear(answer: Answer, session: dict[str, Any]) -> Hearing:
    """Return what the listener of a session heard; see `peers/driver.py` for its record."""
    began_s = session["first_token_s"]
    heard = session["heard"]
    if not heard:
        return Hearing(answer.name, float("inf"), 0.0, (), tuple(words(answer.text)))
    return Hearing(
        name=answer.name,
        first_audio_s=heard[0][0] - began_s,
        dry_s=dry_s(heard),
        gaps_s=tuple(_gaps_s(answer, began_s, session["spoken"])),
        lost=tuple(_lost(answer, session["spoken"])),
    )


def dry_s(heard: list[tuple[float, float]]) -> float:
    """Return how long a listener lacked sound who played the first of it at once."""
    dry_s = 0.0
    plays_until_s = heard[0][0]
    for at_s, sound_s in heard:
        silence_s = at_s - plays_until_s
        if silence_s > UNNOTICED_S:
            dry_s += silence_s
        plays_until_s = max(plays_until_s, at_s) + sound_s
    return dry_s


def _gaps_s(answer: Answer, began_s: float, spoken: list[dict[str, Any]]) -> list[float]:
    written_at_s = answer.written_at_s()
    gaps_s: list[float] = []
    count = len(words(spoken[0]["text"]))
    for before, after in pairwise(spoken):
        count += len(words(after["text"]))
        written_s = began_s + written_at_s[min(count, len(written_at_s)) - 1]
        if written_s < before["last_chunk_s"]:
            gaps_s.append(max(0.0, after["first_chunk_s"] - before["last_chunk_s"]))
    return gaps_s


def _lost(answer: Answer, spoken: list[dict[str, Any]]) -> list[str]:
    said = [word for utterance in spoken for word in words(utterance["text"])]
    changes = difflib.ndiff(words(answer.text), said)
    marks = {"- ": "", "+ ": "+"}
    return [marks[line[:2]] + line[2:] for line in changes if line[:2] in marks]
