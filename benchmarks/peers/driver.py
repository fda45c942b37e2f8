"""What every contestant's program does alike: read a job, run its answers, write what was heard.

One line of JSON in, one out. Standard library only: it runs in other projects' environments.

A job: `{"engine": {"name": "synthetic", "first_chunk_s", "rtf", "slots"}, "answers": [{"name",
"tokens", "at_s"}], "stagger_s"}`. All answers of a job are sessions of one process; each starts
`stagger_s` after the one before, and has a listener and an engine of its own.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from espeak_cli import EspeakCli
from synthetic_engine import Pace, SyntheticEngine

Engine = SyntheticEngine | EspeakCli


@dataclass
class Session:
    """One answer on its way to its listener. All times are `time.monotonic`."""

    name: str
    tokens: list[str]
    at_s: list[float]
    engine: Engine
    first_token_s: float = 0.0
    heard: list[tuple[float, float]] = field(default_factory=list)
    """For each piece of sound that reached the listener: when, and how many seconds of it."""

    async def deltas(self) -> AsyncIterator[str]:
        """Yield the tokens at their times."""
        self.first_token_s = time.monotonic()
        for token, at_s in zip(self.tokens, self.at_s, strict=True):
            await asyncio.sleep(self.first_token_s + at_s - time.monotonic())
            yield token

    def deltas_blocking(self) -> Iterator[str]:
        """Yield the same to a thread."""
        self.first_token_s = time.monotonic()
        for token, at_s in zip(self.tokens, self.at_s, strict=True):
            time.sleep(max(0.0, self.first_token_s + at_s - time.monotonic()))
            yield token

    def hear(self, sound_s: float) -> None:
        """Note that a piece of sound has reached the listener."""
        self.heard.append((time.monotonic(), sound_s))

    def hear_s16(self, sound: bytes, sample_rate: int) -> None:
        """Note that 16-bit mono sound has reached the listener."""
        self.hear(len(sound) / 2 / sample_rate)

    def as_json(self) -> dict[str, object]:
        """Return the record for the table."""
        return {
            "name": self.name,
            "first_token_s": self.first_token_s,
            "heard": self.heard,
            "spoken": [utterance.as_json() for utterance in self.engine.spoken],
        }


Run = Callable[[Session], Awaitable[None]]
WarmUp = Callable[[], Awaitable[str]]


def serve(run: Run, warm_up: WarmUp) -> None:
    """Answer jobs until the input ends.

    Args:
        run: Tells one session's answer to its end, noting with `Session.hear` what comes out.
        warm_up: Does what the first session of a process pays and no other; returns what a reader
            of the table must know of this contestant, or "".
    """
    # What a library prints must not end up between the lines of JSON.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    asyncio.run(_serve(run, warm_up, answers))


async def _serve(run: Run, warm_up: WarmUp, out: TextIO) -> None:
    _say(out, {"note": await warm_up()})
    while line := await asyncio.to_thread(sys.stdin.readline):
        _say(out, await _work(json.loads(line), run))


async def _work(job: dict, run: Run) -> dict[str, object]:
    sessions = [
        Session(answer["name"], answer["tokens"], answer["at_s"], _engine(job["engine"]))
        for answer in job["answers"]
    ]
    used_s = _cpu_s()
    async with asyncio.TaskGroup() as tasks:
        for number, session in enumerate(sessions):
            tasks.create_task(_later(number * job["stagger_s"], run, session))
    return {
        "sessions": [session.as_json() for session in sessions],
        "cpu_s": (_cpu_s() - used_s) / len(sessions),
    }


async def _later(delay_s: float, run: Run, session: Session) -> None:
    await asyncio.sleep(delay_s)
    await run(session)


def _engine(wanted: dict) -> Engine:
    if wanted["name"] == "espeak":
        return EspeakCli()
    return SyntheticEngine(Pace(wanted["first_chunk_s"], wanted["rtf"], wanted["slots"]))


def _cpu_s() -> float:
    """Return the CPU time of this process alone, all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _say(out: TextIO, line: dict[str, object]) -> None:
    out.write(json.dumps(line) + "\n")
    out.flush()
