"""How soon, and how gaplessly, an answer is heard while a language model still writes it.

The same tokens, at the same times, go to this project's river and to RealtimeTTS, pipecat and
LiveKit Agents, each with its default settings, in the same rounds, with the same engine.

Run: .venv/bin/python benchmarks/live_pipeline.py  (see benchmarks/README.md)
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections import defaultdict
from dataclasses import asdict
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

from contestants import CONTESTANTS, Contestant, Program, prepare
from listening import Hearing, hear
from machine import describe_load, describe_machine
from replay import Answer, read_answers

STAGGER_S = 0.31
"""Between the beginnings of two sessions, unless that would take longer than `BEGIN_WITHIN_S`."""

BEGIN_WITHIN_S = 2.0
FIRST_CHUNK_S = 0.150


def main() -> None:
    """Measure and print."""
    options = _options()
    print(f"{describe_machine()}; {describe_load()}")
    print("command: benchmarks/live_pipeline.py", *sys.argv[1:])
    contestants = asyncio.run(_prepared(options.contestants))
    for engine, rate, count in product(_engines(options), options.rates, options.sessions):
        rounds = asyncio.run(_measure(contestants, engine, rate, count, options))
        _print_table(engine, rate, rounds, options)
        if options.json:
            _write(options.json, engine, rate, rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contestants", nargs="+", default=list(CONTESTANTS), choices=CONTESTANTS)
    parser.add_argument("--engine", choices=("synthetic", "espeak"), default="synthetic")
    parser.add_argument("--rates", nargs="+", type=float, default=[20, 50], help="tokens per s")
    parser.add_argument("--rtf", nargs="+", type=float, default=[0.3, 0.6, 0.9])
    parser.add_argument("--first-chunk", type=float, default=FIRST_CHUNK_S, help="seconds")
    parser.add_argument("--slots", nargs="+", type=int, default=[1, 2])
    parser.add_argument(
        "--sessions", nargs="+", type=int, default=[0], help="at once; 0: one for each answer"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answers", nargs="*", default=[], help="only answers with these names")
    parser.add_argument("--alone", action="store_true", help="one contestant at a time")
    parser.add_argument("--json", type=Path, help="append every hearing to this file")
    parser.add_argument("--detail", action="store_true", help="print every answer too")
    return parser.parse_args()


def _engines(options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.engine == "espeak":
        return [{"name": "espeak"}]
    return [
        {"name": "synthetic", "first_chunk_s": options.first_chunk, "rtf": rtf, "slots": slots}
        for slots in options.slots
        for rtf in options.rtf
    ]


async def _prepared(names: list[str]) -> list[Contestant]:
    contestants: list[Contestant] = []
    for name in names:
        reason = await prepare(CONTESTANTS[name])
        if reason:
            print(f"{name} is left out: {reason}")
        else:
            contestants.append(CONTESTANTS[name])
    return contestants


Rounds = dict[str, list[tuple[list[Hearing], float]]]
"""For each contestant and round: what was heard, and the CPU seconds of a session."""


async def _measure(
    contestants: list[Contestant],
    engine: dict[str, Any],
    rate: float,
    count: int,
    options: argparse.Namespace,
) -> Rounds:
    rounds: Rounds = defaultdict(list)
    programs = [Program(contestant) for contestant in contestants]
    for note in await asyncio.gather(*(program.start() for program in programs)):
        if note:
            print(f"note: {note}")
    for number in range(options.rounds):
        answers = read_answers(rate, options.seed + number)
        named = [a for a in answers if not options.answers or a.name in options.answers]
        wanted = list(islice(cycle(named), count or len(named)))
        job = {
            "engine": engine,
            "stagger_s": min(STAGGER_S, BEGIN_WITHIN_S / len(wanted)),
            "answers": [asdict(answer) for answer in wanted],
        }
        for program, result in zip(programs, await _all(programs, job, options), strict=True):
            heard = [hear(*pair) for pair in zip(wanted, result["sessions"], strict=True)]
            rounds[program.contestant.name].append((heard, result["cpu_s"]))
        rounds["floor"].append((_floor(wanted, engine), 0.0))
    await asyncio.gather(*(program.stop() for program in programs))
    return rounds


async def _all(
    programs: list[Program], job: dict[str, Any], options: argparse.Namespace
) -> list[dict[str, Any]]:
    if options.alone:
        return [await program.work(job) for program in programs]
    # At the same time: what else the machine does then hits all contestants alike.
    return await asyncio.gather(*(program.work(job) for program in programs))


def _floor(answers: list[Answer], engine: dict[str, Any]) -> list[Hearing]:
    work_s = engine.get("first_chunk_s", 0.0)
    return [Hearing(a.name, a.soonest_cut_s() + work_s, 0.0, (), ()) for a in answers]


def _print_table(
    engine: dict[str, Any], rate: float, rounds: Rounds, options: argparse.Namespace
) -> None:
    settings = ", ".join(f"{key} {value}" for key, value in engine.items())
    count = len(rounds["floor"][0][0])
    print(
        f"\n### {rate:g} tokens/s; engine: {settings}; {count} sessions x {options.rounds} rounds\n"
    )
    print(
        "| contestant | first audio, mean | p95 | sessions with a dry spell | dry, total |"
        " engine-side gap, median | words lost or added | CPU per session |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, heard in rounds.items():
        print(_row(name, heard))
    if options.detail:
        _print_details(rounds)


def _row(name: str, rounds: list[tuple[list[Hearing], float]]) -> str:
    waits = [[hearing.first_audio_s for hearing in heard] for heard, _ in rounds]
    cells = [
        f"**{name}**" if name == "ours" else name,
        _spread([statistics.fmean(each) for each in waits], "s", 3),
        _spread([_p95(each) for each in waits], "s", 3),
    ]
    if name == "floor":
        return f"| {' | '.join([*cells, *['0', '0', '0', '0', '-']])} |"
    gaps = [gap for heard, _ in rounds for hearing in heard for gap in hearing.gaps_s]
    cells += [
        _spread([float(sum(hearing.dry_s > 0 for hearing in heard)) for heard, _ in rounds], "", 1),
        _spread([sum(hearing.dry_s for hearing in heard) for heard, _ in rounds], "s", 2),
        f"{1000 * statistics.median(gaps):.0f} ms" if gaps else "-",
        str(sum(len(hearing.lost) for heard, _ in rounds for hearing in heard)),
        _spread([1000 * cpu_s for _, cpu_s in rounds], "ms", 0),
    ]
    return f"| {' | '.join(cells)} |"


def _spread(values: list[float], unit: str, digits: int) -> str:
    mean = statistics.fmean(values)
    text = f"{mean:.{digits}f} {unit}".strip()
    if len(values) == 1:
        return text
    return f"{text} ± {statistics.stdev(values):.{digits}f}"


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if values[1:] else values[0]


def _print_details(rounds: Rounds) -> None:
    for name, heard in rounds.items():
        for hearing in heard[-1][0]:
            print(
                f"    {name:14} {hearing.name:16} first {hearing.first_audio_s:.3f} s,"
                f" dry {hearing.dry_s:.3f} s, lost {list(hearing.lost)}"
            )


def _write(path: Path, engine: dict[str, Any], rate: float, rounds: Rounds) -> None:
    with path.open("a") as out:
        for name, heard in rounds.items():
            for number, (hearings, cpu_s) in enumerate(heard):
                line = {
                    "contestant": name,
                    "engine": engine,
                    "rate": rate,
                    "round": number,
                    "cpu_s": cpu_s,
                    "heard": [asdict(hearing) for hearing in hearings],
                }
                out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
