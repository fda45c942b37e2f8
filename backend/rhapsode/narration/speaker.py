"""Speaker: cuts what the listener needs next, and has it spoken while the last is delivered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import takewhile
from uuid import uuid4

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.errors import SynthesisError
from rhapsode.narration.cutting import CutPolicy
from rhapsode.narration.events import Emit
from rhapsode.narration.incoming import IncomingText
from rhapsode.narration.plan import SpeechPlan
from rhapsode.narration.recital import Recital
from rhapsode.text.sentences import Fragment
from rhapsode.text.speakable import Speakable, speakable
from rhapsode.tts.engine import Demand, Speech, WordTime
from rhapsode.tts.synthesizer import Effort

LOOK_AHEAD = 2
"""Fragments in the hands of the engine: the one that is being delivered, and the next."""

CHARS_PER_S = 15.0
"""Pace of speech before any was measured."""


class Utterance:
    """One fragment on its way through the engine."""

    def __init__(self, fragment: Fragment, spoken: Speakable, sentence: int) -> None:
        self.fragment = fragment
        self.spoken = spoken
        self.sentence = sentence
        self.received = 0
        """Samples the engine has given."""
        self.delivered = 0
        """Samples passed on, in order."""
        self._pieces: asyncio.Queue[Speech | SynthesisError | None] = asyncio.Queue()

    @property
    def text(self) -> str:
        """What the engine is to say: inside a sentence its voice must not fall as at an end."""
        text = self.spoken.text
        return text if self.fragment.ends_sentence or not text[-1].isalnum() else text + ","

    def put(self, piece: Speech | SynthesisError | None) -> None:
        """Add what the engine gave; None ends the utterance."""
        if isinstance(piece, AudioChunk):
            self.received += len(piece.samples)
        self._pieces.put_nowait(piece)

    async def pieces(self) -> AsyncIterator[Speech]:
        """Yield what the engine gives.

        Raises:
            SynthesisError: The engine could not go on.
        """
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, SynthesisError):
                raise piece
            yield piece


class Speaker:
    """Speaks one text. One task cuts and starts utterances, one delivers their sound in order."""

    def __init__(self, plan: SpeechPlan, text: IncomingText, emit: Emit) -> None:
        self._plan = plan
        self._text = text
        self._recital = Recital(emit)
        self._open: dict[Utterance, asyncio.Task[None] | None] = {}
        self._chars_per_s = CHARS_PER_S
        self.effort = Effort()
        """What every sentence so far took, all together."""
        self._session = uuid4().hex
        self._sentence = -1
        self._inside = False
        """True while the sentence that is being cut has something to say and goes on."""

    @property
    def sentences(self) -> int:
        """Sentences spoken to their end so far."""
        return self._recital.finished

    @property
    def samples(self) -> int:
        """Length of the sound so far."""
        return self._recital.end

    async def run(self) -> None:
        """Speak until the text has ended and its last sentence was delivered."""
        self._plan.listener.on_skip(self._skip)
        # One reason for this queue: sound leaves in the order of the text, whoever is ready first.
        in_order: asyncio.Queue[Utterance | None] = asyncio.Queue()
        slots = asyncio.Semaphore(LOOK_AHEAD)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._deliver(in_order, slots), name="deliver")
            await slots.acquire()
            while (utterance := await self._next_utterance()) is not None:
                self._start(utterance, tasks)
                in_order.put_nowait(utterance)
                await slots.acquire()
            in_order.put_nowait(None)

    async def _next_utterance(self) -> Utterance | None:
        """Return the next fragment that matters to the ear, or None at the end of the text."""
        while (fragment := await self._next_fragment()) is not None:
            spoken = speakable(fragment.text)
            if not spoken and not (self._inside and fragment.ends_sentence):
                continue
            if not self._inside:
                self._sentence += 1
            self._inside = not fragment.ends_sentence
            return Utterance(fragment, spoken, self._sentence)
        return None

    async def _next_fragment(self) -> Fragment | None:
        while True:
            lead_s = self._lead_s()
            if lead_s > self._plan.max_ahead_s:
                await asyncio.sleep(min(lead_s - self._plan.max_ahead_s, 1.0))
                continue
            pace = self._plan.synthesizer.pace(self._plan.choice)
            policy = CutPolicy(pace.first_chunk_s or 0.0)
            fragment = self._text.take(policy.urgency(lead_s), self._plan.min_sentence_length)
            if fragment is not None or self._text.exhausted:
                return fragment
            await self._text.changed(policy.patience_s(lead_s))

    def _lead_s(self, before: Utterance | None = None) -> float:
        """Seconds of sound still to be heard, with what the engine is about to give.

        Args:
            before: Count only what sounds before this utterance; None counts everything.
        """
        coming = sum(
            max(len(utterance.spoken.text) / self._chars_per_s, utterance.received / SAMPLE_RATE)
            - utterance.delivered / SAMPLE_RATE
            for utterance in takewhile(lambda each: each is not before, self._open)
        )
        return self._plan.listener.lead_s(self._recital.end) + max(0.0, coming)

    def _start(self, utterance: Utterance, tasks: asyncio.TaskGroup) -> None:
        if not utterance.spoken or utterance.sentence < self._plan.listener.skip_to:
            utterance.put(None)
            self._open[utterance] = None
        else:
            self._open[utterance] = tasks.create_task(self._speak(utterance), name="utter")

    async def _speak(self, utterance: Utterance) -> None:
        plan = self._plan
        demand = Demand(session=self._session, slack_s=self._lead_s(before=utterance))
        choice = replace(plan.choice, options=replace(plan.choice.options, demand=demand))
        try:
            self.effort += await plan.synthesizer.speak(
                utterance.text, choice, plan.priority, utterance.put
            )
        except SynthesisError as error:
            utterance.put(error)
        finally:
            utterance.put(None)

    async def _deliver(
        self, in_order: asyncio.Queue[Utterance | None], slots: asyncio.Semaphore
    ) -> None:
        while (utterance := await in_order.get()) is not None:
            if not self._recital.is_closed(utterance.sentence):
                await self._recite(utterance)
            del self._open[utterance]
            slots.release()

    async def _recite(self, utterance: Utterance) -> None:
        if utterance.sentence < self._plan.listener.skip_to:
            self._recital.skip(utterance.sentence)
            return
        self._recital.begin(utterance.sentence, utterance.fragment, utterance.spoken)
        try:
            async for piece in utterance.pieces():
                self._pass_on(utterance, piece)
        except SynthesisError as error:
            self._recital.fail(error)
            return
        if utterance.sentence < self._plan.listener.skip_to:
            self._recital.skip(utterance.sentence)
        else:
            self._recital.end_fragment()
            self._measure(utterance)

    def _pass_on(self, utterance: Utterance, piece: Speech) -> None:
        if isinstance(piece, WordTime):
            self._recital.word(piece)
            return
        self._recital.sound(piece.samples)
        utterance.delivered += len(piece.samples)
        self._plan.listener.sound_begins()

    def _measure(self, utterance: Utterance) -> None:
        if utterance.delivered:
            pace = len(utterance.spoken.text) * SAMPLE_RATE / utterance.delivered
            self._chars_per_s += 0.3 * (pace - self._chars_per_s)

    def _skip(self, to_sentence: int) -> None:
        for utterance, task in self._open.items():
            if task and utterance.sentence < to_sentence:
                task.cancel()
