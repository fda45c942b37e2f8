"""narrate(): read text and speak it at the same time, in order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from rhapsode.errors import LLMError
from rhapsode.narration.events import Emit, TextDelta
from rhapsode.narration.incoming import IncomingText
from rhapsode.narration.plan import SpeechPlan
from rhapsode.narration.speaker import Speaker
from rhapsode.tts.speaking import Effort


@dataclass(frozen=True, slots=True)
class Told:
    """What a narration came to."""

    sentences: int
    """Sentences that were spoken to their end."""

    samples: int
    """Length of the sound at `SAMPLE_RATE`."""

    effort: Effort = field(default_factory=Effort)
    """What the engine had to do for it."""


async def narrate(deltas: AsyncIterator[str], speech: SpeechPlan | None, emit: Emit) -> Told:
    """Show a text while it is being written, and speak it at the same time.

    Returns when the last sentence has been spoken. Cancel the task to interrupt it. A sentence
    that cannot be spoken is told as `SentenceFailed`, and the rest goes on.

    Args:
        deltas: Pieces of text of any length, as a language model streams them.
        speech: How to speak; None shows the text only.
        emit: Takes every event, in order; must not wait.

    Raises:
        LLMError: The text stream broke; what had arrived was spoken first.
    """
    if speech is None:
        await _show(deltas, emit, push=None)
        return Told(0, 0)
    text = IncomingText(speech.chunk_size)
    speaker = Speaker(speech, text, emit)
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(_read(deltas, text, emit), name="read")
        tasks.create_task(speaker.run(), name="speak")
    if (failure := reading.result()) is not None:
        raise failure
    return Told(speaker.sentences, speaker.samples, speaker.effort)


async def _read(deltas: AsyncIterator[str], text: IncomingText, emit: Emit) -> LLMError | None:
    """Pass text on. A broken stream is returned, not raised: what came is still to be spoken."""
    try:
        await _show(deltas, emit, text.push)
    except LLMError as error:
        return error
    finally:
        text.close()
    return None


async def _show(deltas: AsyncIterator[str], emit: Emit, push: Callable[[str], None] | None) -> None:
    length = 0
    async for delta in deltas:
        if not delta:
            continue
        emit(TextDelta(delta, length))
        length += len(delta)
        if push:
            push(delta)
