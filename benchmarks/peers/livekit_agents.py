"""Drives LiveKit Agents: its `StreamAdapter`, as its sessions wrap every engine that cannot stream.

Default settings: its own sentence tokenizer, no text pacing.
"""

import asyncio

from driver import Engine, Session, serve
from espeak_cli import SAMPLE_RATE as ESPEAK_RATE
from espeak_cli import EspeakCli
from livekit.agents import APIConnectOptions, tokenize, tts
from synthetic_engine import SAMPLE_RATE as SYNTHETIC_RATE

CONNECTING = APIConnectOptions()


class EngineTTS(tts.TTS):
    """The engine as LiveKit's plug-ins are written."""

    def __init__(self, engine: Engine) -> None:
        rate = ESPEAK_RATE if isinstance(engine, EspeakCli) else SYNTHETIC_RATE
        capabilities = tts.TTSCapabilities(streaming=False)
        super().__init__(capabilities=capabilities, sample_rate=rate, num_channels=1)
        self.engine = engine

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = CONNECTING
    ) -> "EngineStream":
        """Speak one sentence."""
        return EngineStream(tts=self, input_text=text, conn_options=conn_options)


class EngineStream(tts.ChunkedStream):
    """One sentence on its way."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        assert isinstance(self._tts, EngineTTS)
        output_emitter.initialize(
            request_id="1",
            sample_rate=self._tts.sample_rate,
            num_channels=1,
            mime_type="audio/pcm",
        )
        async for sound in self._tts.engine.speak(self.input_text):
            output_emitter.push(sound)
        output_emitter.flush()


async def run(session: Session) -> None:
    """Tell one answer."""
    adapter = tts.StreamAdapter(tts=EngineTTS(session.engine))
    async with adapter.stream() as stream, asyncio.TaskGroup() as tasks:
        tasks.create_task(_write(session, stream))
        async for event in stream:
            session.hear(event.frame.duration)
    await adapter.aclose()


async def _write(session: Session, stream: tts.SynthesizeStream) -> None:
    async for delta in session.deltas():
        stream.push_text(delta)
    stream.end_input()


async def warm_up() -> str:
    """Load the sentence tokenizer's model."""
    tokenize.blingfire.SentenceTokenizer().tokenize("One sentence. And one more.")
    return ""


if __name__ == "__main__":
    serve(run, warm_up)
