"""Writer: which sentence T3 writes in which slot."""

from collections import deque
from collections.abc import Iterator, Sequence

from rhapsode.tts.chatterbox.alignment import AlignedHead
from rhapsode.tts.chatterbox.job import Job, Sentence
from rhapsode.tts.chatterbox.pending import PendingTokens
from rhapsode.tts.chatterbox.t3 import T3Decoder, T3Request
from rhapsode.tts.chatterbox.upstream import T3

_MARKS = 2
"""Positions besides voice and text: the emotion, and the start of speech."""

_EXTRA_POSITIONS = 2
"""Steps that a request may take before its end has been read."""


class Writer:
    """Lets a `T3Decoder` write the sentences of jobs. One thread only."""

    def __init__(
        self, t3: T3, slots: int, max_positions: int, aligned_heads: Sequence[AlignedHead]
    ) -> None:
        """Take a model; the rest as for `T3Decoder`."""
        self.decoder = T3Decoder(t3, slots, max_positions, aligned_heads)
        self._max_positions = max_positions
        # A GPU is told to take the next step before the last one's tokens have come back.
        self._lag = 1 if self.decoder.records else 0
        self._slots: dict[Job, int] = {}
        self._steps: deque[tuple[PendingTokens, dict[Job, int]]] = deque()

    @property
    def busy(self) -> bool:
        """Whether anything is being written."""
        return bool(self._slots)

    def begin(self, job: Job) -> int:
        """Begin a job in a free slot, of which there must be one.

        Returns:
            How many tokens it may become.

        Raises:
            SynthesisError: The model cannot read the sentence.
        """
        sentence = job.sentence
        room = min(sentence.max_tokens, self._room(sentence))
        request = T3Request(
            sentence.speaker.prefix,
            sentence.text_tokens,
            sentence.sampling,
            sentence.exaggeration,
            room + _EXTRA_POSITIONS,
        )
        slot = self.decoder.free_slots[0]
        self.decoder.prefill(slot, request)
        self._slots[job] = slot
        return room

    def step(self) -> Iterator[tuple[Job, int]]:
        """Take one step with all jobs; yield what has come of it, and of earlier ones.

        Yields:
            A job and its token, `IDLE` or `NOT_FINITE`. Jobs may be released in between.
        """
        writing = dict(self._slots)
        if writing:
            self._steps.append((self.decoder.step(), writing))
        while len(self._steps) > (self._lag if writing else 0):
            pending, jobs = self._steps.popleft()
            tokens = pending.read()
            for job, slot in jobs.items():
                # It may have left meanwhile, and the slot may be another's.
                if job in self._slots:
                    yield job, tokens[slot]

    def release(self, job: Job) -> None:
        """Free the slot of a job, if it has one."""
        slot = self._slots.pop(job, None)
        if slot is not None:
            self.decoder.release(slot)

    def forget_steps(self) -> None:
        """Drop tokens that have not been read."""
        self._steps.clear()

    def _room(self, sentence: Sentence) -> int:
        """Return how many tokens there is room for, after the voice, the text and its marks."""
        read = sentence.speaker.prefix.positions + len(sentence.text_tokens)
        return max(1, self._max_positions - read - _MARKS - _EXTRA_POSITIONS)
