"""Scheduler: one thread steps the model for everybody.

Every turn of its loop lets new sentences in, writes one more speech token for each sentence that
runs, and turns into sound what is due most urgently. Who goes next is decided in `policy`.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from rhapsode.errors import SynthesisError
from rhapsode.tts.chatterbox.load import ChatterboxModel
from rhapsode.tts.chatterbox.offers import FlowMode
from rhapsode.tts.chatterbox.policy import Admission, Playhead, is_time, most_urgent
from rhapsode.tts.chatterbox.rendering import Renderer
from rhapsode.tts.chatterbox.sampling import Sampling
from rhapsode.tts.chatterbox.schedule import CHUNK_TOKENS, TOKENS_PER_SECOND, Cut, StreamPlan
from rhapsode.tts.chatterbox.speakers import Speaker
from rhapsode.tts.chatterbox.t3 import IDLE, NOT_FINITE, PendingTokens, T3Decoder, T3Request
from rhapsode.tts.chatterbox.ticket import Ticket
from rhapsode.tts.chatterbox.utterance import TURBO_TAIL, Utterance
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.engine import Demand

_log = logging.getLogger(__name__)

ADMITTED_PER_TURN = 4
"""Reading a text takes as long as several steps: those who listen must not wait for a crowd."""

FAILED_TURNS = 3
"""After so many in a row the process is beyond repair: a CUDA error stays."""

_SMOOTHING = 0.2
_MARKS = 2
"""Positions besides voice and text: the emotion, and the start of speech."""

_EXTRA_POSITIONS = 2
"""Steps that a request may take before its end has been read."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be spoken."""

    text_tokens: torch.Tensor
    speaker: Speaker
    sampling: Sampling
    exaggeration: float
    max_tokens: int
    demand: Demand


@dataclass(frozen=True, slots=True)
class Figures:
    """How the engine is doing."""

    first_chunk_s: float
    """Smoothed time from a request to its first sound; 0.0 before any."""

    rtf: float
    """Smoothed seconds of waiting per second of sound; 0.0 before any."""

    running: int
    waiting: int


@dataclass(eq=False, slots=True)
class _Job:
    """A sentence on its way."""

    sentence: Sentence
    ticket: Ticket
    playhead: Playhead
    utterance: Utterance | None = None
    slot: int | None = None
    """While T3 writes; None before and after."""

    tokens: int = 0
    room: int = 0
    """How many tokens it may become."""

    cuts: deque[Cut] = field(default_factory=lambda: deque[Cut]())
    """Stretches whose tokens are there and which are no sound yet."""


class Scheduler:
    """Speaks sentences for many callers at once."""

    def __init__(
        self,
        model: ChatterboxModel,
        *,
        slots: int,
        max_positions: int,
        patience_s: float,
        on_hang: Callable[[], None],
        render_batch: int = 16,
        flow: FlowMode = "window",
        chunks: Sequence[int] = CHUNK_TOKENS,
    ) -> None:
        """Take a model and start the thread.

        Args:
            model: Nobody else may run its T3, flow or vocoder from now on.
            slots: How many sentences T3 writes at once.
            max_positions: Longest sequence of T3.
            patience_s: How long one step may take.
            on_hang: Called, once, when a step took longer or turns keep failing: only a new
                process helps then.
            render_batch: How many stretches become sound at once.
            flow: How frames are streamed.
            chunks: Sizes of the chunks; see `StreamPlan`.
        """
        self._decoder = T3Decoder(model.t3, slots, max_positions)
        self._max_positions = max_positions
        self._renderer = Renderer(model, max_batch=render_batch, flow=flow)
        self._chunks = tuple(chunks)
        self._tail = TURBO_TAIL if model.variant is Variant.TURBO else ()
        # On a GPU the next step is started before the last one's tokens have come back.
        self._lag = 1 if model.device.type == "cuda" else 0
        self._render_batch = render_batch
        self._patience_s = patience_s
        self._on_hang: Callable[[], None] | None = on_hang
        self._admission: Admission[_Job] = Admission(slots)
        self._jobs: dict[Ticket, _Job] = {}
        self._steps: deque[tuple[PendingTokens, dict[int, _Job]]] = deque()
        self._changed = threading.Condition()
        self._arrived: deque[_Job] = deque()
        self._cancelled: deque[Ticket] = deque()
        self._closed = False
        self._failed_turns = 0
        self._turn_began_at_s: float | None = None
        self._first_chunk_s = 0.0
        self._rtf = 0.0
        self._thread = threading.Thread(target=self._run, name="chatterbox", daemon=True)
        self._thread.start()

    @property
    def decoder(self) -> T3Decoder:
        """The decoder; `voice_prefix` may be called from any thread."""
        return self._decoder

    def speak(self, sentence: Sentence) -> Ticket:
        """Begin to speak a sentence; any thread. Iterating the ticket may raise."""
        now_s = time.monotonic()
        ticket = Ticket(self._cancel, self, self._patience_s)
        demand = sentence.demand
        job = _Job(sentence, ticket, Playhead(demand.live, demand.slack_s, now_s))
        with self._changed:
            self._arrived.append(job)
            self._changed.notify()
        return ticket

    def figures(self) -> Figures:
        """Return how the engine is doing; any thread."""
        waiting = self._admission.waiting
        running = len(self._jobs) - waiting
        return Figures(self._first_chunk_s, self._rtf, running, waiting)

    def still_for_s(self) -> float:
        """See `Pulse.still_for_s`."""
        began_at_s = self._turn_began_at_s
        return 0.0 if began_at_s is None else time.monotonic() - began_at_s

    def hung(self) -> None:
        """See `Pulse.hung`."""
        with self._changed:
            tell, self._on_hang = self._on_hang, None
        if tell is not None:
            _log.error("the engine is given up")
            tell()

    def close(self) -> None:
        """End the thread. Sentences that are open fail."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _cancel(self, ticket: Ticket) -> None:
        with self._changed:
            self._cancelled.append(ticket)
            self._changed.notify()

    def _run(self) -> None:
        # Grads are a setting of each thread.
        torch.set_grad_enabled(False)
        while self._wait_for_work():
            self._turn_began_at_s = time.monotonic()
            try:
                self._turn()
                self._failed_turns = 0
            except Exception as error:  # noqa: BLE001 - whatever breaks, the next sentence is tried
                self._survive(error)
            self._turn_began_at_s = None
        self._fail_all(SynthesisError("Chatterbox has been closed."))

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._arrived or self._cancelled or self._jobs
            )
            return not self._closed

    def _turn(self) -> None:
        self._take_messages()
        self._admit()
        self._write_tokens()
        self._render()

    def _take_messages(self) -> None:
        with self._changed:
            arrived, self._arrived = self._arrived, deque()
            cancelled, self._cancelled = self._cancelled, deque()
        for job in arrived:
            self._jobs[job.ticket] = job
            try:
                self._admission.add(job, job.sentence.demand)
            except SynthesisError as error:
                self._fail(job, error)
        for ticket in cancelled:
            if job := self._jobs.get(ticket):
                self._drop(job)

    def _admit(self) -> None:
        for _ in range(ADMITTED_PER_TURN):
            job = self._admission.next()
            if job is None:
                return
            try:
                self._begin(job)
            except (SynthesisError, RuntimeError) as error:
                self._fail(job, error)

    def _begin(self, job: _Job) -> None:
        sentence, seed = job.sentence, job.sentence.sampling.seed
        slot = self._decoder.free_slots[0]
        job.room = min(sentence.max_tokens, self._room(sentence))
        request = T3Request(
            sentence.speaker.prefix,
            sentence.text_tokens,
            sentence.sampling,
            sentence.exaggeration,
            job.room + _EXTRA_POSITIONS,
        )
        self._decoder.prefill(slot, request)
        job.slot = slot
        stream = self._renderer.stream(seed)
        plan = StreamPlan(self._chunks)
        job.utterance = Utterance(sentence.speaker.flow, seed, stream, plan=plan, tail=self._tail)

    def _room(self, sentence: Sentence) -> int:
        """Return how many tokens there is room for, after the voice, the text and its marks."""
        read = sentence.speaker.prefix.positions + len(sentence.text_tokens)
        return max(1, self._max_positions - read - _MARKS - _EXTRA_POSITIONS)

    def _write_tokens(self) -> None:
        writing = {job.slot: job for job in self._jobs.values() if job.slot is not None}
        if writing:
            self._steps.append((self._decoder.step(), writing))
        while len(self._steps) > (self._lag if writing else 0):
            pending, jobs = self._steps.popleft()
            tokens = pending.read()
            for slot, job in jobs.items():
                # It may have left meanwhile, and the slot may be another's.
                if job.slot == slot:
                    self._take_token(job, tokens[slot])

    def _take_token(self, job: _Job, token: int) -> None:
        assert job.utterance is not None
        if token == NOT_FINITE:
            self._fail(job, SynthesisError("The model lost its way in this sentence."))
        elif token == self._decoder.stop_token:
            self._end_writing(job)
        elif token != IDLE:
            job.tokens += 1
            if cut := job.utterance.push(token):
                job.cuts.append(cut)
            if job.tokens >= job.room:
                self._end_writing(job)

    def _end_writing(self, job: _Job) -> None:
        assert job.utterance is not None
        job.cuts.append(job.utterance.finish())
        self._free_slot(job)

    def _free_slot(self, job: _Job) -> None:
        if job.slot is not None:
            self._decoder.release(job.slot)
            job.slot = None
        self._admission.leave(job)

    def _render(self) -> None:
        """Turn the most urgent stretches into sound, one of each sentence at most."""
        due = [job for job in self._jobs.values() if job.cuts]
        heads, most = [job.playhead for job in due], self._render_batch
        writing = any(job.slot is not None for job in self._jobs.values())
        if not is_time(heads, time.monotonic(), most, writing):
            return
        work = [(due[index], due[index].cuts.popleft()) for index in most_urgent(heads, most)]
        sounds = self._renderer.render([(job.utterance, cut) for job, cut in work if job.utterance])
        for (job, cut), sound in zip(work, sounds, strict=True):
            if isinstance(sound, Exception):
                self._fail(job, sound)
                continue
            if len(sound):
                self._note(job, len(sound))
                job.ticket.send(sound)
            if cut.final:
                self._finish(job)

    def _note(self, job: _Job, samples: int) -> None:
        now_s = time.monotonic()
        if job.playhead.first_at_s is None and job.sentence.demand.live:
            waited_s = now_s - job.playhead.began_at_s
            self._first_chunk_s = _smoothed(self._first_chunk_s, waited_s)
        job.playhead.send(samples / self._renderer.sample_rate, now_s)

    def _finish(self, job: _Job) -> None:
        del self._jobs[job.ticket]
        sound_s = job.tokens / TOKENS_PER_SECOND
        if sound_s:
            self._rtf = _smoothed(self._rtf, (time.monotonic() - job.playhead.began_at_s) / sound_s)
        job.ticket.finish()

    def _drop(self, job: _Job) -> None:
        del self._jobs[job.ticket]
        self._free_slot(job)

    def _fail(self, job: _Job, error: Exception) -> None:
        self._drop(job)
        if not isinstance(error, SynthesisError):
            _log.error("a sentence failed", exc_info=error)
            error = SynthesisError(f"Chatterbox could not speak this sentence: {error}")
        job.ticket.fail(error)

    def _survive(self, error: Exception) -> None:
        """After a turn that broke, nobody knows whose fault it was: all sentences end here."""
        _log.error("a turn of the engine failed", exc_info=error)
        self._steps.clear()
        self._fail_all(SynthesisError(f"Chatterbox failed: {error}"))
        self._failed_turns += 1
        if self._failed_turns >= FAILED_TURNS:
            self.hung()

    def _fail_all(self, error: SynthesisError) -> None:
        with self._changed:
            arrived, self._arrived = self._arrived, deque()
        for job in arrived:
            job.ticket.fail(error)
        for job in list(self._jobs.values()):
            try:
                self._drop(job)
            except RuntimeError:
                # The device is gone; what it held goes with the process.
                _log.exception("a slot could not be freed")
            job.ticket.fail(error)


def _smoothed(before: float, newest: float) -> float:
    return newest if before == 0.0 else before + _SMOOTHING * (newest - before)
