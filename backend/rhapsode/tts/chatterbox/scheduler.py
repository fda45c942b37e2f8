"""Scheduler: one thread steps the model for everybody.

Every turn of its loop lets new sentences in, writes one more speech token for each sentence that
runs, and turns into sound what is due most urgently. Who goes next is decided in `policy`.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import torch

from rhapsode.errors import SynthesisError
from rhapsode.tts.chatterbox.figures import Figures, Smoothed
from rhapsode.tts.chatterbox.inbox import Inbox
from rhapsode.tts.chatterbox.job import Job, Sentence, Speech
from rhapsode.tts.chatterbox.load import ChatterboxModel
from rhapsode.tts.chatterbox.offers import FlowMode
from rhapsode.tts.chatterbox.policy import Admission, Playhead, is_time, most_urgent
from rhapsode.tts.chatterbox.pulse import Pulse
from rhapsode.tts.chatterbox.rendering import Renderer
from rhapsode.tts.chatterbox.schedule import CHUNK_TOKENS, TOKENS_PER_SECOND, StreamPlan
from rhapsode.tts.chatterbox.t3 import IDLE, NOT_FINITE, T3Decoder
from rhapsode.tts.chatterbox.ticket import Ticket
from rhapsode.tts.chatterbox.utterance import TURBO_TAIL, Utterance
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.writer import Writer

_log = logging.getLogger(__name__)

ADMITTED_PER_TURN = 4
"""Reading a text takes as long as several steps: those who listen must not wait for a crowd."""


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
        """Take a model, record what it does on a GPU, and start the thread.

        Args:
            model: Nobody else may run its T3, flow or vocoder from now on.
            slots: How many sentences T3 writes at once.
            max_positions: Longest sequence of T3.
            patience_s: How long one turn may take; see `Pulse`.
            on_hang: See `Pulse`.
            render_batch: How many stretches become sound at once.
            flow: How frames are streamed.
            chunks: Sizes of the chunks; see `StreamPlan`.
        """
        self._writer = Writer(model.t3, slots, max_positions, model.aligned_heads)
        self._renderer = Renderer(model, max_batch=render_batch, flow=flow)
        self._writer.decoder.warm_up()
        self._renderer.warm_up()
        self._render_batch = render_batch
        self._chunks = tuple(chunks)
        self._tail = TURBO_TAIL if model.variant is Variant.TURBO else ()
        self._pulse = Pulse(patience_s, on_hang)
        self._inbox: Inbox[Job] = Inbox()
        self._admission: Admission[Job] = Admission(slots)
        self._jobs: dict[Ticket, Job] = {}
        self._speeches: dict[Job, Speech] = {}
        """Of the jobs that have been begun."""

        self._first_chunk_s, self._rtf = Smoothed(), Smoothed()
        self._thread = threading.Thread(target=self._run, name="chatterbox", daemon=True)
        self._thread.start()

    @property
    def decoder(self) -> T3Decoder:
        """The decoder; `voice_prefix` may be called from any thread."""
        return self._writer.decoder

    def speak(self, sentence: Sentence) -> Ticket:
        """Begin to speak a sentence; any thread. Iterating the ticket may raise."""
        ticket = Ticket(self._inbox.cancel, self._pulse)
        demand = sentence.demand
        playhead = Playhead(demand.live, demand.slack_s, time.monotonic())
        self._inbox.put(Job(sentence, ticket, playhead))
        return ticket

    def figures(self) -> Figures:
        """Return how the engine is doing; any thread."""
        waiting = self._admission.waiting
        running = len(self._jobs) - waiting
        return Figures(self._first_chunk_s.value, self._rtf.value, running, waiting)

    def close(self) -> None:
        """End the thread. Sentences that are open fail."""
        self._inbox.close()
        self._thread.join()

    def _run(self) -> None:
        # Grads are a setting of each thread.
        torch.set_grad_enabled(False)
        while self._inbox.wait(busy=bool(self._jobs)):
            self._pulse.begin_turn()
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - whatever breaks, the next sentence is tried
                self._survive(error)
                self._pulse.end_turn(failed=True)
            else:
                self._pulse.end_turn(failed=False)
        self._fail_all(SynthesisError("Chatterbox has been closed."))

    def _turn(self) -> None:
        self._take_messages()
        self._admit()
        for job, token in self._writer.step():
            self._take_token(job, token)
        self._render()

    def _take_messages(self) -> None:
        arrived, cancelled = self._inbox.take()
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

    def _begin(self, job: Job) -> None:
        room = self._writer.begin(job)
        seed = job.sentence.sampling.seed
        utterance = Utterance(
            job.sentence.speaker.flow,
            seed,
            self._renderer.stream(seed),
            plan=StreamPlan(self._chunks),
            tail=self._tail,
        )
        self._speeches[job] = Speech(utterance, room)

    def _take_token(self, job: Job, token: int) -> None:
        speech = self._speeches[job]
        if token == NOT_FINITE:
            self._fail(job, SynthesisError("The model lost its way in this sentence."))
        elif token == self.decoder.stop_token:
            self._end_writing(job, speech)
        elif token != IDLE:
            speech.push(token)
            if speech.tokens >= speech.room:
                self._end_writing(job, speech)

    def _end_writing(self, job: Job, speech: Speech) -> None:
        speech.finish()
        self._free_slot(job)

    def _free_slot(self, job: Job) -> None:
        self._writer.release(job)
        self._admission.leave(job)

    def _render(self) -> None:
        """Turn the most urgent stretches into sound, one of each sentence at most."""
        due = [(job, speech) for job, speech in self._speeches.items() if speech.cuts]
        heads, most = [job.playhead for job, _ in due], self._render_batch
        if not is_time(heads, time.monotonic(), most, self._writer.busy):
            return
        chosen = [due[index] for index in most_urgent(heads, most)]
        work = [(speech.utterance, speech.cuts.popleft()) for _, speech in chosen]
        sounds = self._renderer.render(work)
        for (job, _), (_, cut), sound in zip(chosen, work, sounds, strict=True):
            if isinstance(sound, Exception):
                self._fail(job, sound)
                continue
            if len(sound):
                self._note(job, len(sound))
                job.ticket.send(sound)
            if cut.final:
                self._finish(job)

    def _note(self, job: Job, samples: int) -> None:
        now_s = time.monotonic()
        if job.playhead.first_at_s is None and job.sentence.demand.live:
            self._first_chunk_s.follow(now_s - job.playhead.began_at_s)
        job.playhead.send(samples / self._renderer.sample_rate, now_s)

    def _finish(self, job: Job) -> None:
        del self._jobs[job.ticket]
        sound_s = self._speeches.pop(job).tokens / TOKENS_PER_SECOND
        if sound_s:
            self._rtf.follow((time.monotonic() - job.playhead.began_at_s) / sound_s)
        job.ticket.finish()

    def _drop(self, job: Job) -> None:
        del self._jobs[job.ticket]
        self._speeches.pop(job, None)
        self._free_slot(job)

    def _fail(self, job: Job, error: Exception) -> None:
        self._drop(job)
        if not isinstance(error, SynthesisError):
            _log.error("a sentence failed", exc_info=error)
            error = SynthesisError(f"Chatterbox could not speak this sentence: {error}")
        job.ticket.fail(error)

    def _survive(self, error: Exception) -> None:
        """After a turn that broke, nobody knows whose fault it was: all sentences end here."""
        _log.error("a turn of the engine failed", exc_info=error)
        self._writer.forget_steps()
        self._fail_all(SynthesisError(f"Chatterbox failed: {error}"))

    def _fail_all(self, error: SynthesisError) -> None:
        arrived, _ = self._inbox.take()
        for job in arrived:
            job.ticket.fail(error)
        for job in list(self._jobs.values()):
            try:
                self._drop(job)
            except RuntimeError:
                # The device is gone; what it held goes with the process.
                _log.exception("a slot could not be freed")
            job.ticket.fail(error)
