"""`rhapsode doctor`: what works on this machine, what is missing, and how to get it."""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Literal

import av
import click
import numpy as np

from rhapsode.assembly import chatterbox_options
from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.audio.encode import encode_mp3
from rhapsode.cli.configuration import load_settings
from rhapsode.llm.discover import discover_servers
from rhapsode.migration import migrate
from rhapsode.network import OWN_MACHINE
from rhapsode.settings import Settings
from rhapsode.tts.chatterbox.offers import OFFERS
from rhapsode.tts.engine import EngineInfo, Speech, VoiceChoice
from rhapsode.tts.registry import build_hosts
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority

SAMPLE_SENTENCE = "Once upon a time there was a lighthouse."
LOW_SPACE_BYTES = 500_000_000
COLUMN = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "optional", "missing"]
    """`optional`: not there, but nothing stops; `missing`: the product does not work without it."""

    detail: str
    remedy: str | None
    """What to do about it; None where there is nothing to do."""


class Lacking(Exception):
    """A check found something missing."""

    def __init__(self, detail: str, remedy: str | None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at: returns what it found, or raises `Lacking`."""

    name: str
    required: bool
    look: Callable[[Settings], str]

    def run(self, settings: Settings) -> Finding:
        """Look, and tell whatever happens as a finding."""
        try:
            return Finding(self.name, "ok", self.look(settings), None)
        except Lacking as lack:
            detail, remedy = lack.detail, lack.remedy
        except Exception as error:  # noqa: BLE001  whatever breaks here is what the doctor is asked for
            detail, remedy = f"{type(error).__name__}: {error}", None
        return Finding(self.name, "missing" if self.required else "optional", detail, remedy)


def examine(*, as_json: bool) -> int:
    """Look at everything and print it; return 1 when something required is missing."""
    settings = load_settings()
    findings: list[Finding] = []
    for check in CHECKS:
        finding = check.run(settings)
        findings.append(finding)
        if not as_json:
            _print(finding)
    works = all(finding.status != "missing" for finding in findings)
    if as_json:
        report = {
            "version": version("rhapsode"),
            "ok": works,
            "findings": [asdict(finding) for finding in findings],
        }
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo("\nEverything needed is here." if works else "\nSomething needed is missing.")
    return 0 if works else 1


def _print(finding: Finding) -> None:
    color = {"ok": "green", "optional": "yellow", "missing": "red"}[finding.status]
    status = click.style(f"{finding.status:<9}", fg=color)
    click.echo(f"{status}{finding.name:<{COLUMN}}{finding.detail}")
    if finding.remedy:
        click.echo(f"{'':<{9 + COLUMN}}-> {finding.remedy}")


def _python(_settings: Settings) -> str:
    return f"{sys.version.split()[0]} ({sys.executable})"


def _speech(settings: Settings) -> str:
    infos, first_s, rtf = asyncio.run(_try_speaking(settings))
    if first_s is None:
        reasons = "; ".join(f"{info.label}: {info.unavailable_reason}" for info in infos)
        raise Lacking(f"no engine can speak ({reasons})", "make setup")
    labels = ", ".join(info.label for info in infos if info.available)
    return f"{labels}: first sound after {first_s * 1000:.0f} ms, {1 / rtf:.0f} times real time"


async def _try_speaking(settings: Settings) -> tuple[list[EngineInfo], float | None, float]:
    """Return the engines, seconds to the first sound (None: no engine speaks), real-time factor."""
    samples = 0
    first_s: float | None = None

    def hear(piece: Speech) -> None:
        nonlocal samples, first_s
        if isinstance(piece, AudioChunk):
            first_s = first_s or perf_counter() - began
            samples += len(piece.samples)

    async with Synthesizer(build_hosts(settings.espeak_workers, OWN_MACHINE)) as synthesizer:
        infos = await synthesizer.engines()
        engine = next((info.name for info in infos if info.available), None)
        if engine is None:
            return infos, None, 0.0
        choice = await synthesizer.check(VoiceChoice(engine, ""))
        began = perf_counter()
        await synthesizer.speak(SAMPLE_SENTENCE, choice, Priority.LIVE, hear)
        rtf = (perf_counter() - began) / (samples / SAMPLE_RATE)
    return infos, first_s, rtf


def _sound_files(_settings: Settings) -> str:
    encode_mp3(np.zeros(SAMPLE_RATE // 10, np.int16))
    numbers = av.library_versions["libavcodec"]
    return f"MP3 by libavcodec {'.'.join(map(str, numbers))} (PyAV {av.__version__})"


def _data_folder(settings: Settings) -> str:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        remedy = "Set RHAPSODE_DATA_DIR to a folder that this user can write to"
        raise Lacking(f"{folder}: {error.strerror}", remedy) from error
    free = shutil.disk_usage(folder).free
    if free < LOW_SPACE_BYTES:
        raise Lacking(
            f"{folder}: only {free / 1e6:.0f} MB free", "Make room, or move RHAPSODE_DATA_DIR"
        )
    return f"{folder} ({free / 1e9:.0f} GB free)"


def _database(settings: Settings) -> str:
    url = settings.resolved_database_url
    migrate(url, settings.migrations_dir)
    kind, _, place = url.partition("://")
    # Other addresses may hold a password.
    return f"SQLite {place.removeprefix('/')}" if kind.startswith("sqlite") else kind


def _page(settings: Settings) -> str:
    if not (settings.frontend_dir / "index.html").is_file():
        raise Lacking(f"not built in {settings.frontend_dir}", "make setup")
    return str(settings.frontend_dir)


def _language_models(_settings: Settings) -> str:
    servers = asyncio.run(discover_servers())
    if not servers:
        raise Lacking(
            "no server found on this machine; the built-in storyteller writes",
            "Start Ollama, LM Studio, llama.cpp, vLLM or KoboldCpp, or set an address on the page",
        )
    return "; ".join(
        f"{server.name} at {server.base_url} ({', '.join(server.models) or 'no model loaded'})"
        for server in servers
    )


def _natural_voices(settings: Settings) -> str:
    hosts = build_hosts(settings.espeak_workers, OWN_MACHINE, chatterbox_options(settings))
    infos = [hosts[name].info() for name in OFFERS]
    gpu = "an NVIDIA GPU is here" if shutil.which("nvidia-smi") else "no NVIDIA GPU found"
    labels = ", ".join(info.label for info in infos if info.available)
    if not labels:
        raise Lacking(f"{infos[0].unavailable_reason} ({gpu})", "docs/chatterbox.md")
    device = _chatterbox_device(settings)
    if not device and shutil.which("nvidia-smi") and settings.chatterbox_device != "cpu":
        unseen = f"{labels}, on the processor, although {gpu}: its environment does not find it"
        raise Lacking(unseen, "make chatterbox, once the driver is loaded")
    return f"{labels}, on {device or 'the processor, which is slower than speech'}"


def _chatterbox_device(settings: Settings) -> str:
    """Return what Chatterbox's own environment finds to compute on; "" for the processor."""
    question = (
        "import torch\n"
        "if torch.cuda.is_available(): print(torch.cuda.get_device_name())\n"
        "elif torch.backends.mps.is_available(): print('an Apple GPU')"
    )
    command = [str(settings.chatterbox_python), "-c", question]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if asked.returncode:
        reason = "".join(asked.stderr.strip().splitlines()[-1:])
        raise Lacking(f"Chatterbox's environment is damaged: {reason}", "make chatterbox")
    return asked.stdout.strip()


def _node(_settings: Settings) -> str:
    return _version_of(["node"], "only building the page needs it", "https://nodejs.org")


def _chromium(_settings: Settings) -> str:
    names = ["chromium", "chromium-browser", "google-chrome"]
    return _version_of(names, "only the browser tests need it", "make test installs it or says how")


def _version_of(names: list[str], purpose: str, remedy: str) -> str:
    for name in names:
        if path := shutil.which(name):
            shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            return f"{shown.stdout.strip()} ({Path(path)})"
    raise Lacking(f"not found; {purpose}", remedy)


CHECKS = (
    Check("Python", True, _python),
    Check("Speech", True, _speech),
    Check("Sound files", True, _sound_files),
    Check("Data folder", True, _data_folder),
    Check("Database", True, _database),
    Check("Page", True, _page),
    Check("Language models", False, _language_models),
    Check("Natural voices", False, _natural_voices),
    Check("Node.js", False, _node),
    Check("Chromium", False, _chromium),
)
