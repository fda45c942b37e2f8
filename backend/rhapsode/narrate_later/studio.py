"""Studio: one sentence spoken for keeps, by the one way from text to sound."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator

from rhapsode.database import Database
from rhapsode.errors import SynthesisError
from rhapsode.narrate_later.recordings.repository import RecordingStore
from rhapsode.narrate_later.records import Chunk, Delivery, Recording
from rhapsode.narrate_later.takes import Take, Takes, encode
from rhapsode.narration.events import SentenceFailed
from rhapsode.narration.listener import PatientListener
from rhapsode.narration.pipeline import narrate
from rhapsode.narration.plan import SpeechPlan
from rhapsode.text.speakable import Diction
from rhapsode.tts.engine import VoiceChoice
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority


def _family(error: type[SynthesisError]) -> Iterator[type[SynthesisError]]:
    yield error
    for child in error.__subclasses__():
        yield from _family(child)


_ERRORS = {error.code: error for error in _family(SynthesisError)}
"""What the codes in events stand for."""


class Studio:
    """Makes recordings and keeps them."""

    def __init__(self, db: Database, store: RecordingStore, synthesizer: Synthesizer) -> None:
        self._db = db
        self._store = store
        self._synthesizer = synthesizer
        # An encoder takes the interpreter's lock for every 20 ms of sound. Several at once took it
        # so often that 100 live sessions got their sound 70 ms late; beside one it is 1 ms.
        self._encoding = asyncio.Lock()

    async def record(
        self, chunk: Chunk, reader: VoiceChoice, delivery: Delivery, priority: Priority
    ) -> Recording:
        """Have a sentence spoken, and keep it.

        Cancelling stops the engine; nothing is kept then.

        Args:
            chunk: The sentence.
            reader: Who speaks, and how.
            delivery: How the text is cut and read.
            priority: Whether somebody is waiting for it.

        Raises:
            SynthesisError: The engine could not speak the sentence.
        """
        text = chunk.span.text
        plan = SpeechPlan(
            synthesizer=self._synthesizer,
            choice=reader,
            priority=priority,
            listener=PatientListener(),
            # Where to cut was decided before: whatever stands in the text is one sentence.
            min_sentence_length=len(text),
            diction=delivery.diction,
            chunk_size=delivery.chunk_size,
            max_ahead_s=math.inf,
        )
        return await self.keep(await _speak(text, plan), chunk.key, delivery.diction)

    async def keep(self, take: Take, key: str, diction: Diction) -> Recording:
        """Keep a sentence that has been spoken."""
        async with self._encoding:
            recording = await asyncio.to_thread(encode, take, diction)
        await self._db.run(lambda: self._store.put(key, recording))
        return recording


async def _speak(text: str, plan: SpeechPlan) -> Take:
    """Have one sentence spoken.

    Raises:
        SynthesisError: It was not, or without a sound.
    """
    taken: list[Take] = []
    takes = Takes(taken.append)
    await narrate(_one(text), plan, takes.emit)
    if takes.failure:
        raise _error(takes.failure)
    if len(taken) != 1:
        raise RuntimeError(f"a planned sentence was spoken as {len(taken)}")
    if taken[0].is_silent:
        raise SynthesisError("The voice gave no sound for one of the sentences.")
    return taken[0]


def _error(failure: SentenceFailed) -> SynthesisError:
    """Return the error that an event stands for."""
    return _ERRORS.get(failure.code, SynthesisError)(failure.message)


async def _one(text: str) -> AsyncIterator[str]:
    yield text
