"""ChatterboxHost: Chatterbox in its own environment and process, loaded when it is first used.

Knows no torch. Importing it takes the engine's process 10 s and its weights gigabytes: so nothing
starts before somebody speaks, and what is unused for a while ends.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import rhapsode
from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.chatterbox.offers import ChatterboxOptions, Offer, built_in_voices
from rhapsode.tts.chatterbox.policy import MAX_WAITING
from rhapsode.tts.chatterbox.shelf import VOICE_ID, read_record
from rhapsode.tts.engine import EngineInfo, SpeechOptions, Voice
from rhapsode.tts.host import Emit
from rhapsode.tts.process_host import ProcessHost

START_S = 300.0
"""Importing torch and reading 3 GB from a slow disk; downloads happen before, by `make`."""

STALL_S = 330.0
"""The engine gives up a hung step by itself, and says why: this is for when it cannot."""


REST_S = 20.0
"""Loading takes many seconds: where it has failed, a scene's sentences do not each try again."""


class ChatterboxHost:
    """An `EngineHost` that knows its voices, and what it lacks, without being loaded."""

    def __init__(
        self, offer: Offer, options: ChatterboxOptions, command: Sequence[str] | None = None
    ) -> None:
        """Describe the engine; nothing is started.

        Args:
            offer: Which of Chatterbox's models.
            options: The operator's.
            command: Runs the worker; None means the registry's, in Chatterbox's environment.
        """
        self._offer = offer
        self._options = options
        marked = " Its sound carries an inaudible watermark." if options.watermark else ""
        self._info = replace(offer.info, description=offer.info.description + marked)
        own = [str(options.python), "-m", "rhapsode.tts.worker", offer.info.name]
        path = str(Path(rhapsode.__file__).parent.parent)
        self._process = ProcessHost(
            self._info,
            command or own,
            processes=1,
            start_s=START_S,
            stall_s=STALL_S,
            environment={"PYTHONPATH": path} | options.to_environment() | _threads(),
            lazy=True,
            idle_s=options.idle_s,
            rest_s=REST_S,
        )

    @property
    def sample_rate(self) -> int:
        """Samples per second (Hz) of every chunk."""
        return SAMPLE_RATE

    @property
    def concurrency(self) -> int:
        """How many sentences may be open at once; who is spoken first is decided by the engine."""
        return MAX_WAITING

    @property
    def pids(self) -> list[int]:
        """The number of the process, if it lives."""
        return self._process.pids

    async def start(self) -> None:
        """Do nothing: the first sentence loads the engine."""

    async def close(self) -> None:
        """End the process, if there is one."""
        await self._process.close()

    def info(self) -> EngineInfo:
        """Return what is known about the engine, and what it lacks; see `EngineHost.info`."""
        if missing := self._missing():
            return replace(self._info, available=False, unavailable_reason=missing)
        return self._process.info()

    async def voices(self) -> list[Voice]:
        """Return the voices that everybody may use; those that users made are theirs alone."""
        return built_in_voices(self._offer)

    def is_private(self, voice: str) -> bool:
        """Tell whether a voice of that id is or was somebody's own."""
        return VOICE_ID.fullmatch(voice) is not None

    async def language_of(self, voice: str) -> str | None:
        """Return the language of a voice that `voices` does not list; see `PrivateVoices`."""
        record = read_record(self._options.voices_dir, voice)
        return self._offer.language_for(record.language) if record else None

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence, loading the engine if need be; see `EngineHost.speak`."""
        if missing := self._missing():
            raise EngineUnavailableError(missing)
        await self._process.speak(text, voice, options, emit)

    def _missing(self) -> str | None:
        """Return what is missing, and how to get it; None when nothing is."""
        if not os.access(self._options.python, os.X_OK):
            return f"{self._info.label} is not installed. Run `make chatterbox`."
        folder = self._options.weights_dir or _hub_snapshot(self._offer.repository)
        lacking = [name for name in self._offer.files if not (folder / name).is_file()]
        if not lacking:
            return None
        if self._options.weights_dir is not None:
            return f"{folder} (RHAPSODE_CHATTERBOX_DIR) lacks {', '.join(lacking)}."
        return (
            f"The weights of {self._info.label} are not here yet (about 3 GB). Run "
            f"`make chatterbox-weights MODEL={self._offer.variant}`."
        )


def _threads() -> dict[str, str]:
    """Return how the engine shares the processor, unless the operator has said otherwise.

    OpenMP's threads wait for each other by spinning. Where one of them has to share its core, with
    a browser or with this server, a step of the model then took 40 times as long; so one core is
    left to others, and waiting soon becomes sleep.
    """
    able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    ours = {"OMP_NUM_THREADS": str(max(1, (able or 1) - 1)), "GOMP_SPINCOUNT": "1000"}
    return {name: os.environ.get(name, value) for name, value in ours.items()}


def _hub_snapshot(repository: str) -> Path:
    """Return where Hugging Face's cache has a repository; a folder that may not exist.

    Source: huggingface_hub/constants.py, which only the engine's environment has.
    """
    read = os.environ.get
    home = read("HF_HOME") or Path(read("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    hub = read("HF_HUB_CACHE") or read("HUGGINGFACE_HUB_CACHE") or Path(home) / "hub"
    place = Path(os.path.expandvars(hub)).expanduser() / f"models--{repository.replace('/', '--')}"
    try:
        commit = (place / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return place
    return place / "snapshots" / commit
