"""Timeline: where every sample of a narration stands, in frames that any codec can carry."""

import numpy as np
from numpy.typing import NDArray

from rhapsode.narration.events import SentenceAudio

FRAME_STEP = 480
"""Samples in 20 ms, the packet of every speech codec: frames begin and end on multiples of it."""

TAIL = 160
"""Silent samples at the end of every sentence, so that a codec's delay swallows no speech."""


class Timeline:
    """Lays the sound of sentence after sentence end to end. Pure: no clock, no I/O.

    Samples get their absolute address once, here, as integers; nobody adds up durations.
    """

    def __init__(self) -> None:
        self._end = 0
        self._rest: NDArray[np.int16] = np.zeros(0, np.int16)
        self._first = True

    @property
    def end(self) -> int:
        """One past the last sample that was given out."""
        return self._end

    @property
    def written(self) -> int:
        """One past the last sample that was put in, given out or not."""
        return self._end + len(self._rest)

    def push(self, index: int, samples: NDArray[np.int16]) -> SentenceAudio | None:
        """Add sound to sentence `index`; return a frame if there is enough for one."""
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        whole = len(joined) - len(joined) % FRAME_STEP
        self._rest = joined[whole:]
        return self._frame(index, joined[:whole], last=False) if whole else None

    def finish(self, index: int) -> SentenceAudio | None:
        """End sentence `index` with a little silence; return its last frame if it had sound."""
        if self._first and not len(self._rest):
            return None
        padded = len(self._rest) + TAIL
        padded += -padded % FRAME_STEP
        samples = np.zeros(padded, np.int16)
        samples[: len(self._rest)] = self._rest
        self._rest = self._rest[:0]
        frame = self._frame(index, samples, last=True)
        self._first = True
        return frame

    def _frame(self, index: int, samples: NDArray[np.int16], *, last: bool) -> SentenceAudio:
        frame = SentenceAudio(index, self._end, samples, first=self._first, last=last)
        self._end += len(samples)
        self._first = False
        return frame
