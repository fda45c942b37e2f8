import asyncio
import threading
from collections.abc import Iterator

import pytest

from rhapsode.errors import SynthesisError, UnknownVoiceError
from rhapsode.tts.engine import Speech, SpeechOptions
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.tone import ToneEngine

OPTIONS = SpeechOptions()


async def test_speech_arrives_in_the_engines_order():
    host = ThreadHost(ToneEngine())
    heard: list[Speech] = []
    await host.speak("one two", "tone", OPTIONS, heard.append)
    assert [type(piece).__name__ for piece in heard] == ["WordTime", "AudioChunk"] * 2
    await host.close()


class WatchedEngine(ToneEngine):
    """Notes who is inside, and whether its generators were closed."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.inside = 0
        self.most_inside = 0
        self.closed = 0
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        try:
            for piece in super().synthesize(text, voice, options):
                self.inside += 1
                self.most_inside = max(self.inside, self.most_inside)
                if text == "slow":
                    self.entered.set()
                    self.go_on.wait(30)
                self.inside -= 1
                yield piece
        finally:
            self.closed += 1


async def test_cancelling_returns_only_when_the_thread_has_left_the_engine():
    engine = WatchedEngine()
    host = ThreadHost(engine)
    heard: list[Speech] = []
    speaking = asyncio.create_task(host.speak("slow", "tone", OPTIONS, heard.append))
    await asyncio.to_thread(engine.entered.wait, 10)
    speaking.cancel()
    # However often and impatiently it is cancelled.
    for _ in range(3):
        await asyncio.sleep(0.01)
        speaking.cancel()
    assert not speaking.done()
    assert engine.inside == 1
    engine.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert (engine.inside, engine.closed, heard) == (0, 1, [])
    await host.close()


async def test_cancelling_stops_within_one_chunk_and_the_next_sentence_is_whole():
    engine = WatchedEngine(delay_s=0.01)
    host = ThreadHost(engine)
    first = asyncio.Event()
    heard: list[Speech] = []

    def note(piece: Speech) -> None:
        heard.append(piece)
        first.set()

    speaking = asyncio.create_task(host.speak("la " * 500, "tone", OPTIONS, note))
    await first.wait()
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert len(heard) <= 4
    assert engine.closed == 1
    after: list[Speech] = []
    await host.speak("one two", "tone", OPTIONS, after.append)
    assert len(after) == 4
    await host.close()


async def test_as_many_sentences_at_once_as_the_engine_allows():
    engine = WatchedEngine(max_concurrency=2, delay_s=0.002)
    host = ThreadHost(engine)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(host.speak("one two three", "tone", OPTIONS, lambda _: None))
    assert engine.most_inside <= 2
    await host.close()


async def test_a_receiver_that_breaks_stops_the_engine():
    engine = WatchedEngine()
    host = ThreadHost(engine)

    def break_down(_piece: Speech) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await host.speak("one two", "tone", OPTIONS, break_down)
    assert engine.closed == 1
    await host.close()


class BrokenEngine(ToneEngine):
    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        yield from super().synthesize(text, voice, options)
        raise RuntimeError("CUDA out of memory")


async def test_whatever_an_engine_raises_costs_one_sentence():
    host = ThreadHost(BrokenEngine())
    with pytest.raises(SynthesisError, match="CUDA out of memory"):
        await host.speak("one", "tone", OPTIONS, lambda _: None)
    await host.close()


async def test_the_packages_own_errors_pass_unchanged():
    host = ThreadHost(ToneEngine())
    with pytest.raises(UnknownVoiceError):
        await host.speak("one", "nobody", OPTIONS, lambda _: None)
    await host.close()
