"""Where sentences end: ours beside the splitters of other projects, token by token.

    .venv/bin/python benchmarks/sentences.py

The prose of tests/text/corpus, marked by hand: the half that our rules were made with, and the half
that they were not. Each splitter runs in its own environment, as for `live_pipeline.py`.
"""

import asyncio
import json
import os
import random
import re
import subprocess
import sys
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT), str(ROOT / "backend"), str(ROOT / "benchmarks")]

from contestants import CONTESTANTS, Contestant, prepare  # noqa: E402
from machine import describe_load, describe_machine  # noqa: E402

from tests.text.prose import Prose, read_prose  # noqa: E402

DRIVER = ROOT / "benchmarks" / "peers" / "splitters.py"
ENVIRONMENTS = {
    "ours": CONTESTANTS["ours"],
    "stream2sentence": CONTESTANTS["realtimetts"],
    "pipecat": CONTESTANTS["pipecat-ai"],
    "livekit": CONTESTANTS["livekit-agents"],
    "pysbd": Contestant("pysbd", "splitters.py", ("pysbd==0.3.4",)),
}


@dataclass
class Score:
    """How well one splitter did."""

    right: int = 0
    found: int = 0
    wanted: int = 0
    ahead: int = 0
    """Tokens read beyond the end of the sentences that were found."""

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.found + self.wanted)

    def count(self, prose: Prose, tokens: list[str], cut: list[tuple[str, int]]) -> None:
        """Add one text.

        Places are told by the letters before them: some splitters change white space.
        """
        letters = list(accumulate((char.isalnum() for char in prose.text), initial=0))
        ends = {letters[end]: end for end in prose.ends}
        tokens_end = list(accumulate(map(len, tokens)))
        places: dict[int, int] = {}
        place = 0
        for sentence, read in cut:
            place += sum(map(str.isalnum, sentence))
            places.setdefault(place, read)
        self.found += len(places)
        self.wanted += len(ends)
        for place, read in places.items():
            if place in ends:
                self.right += 1
                self.ahead += max(0, read - 1 - bisect_left(tokens_end, ends[place]))


def main() -> None:
    """Measure, and print a table for each half."""
    print(f"{describe_machine()}; {describe_load()}")
    print("`benchmarks/sentences.py`")
    reasons = {name: asyncio.run(prepare(where)) for name, where in ENVIRONMENTS.items()}
    for part in ("known", "unseen"):
        for kind, belongs in (("English", True), ("other languages", False)):
            prose = [p for p in read_prose(part) if p.name.endswith(".en") is belongs]
            _print_table(f"{part}, {kind}", prose, reasons)


def _print_table(title: str, prose: list[Prose], reasons: dict[str, str]) -> None:
    texts = [_tokens(each.text, random.Random(each.name)) for each in prose]
    sentences = sum(len(each.ends) for each in prose)
    print(f"\n| {title}: {sentences} sentences | F1 | cuts inside | look-ahead | CPU per token |")
    print("|---|---|---|---|---|")
    for name, where in ENVIRONMENTS.items():
        if reasons[name]:
            print(f"| {name} | not installed: {reasons[name]} | | | |")
            continue
        answer = _run(name, where, texts)
        score = Score()
        for each, tokens, cut in zip(prose, texts, answer["cuts"], strict=True):
            score.count(each, tokens, cut)
        cpu_us = 1e6 * answer["cpu_s"] / sum(map(len, texts))
        ahead = score.ahead / max(1, score.right)
        print(
            f"| {name} | {score.f1:.3f} | {score.found - score.right} | {ahead:.1f} tokens "
            f"| {cpu_us:.0f} us |"
        )


def _run(name: str, where: Contestant, texts: list[list[str]]) -> dict:
    answer = subprocess.run(
        [where.python, DRIVER],
        input=json.dumps({"splitter": name, "texts": texts}),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "backend")},
    )
    return json.loads(answer.stdout)


def _tokens(text: str, chance: random.Random) -> list[str]:
    """Cut as language models do: marks alone, words whole or in pieces."""
    tokens = []
    for piece in re.findall(r"\s?\w+|\s?[^\w\s]|\s+", text):
        while len(piece) > 4 and chance.random() < 0.3:
            size = chance.randint(2, len(piece) - 1)
            tokens.append(piece[:size])
            piece = piece[size:]
        tokens.append(piece)
    return tokens


if __name__ == "__main__":
    main()
