import asyncio
import os
import signal
import sys
import time

import numpy as np
import pytest

from rhapsode.audio.chunk import AudioChunk
from rhapsode.errors import EngineCrashedError, EngineUnavailableError, SynthesisError
from rhapsode.tts.engine import Speech, SpeechOptions, WordTime
from rhapsode.tts.espeak.narrators import ESPEAK
from rhapsode.tts.process_host import ProcessHost, worker_command
from rhapsode.tts.tone import ToneEngine

OPTIONS = SpeechOptions()
LONG = "The quick brown fox jumps over the lazy dog. " * 2000
"""More than an hour of speech: takes the library seconds."""


def espeak_host(processes: int = 1) -> ProcessHost:
    return ProcessHost(ESPEAK, worker_command("espeak"), processes=processes)


async def occupy_both(host: ProcessHost, endless: str, voice: str) -> None:
    """Keep the first process busy until the second one is there."""
    speaking = [
        asyncio.create_task(host.speak(endless, voice, OPTIONS, lambda _: None)) for _ in range(2)
    ]
    while len(host.pids) < 2:  # noqa: ASYNC110 - a process that has started has no event
        await asyncio.sleep(0.01)
    for task in speaking:
        task.cancel()
    await asyncio.wait(speaking)


def sound_of(speech: list[Speech]) -> np.ndarray:
    chunks = [piece.samples for piece in speech if isinstance(piece, AudioChunk)]
    return np.concatenate([np.zeros(0, np.float32), *chunks])


async def test_a_sentence_is_spoken_with_its_words(run):
    text = "A blue light burned all night."
    async with run(espeak_host()) as host:
        heard: list[Speech] = []
        await host.speak(text, "arthur", OPTIONS, heard.append)
        words = [piece for piece in heard if isinstance(piece, WordTime)]
        assert [text[w.char_start : w.char_end] for w in words] == text.strip(".").split()
        assert len(sound_of(heard)) > host.sample_rate
        assert next(iter(await host.voices())).id == "arthur"


async def test_sound_comes_out_while_the_worker_is_still_speaking(run):
    """Cancelled at its first chunk, a text of over an hour ends at once."""
    async with run(espeak_host()) as host:
        first = asyncio.Event()
        heard: list[Speech] = []

        def note(piece: Speech) -> None:
            heard.append(piece)
            first.set()

        speaking = asyncio.create_task(host.speak(LONG, "arthur", OPTIONS, note))
        await first.wait()
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking
        count = len(heard)
        assert len(sound_of(heard)) < 600 * host.sample_rate
        after: list[Speech] = []
        async with asyncio.timeout(2):
            await host.speak("Next.", "arthur", OPTIONS, after.append)
        assert len(sound_of(after)) > 5000
        assert len(heard) == count


async def test_many_sentences_at_once_never_mix(run, misbehaving):
    sentences = [f"sentence number {n} " + "la " * n for n in range(24)]
    engine = ToneEngine(seconds_per_word=0.01)
    async with run(misbehaving(processes=2)) as host:
        assert host.concurrency == 8
        heard: list[list[Speech]] = [[] for _ in sentences]
        async with asyncio.TaskGroup() as tasks:
            for text, pieces in zip(sentences, heard, strict=True):
                tasks.create_task(host.speak(text, "tone", OPTIONS, pieces.append))
    for text, pieces in zip(sentences, heard, strict=True):
        expected = list(engine.synthesize(text, "tone", OPTIONS))
        assert np.array_equal(sound_of(pieces), sound_of(expected))
        assert [p for p in pieces if isinstance(p, WordTime)] == [
            p for p in expected if isinstance(p, WordTime)
        ]


async def test_a_process_killed_while_speaking_costs_one_sentence(run):
    async with run(espeak_host()) as host:
        (pid,) = host.pids
        kill = [lambda: os.kill(pid, signal.SIGKILL)]

        def kill_once(_piece: Speech) -> None:
            if kill:
                kill.pop()()

        with pytest.raises(EngineCrashedError, match="eSpeak NG died"):
            await host.speak(LONG, "arthur", OPTIONS, kill_once)
        heard: list[Speech] = []
        await host.speak("Here again.", "arthur", OPTIONS, heard.append)
        assert len(sound_of(heard)) > 5000
        assert host.pids != [pid]


async def test_a_process_killed_between_sentences_costs_none_or_one(run):
    async with run(espeak_host()) as host:
        os.kill(host.pids[0], signal.SIGKILL)
        try:
            await host.speak("One.", "arthur", OPTIONS, lambda _: None)
        except EngineCrashedError:
            await host.speak("Two.", "arthur", OPTIONS, lambda _: None)


async def test_a_second_process_starts_when_the_first_one_is_busy(run, misbehaving):
    async with run(misbehaving(processes=3)) as host:
        (first,) = host.pids
        await host.speak("alone", "tone", OPTIONS, lambda _: None)
        assert host.pids == [first]
        await occupy_both(host, "forever", "tone")
        assert host.pids[0] == first
        assert len(host.pids) == 2


async def test_nobody_waits_for_the_second_process(run, misbehaving):
    async with run(misbehaving(processes=2, at_start="hang unless first")) as host:
        endless = asyncio.create_task(host.speak("forever", "tone", OPTIONS, lambda _: None))
        await asyncio.sleep(0)
        await host.speak("fine", "tone", OPTIONS, lambda _: None)
        assert len(host.pids) == 1
        endless.cancel()
        await asyncio.wait([endless])


async def test_sentences_in_the_other_process_survive_a_crash(run, misbehaving):
    async with run(misbehaving(processes=2)) as host:
        await occupy_both(host, "forever", "tone")
        crash = host.speak("please die", "tone", OPTIONS, lambda _: None)
        heard: list[Speech] = []
        survive = host.speak("la " * 300, "tone", OPTIONS, heard.append)
        crashed, survived = await asyncio.gather(crash, survive, return_exceptions=True)
        assert isinstance(crashed, EngineCrashedError)
        assert survived is None
        assert len(heard) == 600


async def test_a_process_that_hangs_is_replaced(run, misbehaving):
    async with run(misbehaving(stall_s=0.5)) as host:
        with pytest.raises(EngineCrashedError, match=r"no sign of life for 0\.5 s"):
            await host.speak("hang", "tone", OPTIONS, lambda _: None)
        heard: list[Speech] = []
        await host.speak("fine", "tone", OPTIONS, heard.append)
        assert len(heard) == 2


async def test_cancelling_a_sentence_in_a_hanging_process_ends_too(run, misbehaving):
    async with run(misbehaving(stall_s=0.5)) as host:
        first = asyncio.Event()
        speaking = asyncio.create_task(host.speak("hang", "tone", OPTIONS, lambda _: first.set()))
        await first.wait()
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking
        await host.speak("fine", "tone", OPTIONS, lambda _: None)


async def test_cancelling_returns_only_when_the_engine_has_left(run, misbehaving):
    async with run(misbehaving()) as host:
        first = asyncio.Event()
        speaking = asyncio.create_task(
            host.speak("linger " * 1000, "tone", OPTIONS, lambda _: first.set())
        )
        await first.wait()
        began_s = time.monotonic()
        for _ in range(3):
            speaking.cancel()
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await speaking
        assert time.monotonic() - began_s >= 0.4


async def test_cancelling_one_sentence_leaves_the_others_in_its_process_alone(run, misbehaving):
    async with run(misbehaving()) as host:
        first = asyncio.Event()
        endless = asyncio.create_task(host.speak("forever", "tone", OPTIONS, lambda _: first.set()))
        await first.wait()
        heard: list[Speech] = []
        other = asyncio.create_task(host.speak("la " * 200, "tone", OPTIONS, heard.append))
        endless.cancel()
        await asyncio.gather(endless, return_exceptions=True)
        await other
        assert len(heard) == 400


async def test_what_a_library_prints_does_not_disturb_the_frames(run, misbehaving):
    async with run(misbehaving()) as host:
        await host.speak("print", "tone", OPTIONS, lambda _: None)
        await host.speak("fine", "tone", OPTIONS, lambda _: None)


async def test_an_engine_that_raises_costs_one_sentence_and_no_process(run, misbehaving):
    async with run(misbehaving()) as host:
        pids = host.pids
        with pytest.raises(SynthesisError, match="out of luck") as caught:
            await host.speak("raise", "tone", OPTIONS, lambda _: None)
        assert not isinstance(caught.value, EngineCrashedError)
        assert host.pids == pids


async def test_a_worker_that_cannot_start_says_why(misbehaving, caplog):
    host = misbehaving(at_start="fail")
    with pytest.raises(EngineUnavailableError, match="the model file is missing"):
        await host.start()
    assert host.info().available is False
    assert "the model file is missing" in (host.info().unavailable_reason or "")
    with pytest.raises(EngineUnavailableError):
        await host.voices()
    assert "died (exit status 1):\nwarning: something harmless\nthe model" in caplog.text
    await host.close()


async def test_a_progress_bar_without_end_on_stderr_disturbs_nothing(run, misbehaving):
    async with asyncio.timeout(20), run(misbehaving(at_start="progress")) as host:
        await host.speak("fine", "tone", OPTIONS, lambda _: None)


async def test_a_program_that_does_not_exist_says_so():
    host = ProcessHost(ToneEngine.info, ["/nowhere/to/be/found"], processes=2)
    with pytest.raises(EngineUnavailableError, match="/nowhere/to/be/found"):
        await host.start()
    await host.close()


async def test_an_engine_that_is_not_in_the_registry_cannot_start():
    host = ProcessHost(ToneEngine.info, worker_command("nothing"), processes=1)
    with pytest.raises(EngineUnavailableError, match="nothing"):
        await host.start()
    await host.close()


async def test_a_worker_that_does_not_get_ready_is_given_up():
    command = [sys.executable, "-c", "import time; time.sleep(100)"]
    host = ProcessHost(ToneEngine.info, command, processes=1, start_s=0.3)
    with pytest.raises(EngineUnavailableError, match=r"not ready after 0\.3 s"):
        await host.start()
    await host.close()


async def test_a_worker_that_babbles_is_refused(misbehaving):
    host = misbehaving(at_start="babble")
    with pytest.raises(EngineUnavailableError):
        await host.start()
    await host.close()


async def test_closing_ends_every_process():
    host = espeak_host(processes=2)
    await host.start()
    await occupy_both(host, LONG, "arthur")
    pids = host.pids
    assert len(pids) == 2
    await host.close()
    assert host.pids == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(EngineUnavailableError, match="closed"):
        await host.speak("Too late.", "arthur", OPTIONS, lambda _: None)
