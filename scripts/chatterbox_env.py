"""Make the environment that Chatterbox runs in: `python3 scripts/chatterbox_env.py`.

It is kept apart from the app's, because the engine pins old versions of large packages. Takes
1 to 3 minutes the first time and nothing when it is there already. The engine's worker finds
Rhapsode's sources by PYTHONPATH; they are not installed.

A GPU gets the versions that upstream pins, unless it is newer than they are. Such a one, and a
machine without any, gets newer versions. Without a GPU, pip may still bring torch's CUDA build,
which works and is 3 GB larger than need be. Where PyTorch publishes builds for the CPU,
RHAPSODE_TORCH_INDEX can name that package index.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BACKEND = ROOT / "backend"

Step = tuple[str, ...]
"""Arguments of one call of `pip install`."""


NEWEST_PINNED = 9.0
"""The newest compute capability that torch 2.6 knows, the H100's. The 50 series has 12.0."""


def suits_pins() -> bool:
    """Tell whether there is a GPU that upstream's own pins support: NVIDIA's or Apple's."""
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    asked = (program, "--query-gpu=compute_cap", "--format=csv,noheader")
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        capabilities = [float(line) for line in answer.stdout.split()]
        return bool(capabilities) and max(capabilities) <= NEWEST_PINNED
    # Drivers that cannot tell are older than the newer cards.
    return subprocess.run([program, "-L"], capture_output=True, check=False).returncode == 0


def steps(*, pinned: bool, dev: bool) -> list[Step]:
    """Return what pip is to install, in order."""

    def requirements(kind: str) -> Step:
        return ("--requirement", str(BACKEND / f"requirements-chatterbox-{kind}.txt"))

    if pinned:
        wanted = [requirements("pinned")]
    else:
        nodeps = ("--no-deps", *requirements("newer-nodeps"))
        wanted = [_index() + requirements("newer"), nodeps]
    return [*wanted, requirements("dev")] if dev else wanted


def _index() -> Step:
    index = os.environ.get("RHAPSODE_TORCH_INDEX")
    return ("--extra-index-url", index) if index else ()


def fingerprint(step: Step) -> str:
    """Return a digest of what a step installs, by which interpreter and where."""
    digest = hashlib.sha256(f"{sys.version} {ROOT} {' '.join(step)}".encode())
    digest.update(Path(step[-1]).read_bytes())
    return digest.hexdigest()


def install(folder: Path, wanted: list[Step]) -> None:
    """Take the steps that have not been taken; begin anew if those that were are others now."""
    stamp = folder / "installed"
    done = stamp.read_text().split() if stamp.is_file() else []
    due = [fingerprint(step) for step in wanted]
    if due == done[: len(due)]:
        return
    if due[: len(done)] != done or not done:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        done = []
    print(f"Installing Chatterbox into {folder}: the first time takes 1 to 3 minutes.")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    for step in wanted[len(done) :]:
        subprocess.run([*pip, *step], check=True)
        done.append(fingerprint(step))
        stamp.write_text("\n".join(done))


def start_with_an_older_python() -> None:
    """Run this script again with a Python that Chatterbox's pins support."""
    for name in ("python3.12", "python3.11"):
        if path := shutil.which(name):
            os.execv(path, [path, *sys.argv])
    sys.exit("Chatterbox needs Python 3.11 or 3.12 beside this one. Install one of them.")


def main() -> None:
    """Make the environment, unless it is there already."""
    parser = argparse.ArgumentParser(description="Make the environment that Chatterbox runs in.")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--pinned", action="store_true", default=None, help="upstream's pins, whatever GPU is seen"
    )
    kind.add_argument(
        "--newer", action="store_false", dest="pinned", help="newer versions, whatever GPU is seen"
    )
    parser.add_argument("--dev", action="store_true", help="with what the engine's tests need")
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv-chatterbox")
    chosen = parser.parse_args()
    pinned = suits_pins() if chosen.pinned is None else chosen.pinned
    if sys.version_info >= (3, 13):
        start_with_an_older_python()
    try:
        install(chosen.folder, steps(pinned=pinned, dev=chosen.dev))
    except subprocess.CalledProcessError:
        sys.exit("Chatterbox could not be installed; pip says why above.")


if __name__ == "__main__":
    main()
