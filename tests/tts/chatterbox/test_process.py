"""The engine in a process of its own, through the host that the server uses.

One host for all: starting a process with torch in it takes seconds.
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from rhapsode.errors import EngineCrashedError, UnknownVoiceError
from rhapsode.tts.chatterbox.host import ChatterboxHost
from rhapsode.tts.chatterbox.offers import OFFERS, ChatterboxOptions
from rhapsode.tts.engine import Demand, SpeechOptions, VoiceChoice
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority
from tests.tts.chatterbox.tiny_worker import HANG

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORKER = [sys.executable, str(Path(__file__).with_name("tiny_worker.py"))]
OPTIONS = SpeechOptions()
TEXT = "A blue light burned all night."
LONG = TEXT * 8
VOICE = VoiceChoice("chatterbox", "default")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(weights, tmp_path_factory):
    options = ChatterboxOptions(
        voices_dir=tmp_path_factory.mktemp("voices"),
        weights_dir=weights,
        device="cpu",
        precision="float32",
        slots=8,
        watermark=False,
        python=Path(sys.executable),
    )
    host = ChatterboxHost(OFFERS["chatterbox"], options, WORKER)
    await host.start()
    yield host
    await host.close()


async def spoken(host, text=TEXT, options=OPTIONS):
    chunks = []
    await host.speak(text, "default", options, lambda piece: chunks.append(piece.samples))
    return np.concatenate([np.zeros(0, np.float32), *chunks])


async def begun(host, text, options=OPTIONS):
    """Begin to speak a text; return the task, once there is sound."""
    first = asyncio.Event()

    def note(piece):
        if len(piece.samples):
            first.set()

    speaking = asyncio.create_task(host.speak(text, "default", options, note))
    waiting = asyncio.create_task(first.wait())
    await asyncio.wait([speaking, waiting], return_when=asyncio.FIRST_COMPLETED)
    assert not speaking.done(), speaking
    return speaking


async def test_the_process_starts_with_the_first_sentence_and_not_before(host):
    assert host.info().available
    assert [voice.id for voice in await host.voices()] == ["default"]
    assert host.pids == []
    assert len(await spoken(host)) > 24_000
    assert len(host.pids) == 1


async def test_64_sentences_at_once_come_through_one_pipe_unmixed(host):
    texts = [f"{number:02}" for number in range(64)]
    alone = await spoken(host, texts[5])
    sounds = await asyncio.gather(*(spoken(host, text) for text in texts))
    assert all(len(sound) and np.isfinite(sound).all() for sound in sounds)
    error = np.sum((sounds[5] - alone) ** 2) / np.sum(alone**2)
    assert 10 * np.log10(error + 1e-20) < -60
    assert len({sound[:2880].tobytes() for sound in sounds}) > 60


async def test_a_sentence_that_is_cancelled_is_left_at_once(host):
    long = await begun(host, LONG)
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(10):
            await long


async def test_background_work_does_not_delay_a_listener(host):
    book = replace(OPTIONS, demand=Demand(live=False))
    books = [asyncio.create_task(spoken(host, LONG, book)) for _ in range(10)]
    await asyncio.sleep(0)
    assert len(await spoken(host)) > 24_000
    assert not any(task.done() for task in books)
    for task in books:
        task.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(*books, return_exceptions=True)


async def test_the_synthesizer_says_who_listens_and_knows_voices_of_users(host):
    heard = []
    plain, speak = Synthesizer({"chatterbox": host}), host.speak

    async def note(text, voice, options, emit):
        heard.append(options.demand.live)
        await speak(text, voice, options, emit)

    host.speak = note
    choice = await plain.check(replace(VOICE, voice=""))
    assert choice.voice == "default"
    for priority in Priority:
        await plain.speak("Yes.", choice, priority, lambda _piece: None)
    assert heard == [True, False]
    gone = replace(VOICE, voice="voice-" + "0" * 32)
    for ask in (
        plain.check(gone),
        plain.speak("Yes.", gone, Priority.LIVE, lambda _piece: None),
    ):
        with pytest.raises(UnknownVoiceError, match="has been deleted"):
            await ask
    del host.speak


async def test_a_process_that_is_killed_costs_its_sentence_and_comes_back(host):
    before = await spoken(host)
    speaking = await begun(host, LONG)
    [pid] = host.pids
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(EngineCrashedError):
        await speaking
    assert np.array_equal(await spoken(host), before)
    assert host.pids != [pid]


async def test_a_step_that_hangs_fails_in_words_and_the_process_is_replaced(host):
    [pid] = host.pids
    with pytest.raises(EngineCrashedError, match="hung"):
        await spoken(host, HANG)
    async with asyncio.timeout(20):
        while pid in host.pids:  # noqa: ASYNC110 - an ended process has no event to wait for
            await asyncio.sleep(0.05)
    assert len(await spoken(host)) > 24_000
