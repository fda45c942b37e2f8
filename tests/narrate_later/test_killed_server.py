"""A server killed in the middle of a narration, again and again."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from rhapsode.settings import REPOSITORY

KILLS = int(os.environ.get("RHAPSODE_TEST_KILLS", "8"))
"""How often the server is killed; raise it for a longer trial."""

SENTENCES = 120
PLACES = ("the harbor", "a field of barley", "the old mill", "the railway bridge", "the square")
TEXT = " ".join(
    f"On day {number} she walked as far as {PLACES[number % len(PLACES)]}, and wrote down "
    f"whatever she had seen there, {number * 7} things in all."
    for number in range(1, SENTENCES + 1)
)


def serve(data_dir: Path) -> list[str]:
    return [sys.executable, "-m", "rhapsode", "serve", "--port", "0"]


def tone_server(data_dir: Path) -> list[str]:
    return [sys.executable, "-m", "tests.narrate_later.tone_server", str(data_dir)]


@contextmanager
def serving(
    data_dir: Path, command: Callable[[Path], list[str]]
) -> Iterator[tuple[subprocess.Popen, str]]:
    """Run a server and give its process and address; kill it at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RHAPSODE_")}
    process = subprocess.Popen(
        command(data_dir),
        cwd=REPOSITORY,
        env={**kept, "RHAPSODE_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = next(line for line in process.stdout if "Rhapsode is at" in line)
        yield process, line.split()[-1]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def call(method: str, url: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def order(address: str, engine: str) -> str:
    """Write the scene, order its narration, and return the narration's path."""
    call("PUT", f"{address}/api/tts/settings", {"tts_provider_type": engine})
    story = call("POST", f"{address}/api/stories", {})
    scene = call("POST", f"{address}/api/stories/{story['id']}/scenes", {})
    call("PATCH", f"{address}/api/scenes/{scene['id']}", {"content": TEXT})
    path = f"/api/scenes/{scene['id']}/narration"
    call("POST", address + path)
    return path


def wait_complete(address: str, path: str) -> None:
    until = time.monotonic() + 90
    while call("GET", address + path)["status"] != "complete":
        assert time.monotonic() < until, "the narration does not come to its end"
        time.sleep(0.1)


def rows(data_dir: Path, statement: str) -> list[tuple]:
    with closing(sqlite3.connect(data_dir / "rhapsode.db")) as connection:
        return connection.execute(statement).fetchall()


def wait_for_sentences(data_dir: Path, count: int) -> None:
    until = time.monotonic() + 60
    while rows(data_dir, "SELECT count(*) FROM recordings") < [(count,)]:
        assert time.monotonic() < until, "the narration does not go on"
        time.sleep(0.005)


def chunks(data_dir: Path) -> list[tuple]:
    return rows(
        data_dir,
        "SELECT c.'index', c.text, c.char_start, r.samples, r.words, r.sound"
        " FROM narration_chunks c JOIN recordings r ON r.key = c.key ORDER BY c.'index'",
    )


def killed_at(points: list[int], data_dir: Path, command, engine: str, dice) -> list[list[tuple]]:
    """Kill a server whenever it has so many sentences; return what was kept each time."""
    path = ""
    kept = []
    for point in points:
        with serving(data_dir, command) as (_, address):
            path = path or order(address, engine)
            wait_for_sentences(data_dir, point)
            # Anywhere in the next sentence or two: between two commits, or inside one.
            time.sleep(dice.uniform(0, 0.05))
        kept.append(chunks(data_dir))
    with serving(data_dir, command) as (_, address):
        wait_complete(address, path)
    return kept


@pytest.fixture
def dice():
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - repeats the same points after a failure
    return random.Random(seed)


@pytest.mark.timeout(300)
def test_killed_at_any_point_it_comes_to_the_same_bytes(tmp_path, dice):
    """Kept sound equals that of a server that nobody killed, and no sentence is there twice."""
    with serving(tmp_path / "whole", tone_server) as (_, address):
        wait_complete(address, order(address, "tone"))
    whole = chunks(tmp_path / "whole")
    assert len(whole) == SENTENCES

    killed = tmp_path / "killed"
    points = sorted(dice.sample(range(SENTENCES - 5), KILLS))
    kept = killed_at(points, killed, tone_server, "tone", dice)
    print(f"killed after {[len(part) for part in kept]} sentences")  # noqa: T201
    assert chunks(killed) == whole
    assert rows(killed, "SELECT count(*) FROM recordings") == [(SENTENCES,)]
    assert rows(killed, "SELECT count(*), min(status) FROM narrations") == [(1, "complete")]


@pytest.mark.timeout(300)
def test_what_was_kept_before_a_kill_is_never_made_again(tmp_path, dice):
    """The same with `rhapsode serve` and a real voice, which says nothing twice the same way.

    Its pitch wavers, and where the waver stands is not kept; see `rhapsode.tts.espeak.library`.
    """
    points = sorted(dice.sample(range(SENTENCES - 5), 2))
    kept = killed_at(points, tmp_path, serve, "espeak", dice)
    whole = chunks(tmp_path)
    assert len(whole) == SENTENCES
    assert [text for _, text, *_ in whole] == TEXT.replace(". On", ".|On").split("|")
    for part in kept:
        assert part == whole[: len(part)]
