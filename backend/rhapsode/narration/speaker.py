"""Speaker: cuts what the listener needs next, and has it spoken while the last is delivered."""

import asyncio
from collections.abc import AsyncIterator
from itertools import takewhile
from uuid import uuid4

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.errors import InvalidInputError, SynthesisError
from rhapsode.narration.cutting import Cut, CutPolicy
from rhapsode.narration.events import Emit
from rhapsode.narration.incoming import IncomingText
from rhapsode.narration.plan import SpeechPlan
from rhapsode.narration.recital import Recital
from rhapsode.text.sentences import Fragment
from rhapsode.text.speakable import Speakable, speakable
from rhapsode.tts.engine import Demand, Speech, WordTime
from rhapsode.tts.speaking import Effort

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
        self.task: asyncio.Task[None] | None = None
        """Has the engine speak it."""
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
        self._open: list[Utterance] = []
        # One reason for this queue: sound leaves in the order of the text, whoever is ready first.
        self._in_order: asyncio.Queue[Utterance | None] = asyncio.Queue()
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
        slots = asyncio.Semaphore(LOOK_AHEAD)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._deliver(slots), name="deliver")
            await slots.acquire()
            while (cut := await self._text_ready()) is not None:
                begun = asyncio.Event()
                tasks.create_task(self._utter(cut, begun), name="utter")
                await begun.wait()
                await slots.acquire()
            self._in_order.put_nowait(None)

    async def _text_ready(self) -> Cut | None:
        """Wait for something to say; return how to cut it, None at the end of the text."""
        while True:
            lead_s = self._lead_s()
            if lead_s > self._plan.max_ahead_s:
                await asyncio.sleep(min(lead_s - self._plan.max_ahead_s, 1.0))
                continue
            policy = self._policy()
            cut = policy.cut(lead_s, self._chars_per_s, begun=self._sentence >= 0)
            fragment = self._text.peek(cut.urgency, cut.min_chars, wait=cut.wait)
            if fragment is None:
                if self._text.exhausted:
                    return None
                await self._text.changed(policy.patience_s(lead_s))
            elif self._matters(fragment, speakable(fragment.text, self._plan.diction)):
                return cut
            else:
                self._take(cut)

    def _policy(self) -> CutPolicy:
        plan = self._plan
        return CutPolicy(
            pace=plan.synthesizer.pace(plan.choice),
            alone=plan.synthesizer.concurrency(plan.choice.engine) == 1,
            min_sentence_chars=plan.min_sentence_length,
        )

    def _take(self, cut: Cut) -> Fragment | None:
        return self._text.take(cut.urgency, cut.min_chars, wait=cut.wait)

    def _matters(self, fragment: Fragment, spoken: Speakable) -> bool:
        """Tell whether the ear needs it: to hear it, or as the end of what it has heard."""
        return bool(spoken) or (self._inside and fragment.ends_sentence)

    async def _utter(self, cut: Cut, begun: asyncio.Event) -> None:
        """Cut the next fragment when the engine is free for it, and have it spoken.

        Not before: while an engine is busy the text grows, and longer fragments sound better and
        cost less.
        """
        plan = self._plan
        utterance: Utterance | None = None
        try:
            async with plan.synthesizer.turn(plan.choice, plan.priority) as turn:
                utterance = self._begin(cut, begun)
                if utterance.spoken and utterance.sentence >= plan.listener.skip_to:
                    demand = Demand(self._session, slack_s=self._lead_s(before=utterance))
                    self.effort += await turn.speak(utterance.text, utterance.put, demand)
        except (SynthesisError, InvalidInputError) as error:
            utterance = utterance or self._begin(cut, begun)
            utterance.put(_as_lost(error))
        finally:
            if utterance:
                utterance.put(None)

    def _begin(self, cut: Cut, begun: asyncio.Event) -> Utterance:
        fragment = self._take(cut)
        assert fragment is not None, "what could be taken once can be taken later"
        if not self._inside:
            self._sentence += 1
        self._inside = not fragment.ends_sentence
        utterance = Utterance(
            fragment, speakable(fragment.text, self._plan.diction), self._sentence
        )
        utterance.task = asyncio.current_task()
        self._open.append(utterance)
        self._in_order.put_nowait(utterance)
        begun.set()
        return utterance

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

    async def _deliver(self, slots: asyncio.Semaphore) -> None:
        while (utterance := await self._in_order.get()) is not None:
            if not self._recital.is_closed(utterance.sentence):
                await self._recite(utterance)
            self._open.remove(utterance)
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
        for utterance in self._open:
            if utterance.task and utterance.sentence < to_sentence:
                utterance.task.cancel()


def _as_lost(error: SynthesisError | InvalidInputError) -> SynthesisError:
    """Return why a sentence is lost.

    The choice was good when the narration began: since then its voice was deleted, say. That costs
    sound, and never the text.
    """
    return error if isinstance(error, SynthesisError) else SynthesisError(error.message)
