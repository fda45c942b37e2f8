"""Drives pipecat: a pipeline with a `TTSService` per session, fed the frames that its LLMs push.

Default settings, with what they do not need for this left out (RTVI messages).
"""

import asyncio
from collections.abc import AsyncGenerator

from driver import Engine, Session, serve
from espeak_cli import SAMPLE_RATE as ESPEAK_RATE
from espeak_cli import EspeakCli
from loguru import logger
from pipecat.frames.frames import (
    EndFrame,
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TTSService
from pipecat.utils.text.simple_text_aggregator import SimpleTextAggregator
from pipecat.workers.runner import WorkerRunner
from synthetic_engine import SAMPLE_RATE as SYNTHETIC_RATE


class EngineService(TTSService):
    """The engine as pipecat's local engines (Piper, Kokoro) are written."""

    def __init__(self, engine: Engine) -> None:
        rate = ESPEAK_RATE if isinstance(engine, EspeakCli) else SYNTHETIC_RATE
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            sample_rate=rate,
            settings=TTSSettings(model=None, voice=None, language=None),
        )
        self._engine = engine

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Speak one sentence."""
        async for sound in self._engine.speak(text):
            yield TTSAudioRawFrame(
                audio=sound, sample_rate=self.sample_rate, num_channels=1, context_id=context_id
            )


class Ear(FrameProcessor):
    """Takes what would go to the transport."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Note sound, and pass everything on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self._session.hear_s16(frame.audio, frame.sample_rate)
        await self.push_frame(frame, direction)


async def run(session: Session) -> None:
    """Tell one answer."""
    pipeline = Pipeline([EngineService(session.engine), Ear(session)])
    worker = PipelineWorker(pipeline, enable_rtvi=False)
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def _on_started(_worker: PipelineWorker, _frame: Frame) -> None:
        started.set()

    async def write() -> None:
        await started.wait()
        await worker.queue_frame(LLMFullResponseStartFrame())
        async for delta in session.deltas():
            await worker.queue_frame(LLMTextFrame(delta))
        await worker.queue_frame(LLMFullResponseEndFrame())
        await worker.queue_frame(EndFrame())

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await asyncio.gather(runner.run(), write())


async def warm_up() -> str:
    """Load the sentence tokenizer's data."""
    logger.remove()
    async for _ in SimpleTextAggregator().aggregate("One sentence. And one more."):
        pass
    return ""


if __name__ == "__main__":
    serve(run, warm_up)
