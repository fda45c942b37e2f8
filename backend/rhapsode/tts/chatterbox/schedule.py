"""StreamPlan: which speech tokens become sound next. Pure, knows no torch.

Early chunks are small so that the listener hears something soon; later ones are larger because
every chunk pays for its context again. Each must be ready before the one before it has played.
"""

from collections.abc import Sequence
from dataclasses import dataclass

TOKENS_PER_SECOND = 25
FRAMES_PER_TOKEN = 2
SAMPLES_PER_FRAME = 480
"""At 24 kHz, so a frame is 20 ms and a token 40 ms."""

LOOKAHEAD_TOKENS = 3
"""How far the flow's first convolution sees beyond a token."""

CHUNK_TOKENS = (6, 8, 12, 16, 25)
"""Tokens per chunk; the last figure repeats."""

PATIENT_CHUNK_TOKENS = (6, 75, 200)
"""The same for a processor, which is far slower than speech: its listener waits between chunks
whatever they are, and the fewer there are, the sooner all is said."""

PATIENT_TURBO_CHUNK_TOKENS = (6, 25, 50, 100, 200)
"""Turbo's flow takes a tenth of the time: with it a processor is nearly as fast as speech, and
small chunks are nearly in time."""

FIRST_HOLD_FRAMES = 6
HOLD_FRAMES = 8
"""Frames at the edge that the vocoder keeps until it has heard what follows.

Measured at full size against the whole utterance at once: 6 frames give 50 dB, 8 give 64 dB.
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """The next stretch of an utterance."""

    start: int
    """First token."""

    end: int
    """One past the last token; equals `start` when there is only the held sound to let go."""

    hold_frames: int
    """Frames that the vocoder keeps back after this stretch; 0 at the end."""

    final: bool
    """Whether the utterance ends here."""


class StreamPlan:
    """Cuts one utterance's tokens into chunks as they arrive."""

    def __init__(self, chunks: Sequence[int] = CHUNK_TOKENS) -> None:
        """Take the sizes of the chunks in tokens, each at least 4; the last one repeats."""
        if not chunks or min(chunks) <= FIRST_HOLD_FRAMES // FRAMES_PER_TOKEN:
            raise ValueError(f"every chunk needs at least 4 tokens: {tuple(chunks)}")
        self._chunks = tuple(chunks)
        self._cuts = 0
        self._done = 0
        self._tokens = 0

    @property
    def tokens_wanted(self) -> int:
        """How many more tokens must arrive before there is something to do."""
        return self._done + self._chunk() + LOOKAHEAD_TOKENS - self._tokens

    def push(self) -> Cut | None:
        """Take a token and return the stretch that it completes, if it does."""
        self._tokens += 1
        if self.tokens_wanted > 0:
            return None
        hold = FIRST_HOLD_FRAMES if self._cuts == 0 else HOLD_FRAMES
        cut = Cut(self._done, self._done + self._chunk(), hold, final=False)
        self._done = cut.end
        self._cuts += 1
        return cut

    def finish(self, tail: int = 0) -> Cut:
        """Take `tail` more tokens and the end; return the last stretch, which may be empty."""
        cut = Cut(self._done, self._tokens + tail, 0, final=True)
        self._done = self._tokens = cut.end
        return cut

    def _chunk(self) -> int:
        return self._chunks[min(self._cuts, len(self._chunks) - 1)]
