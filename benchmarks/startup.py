"""How soon the server is ready, what memory it takes, and what idle sockets add. Linux only.

`rhapsode serve` as it is delivered: SQLite in an empty folder, eSpeak NG, no other engine.

Run: .venv/bin/python benchmarks/startup.py  (see benchmarks/README.md)
"""

import argparse
import asyncio
import os
import resource
import socket
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from load.process import family_of, memory_mb, private_mb
from machine import describe_load, describe_machine
from websockets.asyncio.client import connect

POLL_S = 0.005
SETTLE_S = 3.0
AT_ONCE = 50
"""Sockets that are opened at a time."""


@dataclass(frozen=True)
class Started:
    """A server that is ready."""

    pid: int
    port: int
    ready_s: float
    """From the command to the first answer that everything but the voices can be used."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sockets", type=int, default=1000)
    options = parser.parse_args()
    _allow_files(options.sockets + 100)
    print(f"{describe_machine()}; {describe_load()}")
    print("command: benchmarks/startup.py", *sys.argv[1:])
    print("\n### Start, memory, idle sockets\n")
    print("| figure | mean | worst | target |")
    print("|---|---|---|---|")
    asyncio.run(_measure(options.rounds, options.sockets))


async def _measure(rounds: int, sockets: int) -> None:
    first: list[float] = []
    again: list[float] = []
    memory: list[float] = []
    idle: list[float] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            async with _serving(Path(folder)) as started:
                first.append(started.ready_s)
                await asyncio.sleep(SETTLE_S)
                memory.append(sum(private_mb(pid) for pid in family_of(started.pid)))
                idle.append(await _memory_of_sockets(started, sockets))
            async with _serving(Path(folder)) as started:
                again.append(started.ready_s)
    print(_row("ready, first start (database made)", first, "s", 2.0))
    print(_row("ready, later starts", again, "s", 2.0))
    print(_row("memory, with both eSpeak NG workers (PSS)", memory, "MB", 150))
    print(_row(f"memory that {sockets} idle event sockets add", idle, "MB", 25))


def _row(figure: str, values: list[float], unit: str, target: float) -> str:
    digits = 2 if unit == "s" else 0
    mean, worst = statistics.fmean(values), max(values)
    return (
        f"| {figure} | {mean:.{digits}f} {unit} | {worst:.{digits}f} {unit} | {target:g} {unit} |"
    )


@asynccontextmanager
async def _serving(folder: Path) -> AsyncIterator[Started]:
    port = _free_port()
    begin_s = time.monotonic()
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("rhapsode"),
            *("serve", "--port", str(port)),
            env=os.environ | {"RHAPSODE_DATA_DIR": str(folder / "data")},
            stdout=log,
            stderr=log,
        )
    try:
        ready_s = await asyncio.to_thread(_wait_ready, port)
        yield Started(process.pid, port, ready_s - begin_s)
    finally:
        process.terminate()
        await process.wait()


def _wait_ready(port: int) -> float:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return time.monotonic()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(POLL_S)


async def _memory_of_sockets(started: Started, count: int) -> float:
    before_mb = memory_mb(started.pid)
    release = asyncio.Event()
    opened = asyncio.Semaphore(0)
    turns = asyncio.Semaphore(AT_ONCE)

    async def hold() -> None:
        async with turns:
            socket = await connect(
                f"ws://127.0.0.1:{started.port}/ws/events", compression=None, proxy=None
            )
        opened.release()
        await release.wait()
        await socket.close()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(hold())
        for _ in range(count):
            await opened.acquire()
        await asyncio.sleep(SETTLE_S)
        added_mb = memory_mb(started.pid) - before_mb
        release.set()
    return added_mb


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


if __name__ == "__main__":
    main()
