"""How soon the server is ready, what memory it takes, and what idle sockets add. Linux only.

`rhapsode serve` as it is delivered: SQLite in an empty folder, eSpeak NG, no other engine.

Run: .venv/bin/python benchmarks/startup.py  (see benchmarks/README.md)
"""

import argparse
import asyncio
import json
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
from typing import Any

from load.process import family_of, memory_mb, private_mb
from machine import describe_load, describe_machine
from websockets.asyncio.client import connect

POLL_S = 0.005
SETTLE_S = 3.0
ALL_AT_ONCE_MS = 3_600_000
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
    used: list[float] = []
    idle: list[float] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            async with _serving(Path(folder)) as started:
                first.append(started.ready_s)
                await asyncio.sleep(SETTLE_S)
                memory.append(_memory_of_all(started))
                idle.append(await _memory_of_sockets(started, sockets))
            async with _serving(Path(folder)) as started:
                again.append(started.ready_s)
                await _tell_scene(started.port)
                used.append(_memory_of_all(started))
    print(_row("ready, first start (database made)", first, "s", 2.0))
    print(_row("ready, later starts", again, "s", 2.0))
    print(_row("memory, with the eSpeak NG worker (PSS)", memory, "MB", 150))
    print(_row("the same after its first scene", used, "MB", None))
    print(_row(f"memory that {sockets} idle event sockets add", idle, "MB", 25))


def _row(figure: str, values: list[float], unit: str, target: float | None) -> str:
    digits = 2 if unit == "s" else 0
    mean, worst = statistics.fmean(values), max(values)
    aim = f"{target:g} {unit}" if target else "-"
    return f"| {figure} | {mean:.{digits}f} {unit} | {worst:.{digits}f} {unit} | {aim} |"


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


def _memory_of_all(started: Started) -> float:
    return sum(private_mb(pid) for pid in family_of(started.pid))


async def _tell_scene(port: int) -> None:
    """Have the built-in storyteller write a scene, and hear all of it."""
    story = await asyncio.to_thread(_post, port, "/api/stories", b'{"title": "A light"}')
    path = f"/api/stories/{story['id']}/scenes/generate-with-tts-stream"
    scene = await asyncio.to_thread(_post, port, path, b"custom_prompt=Go")
    url = f"ws://127.0.0.1:{port}{scene['websocket_url']}"
    async with connect(url, subprotocols=["rhapsode.v1"], compression=None, proxy=None) as socket:
        await socket.send(json.dumps({"type": "start", "v": 1, "window_ms": ALL_AT_ONCE_MS}))
        async for _ in socket:
            pass


def _post(port: int, path: str, body: bytes) -> dict[str, Any]:
    kind = "application/json" if body.startswith(b"{") else "application/x-www-form-urlencoded"
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"content-type": kind})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


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
