"""On what, and when, figures were measured: a line for the head of every table."""

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def describe_machine() -> str:
    """Return the machine's class and today's date: `4-core AMD EPYC, 23 GiB, Linux, ...`.

    A class and not a machine: no host name, no address, no path.
    """
    parts = [f"{_cores()}-core {_processor()}", f"{_memory_gib()} GiB"]
    if accelerator := _accelerator():
        parts.append(accelerator)
    parts += [platform.system(), f"Python {platform.python_version()}"]
    return f"{', '.join(parts)}; {datetime.now(UTC):%Y-%m-%d}"


def describe_load() -> str:
    """Return how busy the machine is with other work: figures of a busy one are only ratios."""
    return f"load average {os.getloadavg()[0]:.1f} on {_cores()} cores"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _accelerator() -> str:
    if shutil.which("nvidia-smi") is None:
        return ""
    asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return answer.stdout.splitlines()[0] if answer.returncode == 0 else ""


if __name__ == "__main__":
    print(describe_machine())
    print(describe_load())
