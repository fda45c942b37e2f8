"""How many live sessions one server process holds, and what it adds to the way of a chunk of sound.

The real server, real accounts, a scripted language model, real WebSockets; engine, model and
listeners are processes of their own, so that the server's CPU is the server's alone. Linux only.

Run: .venv/bin/python benchmarks/sessions.py  (see benchmarks/README.md)
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from listening import dry_s
from load.crowd import Place, make_places
from load.process import cpu_s, end, first_line, memory_mb, start
from machine import describe_load, describe_machine

BEGIN_WITHIN_S = {"life": 30.0, "writing": 5.0}
"""The sessions of a row begin over this time; CPU and delays are taken after it. Of "life" it is
about the length of a scene as it is heard, so that at any time as many begin as end."""

SETTLE_S = 2.0
TIME_FOR_SOUND_S = 4.0

SHAPES = {
    "life": "scene after scene, each heard to its end",
    "writing": "all writing and speaking all the time",
}


@dataclass(frozen=True)
class Round:
    """What was measured with a number of sessions."""

    sessions: int
    first_audio_s: list[float]
    """For each scene, from the first text to the first sound."""

    delays_s: list[float]
    """For each chunk of sound, from the engine's giving it out to the listener's having it."""

    scenes: int
    dry: int
    """Scenes with a dry spell."""

    errors: list[str]
    cpu_share: float
    """Of one core, by the server."""

    memory_mb: float
    memory_before_mb: float


def main() -> None:
    """Measure and print."""
    options = _options()
    print(f"{describe_machine()}; {describe_load()}")
    print("command: benchmarks/sessions.py", *sys.argv[1:])
    print(
        f"\n### Live sessions of one server process, {SHAPES[options.shape]}: {options.rate:g} "
        f"tokens/s, RTF {options.rtf:g}, first chunk {1000 * options.first_chunk:.0f} ms, "
        f"chunks of {1000 * options.chunk:.0f} ms; {options.seconds:g} s measured\n"
    )
    print(
        "| sessions | scenes | first audio, mean | p95 | dry scenes | added delay, p50 | p99 |"
        " server CPU, of a core | CPU per session and s | memory per session | errors |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for count in options.sessions:
        for _ in range(options.rounds):
            measured = asyncio.run(_measure(count, options))
            print(_row(measured, options), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", nargs="+", type=int, default=[50, 100, 200, 300, 400])
    parser.add_argument("--shape", choices=SHAPES, default="life")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each is measured")
    parser.add_argument("--rate", type=float, default=20.0, help="tokens per s")
    parser.add_argument("--rtf", type=float, default=0.5)
    parser.add_argument("--first-chunk", type=float, default=0.15, help="seconds")
    parser.add_argument("--chunk", type=float, default=0.2, help="seconds of sound in a chunk")
    parser.add_argument("--listener-processes", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--profile", type=Path, help="py-spy's record of the server, as SVG")
    return parser.parse_args()


async def _measure(count: int, options: argparse.Namespace) -> Round:
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        window_s = BEGIN_WITHIN_S[options.shape] + SETTLE_S + options.seconds
        endless = round(options.rate * (window_s + 10))
        llm = {
            "tokens_per_s": options.rate,
            "tokens": None if options.shape == "life" else endless,
            "seed": 1,
        }
        writer = await start("writer.py", json.dumps(llm))
        llm_port = await first_line(writer)
        places = make_places(Path(folder) / "data", count, f"http://127.0.0.1:{llm_port}/v1")
        pace = {
            "first_chunk_s": options.first_chunk,
            "rtf": options.rtf,
            "chunk_s": options.chunk,
        }
        environment = {
            "RHAPSODE_DATA_DIR": str(Path(folder) / "data"),
            "RHAPSODE_AUTH": "accounts",
            "RHAPSODE_ALLOWED_SERVERS": json.dumps([f"127.0.0.1:{llm_port}"]),
        }
        server = await start("server.py", json.dumps(pace), env=environment, log=log)
        port = int(await first_line(server))
        try:
            return await _listen(places, port, server.pid, options)
        finally:
            await end(server)
            await end(writer)


async def _listen(
    places: list[Place], port: int, server_pid: int, options: argparse.Namespace
) -> Round:
    memory_before_mb = memory_mb(server_pid)
    begin_s = time.monotonic() + 1.5
    begin_within_s = BEGIN_WITHIN_S[options.shape]
    measured_s = begin_s + begin_within_s + SETTLE_S
    end_s = measured_s + options.seconds
    listeners = [
        {**asdict(place), "delay_s": number * begin_within_s / len(places)}
        for number, place in enumerate(places)
    ]
    running = [
        asyncio.create_task(_run_listeners(listeners[share :: options.listener_processes],
                                           port, begin_s, end_s))
        for share in range(options.listener_processes)
    ]  # fmt: skip
    await asyncio.sleep(measured_s - time.monotonic())
    profiling = await _profile(server_pid, options)
    used_s, from_s = cpu_s(server_pid), time.monotonic()
    await asyncio.sleep(end_s - time.monotonic() - 0.2)
    share = (cpu_s(server_pid) - used_s) / (time.monotonic() - from_s)
    memory = memory_mb(server_pid)
    records = [
        record
        for part in await asyncio.gather(*running)
        for record in part
        # A scene that began shortly before the end may not have had the time for a sound.
        if record["heard"] or record["error"] or record["begun_s"] < end_s - TIME_FOR_SOUND_S
    ]
    if profiling:
        await profiling.wait()
    return Round(
        sessions=len(places),
        first_audio_s=[
            record["heard"][0][0] - record["first_text_s"] for record in records if record["heard"]
        ],
        delays_s=[delay_s for record in records for delay_s in _delays_s(record, measured_s)],
        scenes=len(records),
        dry=sum(dry_s(record["heard"]) > 0 for record in records if record["heard"]),
        errors=[
            record["error"] or "no sound"
            for record in records
            if record["error"] or not record["heard"]
        ],
        cpu_share=share,
        memory_mb=memory,
        memory_before_mb=memory_before_mb,
    )  # fmt: skip


async def _run_listeners(
    listeners: list[dict[str, Any]], port: int, begin_s: float, end_s: float
) -> list[dict[str, Any]]:
    process = await start("listeners.py")
    job = {"port": port, "begin_s": begin_s, "end_s": end_s, "listeners": listeners}
    heard, _ = await process.communicate(json.dumps(job).encode() + b"\n")
    return json.loads(heard)


def _delays_s(record: dict[str, Any], measured_s: float) -> list[float]:
    """Return how long each chunk of a session was on its way.

    What is made ahead waits for what comes before it in the text: a chunk's way begins when the
    last of those before it has left the engine.
    """
    left_engine_s = accumulate(record["left_engine_s"], max)
    pairs = zip(record["heard"], record["left_engine_s"], left_engine_s, strict=True)
    return [at_s - left_s for (at_s, _), own_s, left_s in pairs if own_s and at_s > measured_s]


async def _profile(pid: int, options: argparse.Namespace) -> asyncio.subprocess.Process | None:
    if not options.profile:
        return None
    seconds = str(max(1, int(options.seconds - 1)))
    return await asyncio.create_subprocess_exec(
        "py-spy", "record", "--pid", str(pid), "--duration", seconds, "--output", options.profile,
        "--rate", "200", "--format", "raw" if options.profile.suffix == ".txt" else "flamegraph",
    )  # fmt: skip


def _row(measured: Round, options: argparse.Namespace) -> str:
    cells = [
        str(measured.sessions),
        str(measured.scenes),
        f"{statistics.fmean(measured.first_audio_s):.3f} s",
        f"{_centile(measured.first_audio_s, 95):.3f} s",
        str(measured.dry),
        f"{1000 * _centile(measured.delays_s, 50):.2f} ms",
        f"{1000 * _centile(measured.delays_s, 99):.1f} ms",
        f"{100 * measured.cpu_share:.0f} %",
        f"{1000 * measured.cpu_share / measured.sessions:.2f} ms",
        f"{(measured.memory_mb - measured.memory_before_mb) / measured.sessions:.2f} MB",
        f"{len(measured.errors)} {measured.errors[:1] or ''}".strip(),
    ]
    return f"| {' | '.join(cells)} |"


def _centile(values: list[float], centile: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[centile - 1]


if __name__ == "__main__":
    main()
