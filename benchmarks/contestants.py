"""The contestants of `live_pipeline.py`: their environments, and their programs as processes."""

import asyncio
import json
import os
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "rhapsode-benchmarks"
_LINE_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True)
class Contestant:
    """One way of turning tokens into sound."""

    name: str
    program: str
    """Its driver in `peers/`."""

    packages: tuple[str, ...] = ()
    """What its environment holds; none means this project's own."""

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        if not self.packages:
            return Path(sys.executable)
        return _CACHE / self.name / "bin" / "python"


CONTESTANTS = {
    each.name: each
    for each in (
        Contestant("ours", "ours.py"),
        Contestant("realtimetts", "realtime_tts.py", ("realtimetts[minimal]==0.8.10",)),
        Contestant("pipecat-ai", "pipecat_ai.py", ("pipecat-ai==1.14.0",)),
        Contestant("livekit-agents", "livekit_agents.py", ("livekit-agents==1.8.9",)),
    )
}


async def prepare(contestant: Contestant) -> str:
    """Make a contestant's environment unless it is there; return why that failed, or ""."""
    if not contestant.packages:
        return ""
    folder = _CACHE / contestant.name
    installed = folder / "installed"
    wanted = " ".join(contestant.packages)
    if installed.exists() and installed.read_text() == wanted:
        return ""
    print(f"installing {wanted} into {folder} ...", flush=True)
    await asyncio.to_thread(venv.create, folder, with_pip=True, symlinks=True)
    pip = await asyncio.create_subprocess_exec(
        contestant.python, "-m", "pip", "install", "--quiet", *contestant.packages,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await pip.communicate()
    if pip.returncode:
        return said.decode(errors="replace").strip().splitlines()[-1]
    installed.write_text(wanted)
    return ""


class Program:
    """A contestant's process: takes a job, gives its result."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant

    async def start(self) -> str:
        """Start it, wait until it can work, and return what is to be known of it, or ""."""
        self._process = await asyncio.create_subprocess_exec(
            self.contestant.python,
            BENCHMARKS / "peers" / self.contestant.program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=(_CACHE / f"{self.contestant.name}.log").open("ab"),
            env=os.environ | {"PYTHONPATH": str(BENCHMARKS)},
            limit=_LINE_LIMIT,
        )
        return str((await self._line())["note"])

    async def work(self, job: dict[str, Any]) -> dict[str, Any]:
        """Return what a job came to; see `peers/driver.py`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        await self._process.stdin.drain()
        return await self._line()

    async def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            name = self.contestant.name
            raise SystemExit(f"{name} failed; see {_CACHE / f'{name}.log'}")
        return json.loads(line)
