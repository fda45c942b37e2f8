"""Answers of a language model, replayed token by token with the same jitter for everybody."""

import random
import re
from dataclasses import dataclass
from pathlib import Path

PROSE = Path(__file__).parent / "prose"

JITTER = 0.35
"""Standard deviation of the logarithm of the pauses between tokens, as local servers show it."""

MIN_CLAUSE_CHARS = 10
FORCED_WORDS = 6

_TOKEN = re.compile(r"\s*\w{1,7}|\s*[^\w\s]+|\s+$")
_WORD = re.compile(r"\w+")
_CLAUSE_ENDS = tuple(",;:—–")
_SENTENCE_ENDS = tuple(".!?…")


@dataclass(frozen=True)
class Answer:
    """One answer of a model, cut into tokens, each with the time of its arrival."""

    name: str
    tokens: tuple[str, ...]
    at_s: tuple[float, ...]
    """Seconds after the first token, which comes at 0."""

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.tokens)

    def written_at_s(self) -> list[float]:
        """Return for every word of the answer the time at which its last letter was there."""
        ends: list[float] = []
        for match in _WORD.finditer(self.text):
            ends.append(self._arrival_s(match.end()))
        return ends

    def soonest_cut_s(self) -> float:
        """Return when the first fragment could be cut, by whoever looks no token ahead.

        At the end of the first sentence or of a clause of some length, else after the sixth word.
        """
        length = 0
        for token, at_s in zip(self.tokens, self.at_s, strict=True):
            length += len(token)
            text = self.text[:length].strip().rstrip("\"'”’»)")
            clause = len(text) >= MIN_CLAUSE_CHARS and text.endswith(_CLAUSE_ENDS)
            sentence = text.endswith(_SENTENCE_ENDS) and any(map(str.isalpha, text))
            if clause or sentence or len(_WORD.findall(text)) >= FORCED_WORDS:
                return at_s
        return self.at_s[-1]

    def _arrival_s(self, chars: int) -> float:
        length = 0
        for token, at_s in zip(self.tokens, self.at_s, strict=True):
            length += len(token)
            if length >= chars:
                return at_s
        return self.at_s[-1]


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without what stands between them."""
    return [word.lower() for word in _WORD.findall(text.replace("_", " "))]


def read_answers(tokens_per_s: float, seed: int) -> list[Answer]:
    """Return every answer of the prose folder, paced; the same seed gives the same times."""
    chance = random.Random(seed)
    return [_paced(path, tokens_per_s, chance) for path in sorted(PROSE.glob("*.txt"))]


def _paced(path: Path, tokens_per_s: float, chance: random.Random) -> Answer:
    tokens = tuple(_TOKEN.findall(path.read_text("utf-8").strip()))
    at_s = [0.0]
    for _ in tokens[1:]:
        # The mean of a log-normal variable is exp(variance / 2): taken out, so the rate holds.
        pause = chance.lognormvariate(-(JITTER**2) / 2, JITTER)
        at_s.append(at_s[-1] + pause / tokens_per_s)
    return Answer(path.stem, tokens, tuple(round(time_s, 4) for time_s in at_s))
