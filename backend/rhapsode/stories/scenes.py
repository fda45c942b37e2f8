"""tell_scene(): have one scene written, spoken and saved, whatever happens on the way."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass

from rhapsode import metrics
from rhapsode.database import Database
from rhapsode.errors import LLMEmptyError, LLMError, LLMRateLimitedError, NotFoundError
from rhapsode.llm.writer import Writer
from rhapsode.narration.events import (
    Emit,
    Failure,
    GenerationComplete,
    GenerationStarted,
    Stopped,
    Timings,
)
from rhapsode.narration.pipeline import Told, narrate
from rhapsode.narration.plan import SpeechPlan
from rhapsode.narration.stopwatch import Stopwatch
from rhapsode.stories.keeping import Draft, Keeper, KeepSound
from rhapsode.stories.records import Scene, SceneStatus, SceneTask
from rhapsode.stories.repository import StoryRepository

logger = logging.getLogger(__name__)

STARTED = "Starting scene generation with real-time narration"
STARTED_SILENT = "Starting scene generation"


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Why a scene was cut short, and what is to become of its text."""

    reason: str = "stopped"
    keep: bool = True


async def tell_scene(
    task: SceneTask,
    *,
    writer: Writer,
    speech: SpeechPlan | None,
    stories: StoryRepository,
    db: Database,
    emit: Emit,
    stop_request: Callable[[], StopRequest] = StopRequest,
    keep_sound: KeepSound | None = None,
) -> Scene:
    """Write a scene, speak it while it is being written, and save it.

    The scene is in the database before `GenerationComplete` is emitted. Text that was written
    before a failure or a stop is saved too, and marked.

    Args:
        task: What to write.
        writer: Who writes.
        speech: Who speaks; None for a scene without sound.
        stories: Where scenes are kept.
        db: Whose threads do the keeping.
        emit: Takes every event of the generation, the ending included; must not wait.
        stop_request: Asked, when the task was cancelled, for why and whether to keep the text.
        keep_sound: Told of the saved scene, whole or not, before anybody else is.

    Raises:
        LLMError: The writer failed; `Failure` was emitted and the text so far saved.
        NotFoundError: The story was deleted meanwhile; `Failure` was emitted.
        asyncio.CancelledError: Somebody stopped it; `Stopped` was emitted and the text so far
        saved.
    """
    stopwatch = Stopwatch(speech)
    draft = Draft(emit, stopwatch)
    keeper = Keeper(task, writer.label, stories, db, draft, keep_sound)
    ending: SceneStatus = "failed"
    spoken: Told | None = None
    try:
        spoken = told = await _write(writer, speech, keeper, draft)
        scene = await keeper.save("complete")
        if scene is None:
            raise LLMEmptyError(f"{writer.label} ended without writing anything. Try again.")
        ending = "complete"
    except LLMError as error:
        partial = await keeper.save_partial("failed")
        emit(
            Failure(
                error.code,
                error.message,
                fatal=True,
                retry_after_ms=_retry_after_ms(error),
                scene_id=_id(partial),
            )
        )
        raise
    except NotFoundError as error:
        message = "This story was deleted while the scene was being written."
        emit(Failure(error.code, message, fatal=True))
        raise
    except asyncio.CancelledError:
        ending = "stopped"
        request = stop_request()
        partial = await keeper.save_partial("stopped") if request.keep else None
        emit(Stopped(request.reason, stopwatch.end_sample, _id(partial)))
        raise
    finally:
        timings = stopwatch.timings(spoken)
        _report(ending, len(draft.text), timings, speech)
    length = len(scene.content)
    emit(
        GenerationComplete(
            scene.id, told.sentences, length, told.samples, keeper.audio_url, timings
        )
    )
    return scene


async def _write(writer: Writer, speech: SpeechPlan | None, keeper: Keeper, draft: Draft) -> Told:
    choice = speech.choice if speech else None
    draft.emit(
        GenerationStarted(
            STARTED if choice else STARTED_SILENT,
            choice.voice if choice else None,
            choice.engine if choice else None,
            writer.label,
        )
    )
    async with aclosing(writer.write(await keeper.prompt())) as deltas:
        return await narrate(deltas, speech, draft.emit)


def _retry_after_ms(error: LLMError) -> int | None:
    if isinstance(error, LLMRateLimitedError) and error.retry_after_s is not None:
        return error.retry_after_s * 1000
    return None


def _id(scene: Scene | None) -> int | None:
    return scene.id if scene else None


def _report(
    ending: SceneStatus, characters: int, timings: Timings, speech: SpeechPlan | None
) -> None:
    """Leave one line in the log and the figures in the metrics; no word of the story is in them."""
    if timings.first_text_s is not None:
        metrics.LLM_TTFT.observe(timings.first_text_s)
    if speech and timings.first_audio_s is not None:
        metrics.TTFA.labels(speech.choice.engine).observe(timings.first_audio_s)
    if timings.lowest_lead_s is not None:
        metrics.AUDIO_LEAD.observe(timings.lowest_lead_s)
    figures = asdict(timings)
    told = ", ".join(f"{name} {value}" for name, value in figures.items() if value is not None)
    logger.info("scene %s: %d characters, %s", ending, characters, told)
