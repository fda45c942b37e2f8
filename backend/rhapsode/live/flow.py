"""Window: how far ahead of the listener one socket may send sound."""

from rhapsode.audio.chunk import SAMPLE_RATE

DEFAULT_WINDOW_MS = 30_000
MIN_WINDOW_MS = 1_000
MAX_WINDOW_MS = 3_600_000


class Window:
    """The flow control of one socket: pure arithmetic on samples.

    `seq` is strict, so sound that has to wait holds back the text behind it; a client that wants
    all the text at once asks for a large window. Only sending is held back, generating is not.
    """

    def __init__(self, played_sample: int = 0, window_ms: int = DEFAULT_WINDOW_MS) -> None:
        self._played_sample = played_sample
        self._window_samples = _samples(window_ms)

    def acknowledge(self, played_sample: int, window_ms: int | None = None) -> None:
        """Take note of how far the listener has heard; positions only move forward.

        Args:
            played_sample: Absolute sample on the session's timeline.
            window_ms: The window from now on; None leaves it as it is.
        """
        self._played_sample = max(self._played_sample, played_sample)
        if window_ms is not None:
            self._window_samples = _samples(window_ms)

    def may_send(self, start_sample: int) -> bool:
        """Tell whether sound that begins at `start_sample` may be sent now.

        The beginning counts, not the end: a chunk longer than the window would otherwise never go,
        and a listener who has heard everything sent so far always gets the next chunk.
        """
        return start_sample < self._played_sample + self._window_samples


def _samples(window_ms: int) -> int:
    if not MIN_WINDOW_MS <= window_ms <= MAX_WINDOW_MS:
        raise ValueError(f"window_ms is {window_ms}, not {MIN_WINDOW_MS} to {MAX_WINDOW_MS}")
    return window_ms * SAMPLE_RATE // 1000
