"""LoginAttempts: how often somebody may try a password."""

import math
import time
from collections import deque
from collections.abc import Callable

from rhapsode.errors import TooManyRequestsError

_SWEEP_AT = 10_000
"""Keys kept before the stale ones are dropped, so that an attacker cannot fill the memory."""


class LoginAttempts:
    """A sliding window of failed attempts per key, such as an address and a user name."""

    def __init__(
        self,
        limit: int = 10,
        window_s: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._window_s = window_s
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def admit(self, key: str) -> None:
        """Count an attempt before it is made, so that a hundred at once do not slip through.

        Raises:
            TooManyRequestsError: The window is full.
        """
        now = self._clock()
        times = self._recent(key, now)
        if len(times) >= self._limit:
            wait_s = math.ceil(times[0] + self._window_s - now)
            raise TooManyRequestsError(
                f"Too many failed attempts. Try again in {wait_s} s.", retry_after_s=wait_s
            )
        times.append(now)

    def forgive(self, key: str) -> None:
        """Forget the attempts of a key that has proved itself."""
        self._times.pop(key, None)

    def _recent(self, key: str, now: float) -> deque[float]:
        if len(self._times) >= _SWEEP_AT:
            self._sweep(now)
        times = self._times.setdefault(key, deque())
        while times and times[0] <= now - self._window_s:
            times.popleft()
        return times

    def _sweep(self, now: float) -> None:
        stale = [key for key, times in self._times.items() if times[-1] <= now - self._window_s]
        for key in stale:
            del self._times[key]
