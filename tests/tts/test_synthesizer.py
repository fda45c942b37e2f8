import asyncio

import numpy as np
import pytest

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.errors import (
    EngineUnavailableError,
    InvalidInputError,
    SynthesisError,
    UnknownEngineError,
    UnknownVoiceError,
)
from rhapsode.network import OWN_MACHINE
from rhapsode.tts.engine import Speech, SpeechOptions, VoiceChoice, WordTime
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.pace import Pace
from rhapsode.tts.registry import build_hosts
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.tone import ToneEngine
from rhapsode.tts.turns import Priority

TONE = VoiceChoice("tone", "tone")
LIVE, BACKGROUND = Priority.LIVE, Priority.BACKGROUND


def tone_synthesizer(**options) -> Synthesizer:
    return Synthesizer({"tone": ThreadHost(ToneEngine(**options))})


def sound_of(speech: list[Speech]) -> np.ndarray:
    chunks = [piece.samples for piece in speech if isinstance(piece, AudioChunk)]
    return np.concatenate([np.zeros(0, np.float32), *chunks])


@pytest.mark.parametrize("engine_rate", [16_000, 22_050, 24_000, 48_000])
async def test_everything_leaves_at_24_khz(engine_rate):
    heard: list[Speech] = []
    async with tone_synthesizer(sample_rate=engine_rate, seconds_per_word=0.1) as synthesizer:
        await synthesizer.speak("one two three", TONE, LIVE, heard.append)
    assert {p.sample_rate for p in heard if isinstance(p, AudioChunk)} == {SAMPLE_RATE}
    assert len(sound_of(heard)) == 7200
    words = [piece for piece in heard if isinstance(piece, WordTime)]
    assert [(w.start, w.end) for w in words] == [(0, 2400), (2400, 4800), (4800, 7200)]


async def test_espeak_speaks_with_words_inside_the_sound():
    heard: list[Speech] = []
    text = "A blue light burned on the far side of the bay."
    async with Synthesizer(build_hosts(1, OWN_MACHINE)) as synthesizer:
        choice = await synthesizer.check(VoiceChoice("espeak", ""))
        assert choice.voice == "arthur"
        await synthesizer.speak(text, choice, LIVE, heard.append)
        pace = synthesizer.pace(choice)
        assert 0 < pace.first_chunk_s < 1
        assert 0 < pace.rtf < 0.5
    words = [piece for piece in heard if isinstance(piece, WordTime)]
    assert [text[w.char_start : w.char_end] for w in words] == text.strip(".").split()
    assert words[-1].end <= len(sound_of(heard))


async def test_an_unknown_engine_is_refused_with_those_that_exist():
    async with tone_synthesizer() as synthesizer:
        with pytest.raises(UnknownEngineError) as caught:
            await synthesizer.check(VoiceChoice("piano", ""))
        assert caught.value.allowed == ["tone"]
        with pytest.raises(UnknownEngineError):
            await synthesizer.voices("piano")
        with pytest.raises(UnknownEngineError):
            synthesizer.pace(VoiceChoice("piano", ""))


async def test_an_unknown_voice_is_refused_and_never_replaced():
    async with tone_synthesizer() as synthesizer:
        for ask in (
            synthesizer.check(VoiceChoice("tone", "nobody")),
            synthesizer.speak("one", VoiceChoice("tone", "nobody"), LIVE, lambda _: None),
        ):
            with pytest.raises(UnknownVoiceError) as caught:
                await ask
            assert caught.value.allowed == ["tone", "high"]


@pytest.mark.parametrize("speed", [0.1, 4.1, float("nan")])
async def test_a_speed_out_of_the_engines_range_is_refused(speed):
    async with tone_synthesizer() as synthesizer:
        with pytest.raises(InvalidInputError, match=r"0\.25 to 4") as caught:
            await synthesizer.check(VoiceChoice("tone", "", SpeechOptions(speed)))
        assert caught.value.param == "speed"


async def test_a_sentence_that_fails_gives_its_turn_back():
    async with tone_synthesizer(fails_on="fail") as synthesizer:
        with pytest.raises(SynthesisError):
            await synthesizer.speak("fail", TONE, LIVE, lambda _: None)
        async with asyncio.timeout(5):
            await synthesizer.speak("fine", TONE, LIVE, lambda _: None)


async def test_live_speech_overtakes_background_work():
    order: list[str] = []

    async def speak(text: str, priority: Priority) -> None:
        await synthesizer.speak(text, TONE, priority, lambda _: None)
        order.append(text)

    async with tone_synthesizer(delay_s=0.05) as synthesizer, asyncio.TaskGroup() as tasks:
        tasks.create_task(speak("first", BACKGROUND))
        await asyncio.sleep(0.02)
        tasks.create_task(speak("second", BACKGROUND))
        tasks.create_task(speak("live", LIVE))
    assert order == ["first", "live", "second"]


async def test_cancelling_gives_the_turn_on_only_after_the_engine_has_left():
    heard: list[Speech] = []
    first = asyncio.Event()

    def note(piece: Speech) -> None:
        heard.append(piece)
        first.set()

    async with tone_synthesizer(delay_s=0.02) as synthesizer:
        speaking = asyncio.create_task(synthesizer.speak("la " * 500, TONE, LIVE, note))
        await first.wait()
        speaking.cancel()
        after: list[Speech] = []
        await synthesizer.speak("one two", TONE, LIVE, after.append)
        assert speaking.done()
        assert len(after) == 4
        assert len(heard) <= 4


async def test_the_pace_of_a_voice_is_measured():
    async with tone_synthesizer(first_delay_s=0.05, seconds_per_word=1.0) as synthesizer:
        assert synthesizer.pace(TONE) == Pace(first_chunk_s=None, rtf=None)
        await synthesizer.speak("one", TONE, BACKGROUND, lambda _: None)
        assert synthesizer.pace(TONE).first_chunk_s is None
        effort = await synthesizer.speak("one", TONE, LIVE, lambda _: None)
        assert 0.05 <= synthesizer.pace(TONE).first_chunk_s < 2
        assert 0.05 <= synthesizer.pace(TONE).rtf < 2
        assert effort.sound_s == 1.0
        assert 0.05 <= effort.work_s < 2
        assert synthesizer.concurrency("tone") == 1


async def test_the_first_sound_is_measured_before_the_sentence_has_ended():
    """The second fragment of the very first scene is cut by what the first has shown."""
    known: list[float | None] = []

    def note(piece: Speech) -> None:
        if isinstance(piece, AudioChunk):
            known.append(synthesizer.pace(TONE).first_chunk_s)

    async with tone_synthesizer(first_delay_s=0.05) as synthesizer:
        await synthesizer.speak("one two three", TONE, LIVE, note)
    assert known[0] is not None
    assert known[0] >= 0.05


async def test_waiting_for_a_turn_is_told_from_work():
    async with tone_synthesizer(first_delay_s=0.1) as synthesizer:
        efforts = await asyncio.gather(
            *(synthesizer.speak("one", TONE, LIVE, lambda _: None) for _ in range(2))
        )
    first, second = sorted(efforts, key=lambda effort: effort.waited_s)
    assert second.waited_s >= 0.1 > first.waited_s


async def test_an_engine_that_cannot_start_does_not_stop_the_others(misbehaving):
    hosts = {"broken": misbehaving(at_start="fail"), "tone": ThreadHost(ToneEngine())}
    async with Synthesizer(hosts) as synthesizer:
        broken, tone = await synthesizer.engines()
        assert (broken.available, tone.available) == (False, True)
        assert "the model file is missing" in (broken.unavailable_reason or "")
        await synthesizer.speak("one", TONE, LIVE, lambda _: None)
        with pytest.raises(EngineUnavailableError):
            await synthesizer.voices("broken")


async def test_the_language_of_a_voice_is_known():
    async with Synthesizer(build_hosts(1, OWN_MACHINE)) as synthesizer:
        voice = await synthesizer.check(VoiceChoice("espeak", ""))
        assert (await synthesizer.language(voice)).startswith("en")
        german = VoiceChoice("espeak", "de")
        assert await synthesizer.language(await synthesizer.check(german)) == "de"
