"""Engines that run, for the tests of this folder."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rhapsode.tts.espeak.engine import EspeakEngine
from rhapsode.tts.process_host import ProcessHost
from rhapsode.tts.tone import ToneEngine

_MISBEHAVING = Path(__file__).with_name("misbehaving_worker.py")


@pytest.fixture(scope="session")
def espeak() -> EspeakEngine:
    return EspeakEngine()


@asynccontextmanager
async def running(host: ProcessHost) -> AsyncIterator[ProcessHost]:
    await host.start()
    try:
        yield host
    finally:
        await host.close()


@pytest.fixture
def misbehaving(tmp_path: Path):
    """Make a host of processes that hang, die or babble when the text asks for it."""

    def make(*, processes: int = 1, stall_s: float = 20.0, at_start: str = ""):
        command = [sys.executable, str(_MISBEHAVING), at_start, str(tmp_path)]
        return ProcessHost(
            ToneEngine.info, command, processes=processes, start_s=20.0, stall_s=stall_s
        )

    return make


@pytest.fixture
def run():
    """Start a host for the length of an `async with` block."""
    return running
