"""Utterance: one sentence on its way from speech tokens to samples.

Holds no model: it says which window of mel frames is due, and what the vocoder is to make of
them, so that whoever runs the models can gather the work of many utterances into one batch.
"""

from torch import Tensor

from rhapsode.tts.chatterbox.flow import FlowWindow
from rhapsode.tts.chatterbox.schedule import Cut, StreamPlan
from rhapsode.tts.chatterbox.vocoder import Piece, VocoderStream
from rhapsode.tts.chatterbox.voice import FlowVoice

SPEECH_TOKENS = 6561
"""Tokens from here on are marks for T3 and have no sound."""

SILENCE = 4299
TURBO_TAIL = (SILENCE,) * 3
"""What upstream lets every utterance of Turbo end with."""


class Utterance:
    """Gathers one sentence's tokens and cuts them."""

    def __init__(
        self,
        voice: FlowVoice,
        seed: int,
        stream: VocoderStream,
        *,
        plan: StreamPlan | None = None,
        tail: tuple[int, ...] = (),
    ) -> None:
        """Begin.

        Args:
            voice: Who speaks.
            seed: Decides all noise of the utterance.
            stream: From `Vocoder.stream`.
            plan: How to cut; None takes the usual chunks.
            tail: Tokens to end with, `TURBO_TAIL` for Turbo.
        """
        self._voice = voice
        self._seed = seed
        self._stream = stream
        self._plan = plan or StreamPlan()
        self._tail = tail
        self._tokens: list[int] = []

    def push(self, token: int) -> Cut | None:
        """Take a token of T3 and return the stretch that it completes, if it does."""
        if token >= SPEECH_TOKENS:
            return None
        self._tokens.append(token)
        return self._plan.push()

    def finish(self) -> Cut:
        """Take the end and return the last stretch, which may hold no token."""
        self._tokens += self._tail
        return self._plan.finish(len(self._tail))

    def window(self, cut: Cut) -> FlowWindow:
        """Return what the flow is to compute; not for a stretch without tokens."""
        return FlowWindow(self._voice, self._seed, self._tokens, cut.start, cut.end, cut.final)

    def piece(self, cut: Cut, mel: Tensor) -> Piece:
        """Return what the vocoder is to do with the flow's answer, shape (80, n)."""
        return Piece(self._stream, mel, cut.hold_frames, cut.final)
