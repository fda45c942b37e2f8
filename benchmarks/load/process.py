"""Processes of a load test, and what the operating system knows of them (Linux)."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import IO

LOAD = Path(__file__).parent
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


async def start(
    program: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
) -> Process:
    """Start one of the programs of this folder, with pipes to it and from it."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        LOAD / program,
        *arguments,
        stdin=PIPE,
        stdout=PIPE,
        stderr=log,
        env=os.environ | {"PYTHONPATH": str(LOAD.parent)} | dict(env or {}),
        limit=1 << 30,
    )


async def first_line(process: Process) -> str:
    """Return the line by which a program says that it is ready.

    Raises:
        SystemExit: It ended instead.
    """
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise SystemExit(f"a process ended with code {await process.wait()} before it was ready")
    return line.decode().strip()


async def end(process: Process) -> None:
    """End a process at once."""
    if process.returncode is None:
        process.kill()
    await process.wait()


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has used, all its threads, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def memory_mb(pid: int) -> float:
    """Return the memory that is a process's own or shared (RSS), in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"process {pid} has no memory")


def private_mb(pid: int) -> float:
    """Return a process's memory with its share of what it has in common with others (PSS), in MB.

    Unlike RSS it can be added up over processes.
    """
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"process {pid} has no memory")


def family_of(pid: int) -> list[int]:
    """Return a process and all that it has started, directly or not."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family_of(int(child)))]
