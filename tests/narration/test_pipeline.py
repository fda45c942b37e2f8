"""narrate(): the river from text to sound."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.audio.silence import TrailingSilence
from rhapsode.errors import LLMInterruptedError
from rhapsode.narration.events import (
    SentenceAudio,
    SentenceExtended,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    SentenceWords,
    TextDelta,
)
from rhapsode.narration.listener import Listener
from rhapsode.narration.pipeline import narrate
from rhapsode.narration.plan import SpeechPlan
from rhapsode.tts.engine import Speech, SpeechOptions, VoiceChoice
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.tone import ToneEngine
from tests.narration.conftest import Heard, stream

STORY = (
    "The lamp went out. Nobody in the harbor saw it, for the fog was thick that night. “Who is "
    "there?” she called. No answer came. Then a *door* opened, slowly, where no door had been."
)


def tokens(text: str) -> list[str]:
    return [text[i : i + 4] for i in range(0, len(text), 4)]


async def test_a_story_is_shown_and_spoken_from_its_first_word_to_its_last(river, heard, deltas):
    """Proves 003-G6 and 003-G11."""
    async with river() as tone:
        told = await narrate(deltas(tokens(STORY)), tone.plan(), heard.emit)
    assert heard.text == STORY
    heard.check_laws()
    assert told.sentences == len(heard.of(SentenceFinished)) > 3
    assert told.samples == len(heard.sound())
    spoken = "".join(
        (extended or [started])[-1].text
        for started in heard.of(SentenceStarted)
        for extended in [[e for e in heard.of(SentenceExtended) if e.index == started.index]]
    )
    assert "".join(spoken.split()) == "".join(STORY.split())


async def test_words_light_up_on_the_displayed_characters(river, heard, deltas):
    async with river() as tone:
        await narrate(deltas(tokens(STORY)), tone.plan(), heard.emit)
    for started in heard.of(SentenceStarted):
        words = [w for w in heard.of(SentenceWords) if w.index == started.index][-1]
        assert words.source == "engine"
        finished = next(f for f in heard.of(SentenceFinished) if f.index == started.index)
        for word in words.words:
            shown = STORY[started.char_start + word.c0 : started.char_start + word.c1]
            assert shown.strip("*“”") == shown.strip("*“”").strip()
            assert any(char.isalnum() for char in shown)
            assert word.t1 <= finished.samples
        starts = [word.t0 for word in words.words]
        assert starts == sorted(starts)


async def test_text_is_shown_at_once_whatever_the_engine_does(river, heard, deltas):
    """Forbids defect D2: proves 003-G6, text never waits for sound."""
    async with river(first_delay_s=0.5) as tone:
        run = asyncio.create_task(narrate(deltas(tokens(STORY)), tone.plan(), heard.emit))
        await heard.until(SentenceAudio)
        assert heard.text == STORY
        run.cancel()
        await asyncio.wait([run])


async def test_sound_leaves_while_the_text_is_still_being_written(river, heard):
    """Forbids defect D3."""
    may_go_on = asyncio.Event()

    async def slow_writer() -> AsyncIterator[str]:
        yield "The lamp went out, and the old keeper woke"
        await may_go_on.wait()
        yield " at once. He rose."

    async with river() as tone:
        run = asyncio.create_task(narrate(slow_writer(), tone.plan(), heard.emit))
        await heard.until(SentenceAudio)
        assert not run.done()
        may_go_on.set()
        await run
    heard.check_laws()
    first = heard.of(SentenceStarted)[0]
    assert first.text == "The lamp went out,"
    assert (
        heard.of(SentenceExtended)[-1].text == "The lamp went out, and the old keeper woke at once."
    )
    assert [f.index for f in heard.of(SentenceFinished)] == [0, 1]


async def test_a_sentence_that_fails_is_told_and_the_rest_is_spoken(river, heard, deltas):
    """Proves 003-G12."""
    async with river(fails_on="CURSED") as tone:
        told = await narrate(
            deltas(["One is fine here. ", "This one is CURSED today. ", "Three is fine again."]),
            tone.plan(),
            heard.emit,
        )
    heard.check_laws()
    failed = heard.of(SentenceFailed)
    assert [event.index for event in failed] == [1]
    assert failed[0].code == "synthesis_failed"
    assert [event.index for event in heard.of(SentenceFinished)] == [0, 2]
    assert told.sentences == 2


class FleetingVoices(ThreadHost):
    """Forgets its voices once it has spoken."""

    spoken = 0

    async def voices(self):
        return [] if self.spoken else await super().voices()

    async def speak(self, text, voice, options, emit):
        self.spoken += 1
        await super().speak(text, voice, options, emit)


async def test_a_voice_that_is_deleted_while_it_speaks_costs_sound_and_no_text(heard, deltas):
    story = ["One is fine here. ", "Two has nobody to say it. ", "Three is only written."]
    async with Synthesizer({"tone": FleetingVoices(ToneEngine())}) as synthesizer:
        plan = SpeechPlan(synthesizer, VoiceChoice("tone", "tone"))
        await narrate(deltas(story), plan, heard.emit)
    heard.check_laws()
    assert heard.text == "".join(story)
    assert [event.index for event in heard.of(SentenceFinished)] == [0]
    failed = heard.of(SentenceFailed)
    assert [event.index for event in failed] == [1, 2]
    assert "has no voice" in failed[0].message


async def test_what_was_written_before_the_writer_broke_is_spoken(river, heard):
    async def broken() -> AsyncIterator[str]:
        yield "The lamp went out. And then the"
        raise LLMInterruptedError("cut")

    async with river() as tone:
        with pytest.raises(LLMInterruptedError):
            await narrate(broken(), tone.plan(), heard.emit)
    heard.check_laws()
    assert len(heard.of(SentenceFinished)) == 2


async def test_cancelling_stops_the_writer_and_the_engine(river, heard):
    """Forbids defect D12."""
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[str]:
        try:
            while True:
                yield "On and on it went. "
                await asyncio.sleep(0.01)
        finally:
            closed.set()

    async with river(delay_s=0.02) as tone:
        run = asyncio.create_task(narrate(endless(), tone.plan(), heard.emit))
        await heard.until(SentenceFinished)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        before = len(heard.events)
        await asyncio.sleep(0.1)
        assert len(heard.events) == before


async def test_skipping_leaves_out_what_has_not_been_spoken(river, heard, deltas):
    listener = Listener()
    text = [f"Sentence number {i} is here. " for i in range(6)]
    async with river(delay_s=0.05) as tone:
        run = asyncio.create_task(narrate(deltas(text), tone.plan(listener=listener), heard.emit))
        await heard.until(SentenceAudio)
        listener.skip(4)
        await run
    heard.check_laws()
    assert [e.index for e in heard.of(SentenceSkipped)] == [0, 1, 2, 3]
    assert [e.index for e in heard.of(SentenceFinished)] == [4, 5]


async def test_what_is_no_speech_makes_no_sentence(river, heard, deltas):
    async with river() as tone:
        await narrate(deltas(["One.\n\n***\n\n😀 \n\nTwo.\n\n—\n\n"]), tone.plan(), heard.emit)
    assert [s.text for s in heard.of(SentenceStarted)] == ["One.", "Two."]
    assert [s.index for s in heard.of(SentenceStarted)] == [0, 1]
    heard.check_laws()


async def test_without_speech_the_text_is_only_shown(heard, deltas):
    told = await narrate(deltas(tokens(STORY)), None, heard.emit)
    assert heard.text == STORY
    assert told.samples == 0
    assert all(isinstance(event, TextDelta) for event in heard.events)


class MuteAboutWords(ToneEngine):
    """An engine that gives sound only, as most do."""

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        for piece in super().synthesize(text, voice, options):
            if isinstance(piece, AudioChunk):
                yield piece


async def test_an_engine_without_word_times_gets_estimates(heard, deltas):
    async with Synthesizer({"tone": ThreadHost(MuteAboutWords())}) as synthesizer:
        plan = SpeechPlan(synthesizer, VoiceChoice("tone", "tone"))
        await narrate(deltas(["The lamp went out. "]), plan, heard.emit)
    words = heard.of(SentenceWords)[-1]
    assert words.source == "estimate"
    assert [(w.c0, w.c1) for w in words.words] == [(0, 3), (4, 8), (9, 13), (14, 17)]


class Attentive(ToneEngine):
    """An engine that remembers for whom it spoke."""

    def __init__(self) -> None:
        super().__init__()
        self.demands = []

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        self.demands.append(options.demand)
        return super().synthesize(text, voice, options)


async def test_an_engine_is_told_whose_a_sentence_is_and_how_long_it_may_take(heard, deltas):
    engine = Attentive()
    async with Synthesizer({"tone": ThreadHost(engine)}) as synthesizer:
        plan = SpeechPlan(synthesizer, VoiceChoice("tone", "tone"))
        for _ in range(2):
            await narrate(deltas(["One is here now. Two is here now. "]), plan, heard.emit)
    sessions = [demand.session for demand in engine.demands]
    assert sessions[0] == sessions[1] != sessions[2] == sessions[3]
    assert engine.demands[0].slack_s == 0
    assert engine.demands[1].slack_s > 0


async def test_the_next_sentence_is_being_spoken_while_one_is_delivered(river, heard, deltas):
    """Two sentences of a slow engine take the time of one when it can do two at once."""
    async with river(first_delay_s=0.3, max_concurrency=2) as tone:
        started = asyncio.get_running_loop().time()
        await narrate(deltas(["One is here. Two is here."]), tone.plan(), heard.emit)
        assert asyncio.get_running_loop().time() - started < 0.58
    heard.check_laws()


PARTS = st.lists(
    st.sampled_from(
        [
            "The lamp went out. ",
            "Dr. ",
            "“Who?” ",
            "he said. ",
            "CURSED ",
            "\n\n",
            "*",
            "😀",
            "門。",
            ",",
        ]
    ),
    max_size=20,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parts=PARTS)
def test_the_laws_hold_for_any_text(river, parts):
    async def run() -> None:
        heard = Heard()
        async with river(fails_on="CURSED", seconds_per_word=0.01) as tone:
            await narrate(stream(parts), tone.plan(), heard.emit)
        assert heard.text == "".join(parts)
        heard.check_laws()
        ends = [e.index for e in heard.of(SentenceFinished)]
        ends += [e.index for e in heard.of(SentenceFailed)]
        assert sorted(ends) == list(range(len(ends)))

    asyncio.run(run())


def test_the_pause_inside_a_sentence_is_shortened():
    """A sentence cut for a hurried listener must not sound as if it ended there."""
    silence = TrailingSilence(keep=240)
    tone = np.ones(1000, np.float32) * 0.5
    quiet = np.zeros(SAMPLE_RATE // 3, np.float32)
    out = [silence.push(tone), silence.push(quiet), silence.push(tone), silence.push(quiet)]
    out.append(silence.flush())
    assert sum(map(len, out)) == 1000 + len(quiet) + 1000 + 240
