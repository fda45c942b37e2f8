"""Drives this project's own river: `narrate` with a synthesizer and an engine host."""

import numpy as np
from driver import Session, serve
from espeak_cli import EspeakCli
from synthetic_engine import SAMPLE_RATE, SyntheticEngine, Utterance

from rhapsode.audio.chunk import SAMPLE_RATE as RIVER_RATE
from rhapsode.audio.chunk import AudioChunk
from rhapsode.narration.events import NarrationEvent, SentenceAudio
from rhapsode.narration.pipeline import narrate
from rhapsode.narration.plan import SpeechPlan
from rhapsode.network import OWN_MACHINE
from rhapsode.tts.engine import EngineInfo, SpeechOptions, Voice, VoiceChoice
from rhapsode.tts.host import Emit, EngineHost
from rhapsode.tts.registry import build_hosts
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority

WARM_UP = ("She closed the book.", "Then she went out into the garden, where it was still light.")
"""What a session's synthesizer has spoken before: a server's knows how fast its engine is."""

INFO = EngineInfo(
    name="synthetic",
    label="Synthetic",
    description="A tone at a set pace.",
    available=True,
    unavailable_reason=None,
    word_times=False,
    default_voice="tone",
)


class SyntheticHost:
    """The synthetic engine behind the interface that every engine here has."""

    sample_rate = SAMPLE_RATE

    def __init__(self, engine: SyntheticEngine) -> None:
        self._engine = engine

    @property
    def concurrency(self) -> int:
        """How many sentences can be spoken at once."""
        return self._engine.slots

    async def start(self) -> None:
        """Do nothing: there is nothing to load."""

    async def close(self) -> None:
        """Do nothing."""

    def info(self) -> EngineInfo:
        """Return the engine's information."""
        return INFO

    async def voices(self) -> list[Voice]:
        """Return the one voice."""
        return [Voice("tone", "Tone", "zxx")]

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence."""
        async for sound in self._engine.speak(text):
            emit(AudioChunk(np.frombuffer(sound, "<i2").astype(np.float32) / 32768, SAMPLE_RATE))


class NotedHost:
    """This project's own eSpeak host, with a record of what it was asked."""

    def __init__(self, host: EngineHost, spoken: list[Utterance]) -> None:
        self._host = host
        self._spoken = spoken

    def __getattr__(self, name: str) -> object:
        return getattr(self._host, name)

    async def start(self) -> None:
        """Do nothing: all sessions share one host, which the process starts."""

    async def close(self) -> None:
        """Do nothing."""

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence."""
        utterance = Utterance(text)
        self._spoken.append(utterance)

        def noting(piece: object) -> None:
            if isinstance(piece, AudioChunk):
                utterance.note(piece.duration_s)
            emit(piece)

        await self._host.speak(text, voice, options, noting)


espeak: EngineHost = build_hosts(2, OWN_MACHINE)["espeak"]


async def run(session: Session) -> None:
    """Tell one answer."""
    engine = session.engine
    if isinstance(engine, EspeakCli):
        name, host = "espeak", NotedHost(espeak, engine.spoken)
    else:
        name, host = "synthetic", SyntheticHost(engine)

    def emit(event: NarrationEvent) -> None:
        if isinstance(event, SentenceAudio):
            session.hear(len(event.samples) / RIVER_RATE)

    choice = VoiceChoice(name, "")
    async with Synthesizer({name: host}) as synthesizer:
        for text in WARM_UP:
            await synthesizer.speak(text, choice, Priority.LIVE, lambda _: None)
        engine.spoken.clear()
        await narrate(session.deltas(), SpeechPlan(synthesizer, choice), emit)


async def warm_up() -> str:
    """Start the worker processes of eSpeak NG."""
    await espeak.start()
    return ""


if __name__ == "__main__":
    serve(run, warm_up)
