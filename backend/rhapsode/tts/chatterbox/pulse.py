"""Pulse: whether the engine's thread still gets anywhere. Knows no torch."""

import logging
import threading
import time
from collections.abc import Callable

from rhapsode.errors import EngineCrashedError

_log = logging.getLogger(__name__)

FAILED_TURNS = 3
"""After so many in a row the process is beyond repair: a CUDA error stays."""


class Pulse:
    """Notes the turns of the engine's thread, and asks once for a new process.

    The engine's thread says how its turns go; `check` may be called from any thread.
    """

    def __init__(
        self,
        patience_s: float,
        on_hang: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin at rest.

        Args:
            patience_s: How long one turn may take.
            on_hang: Called, once, when a turn took longer or turns keep failing: only a new
                process helps then.
            clock: Seconds from any beginning.
        """
        self.patience_s = patience_s
        self._on_hang: Callable[[], None] | None = on_hang
        self._clock = clock
        self._telling = threading.Lock()
        self._failed_turns = 0
        self._turn_began_at_s: float | None = None

    def begin_turn(self) -> None:
        """Note that a turn begins."""
        self._turn_began_at_s = self._clock()

    def end_turn(self, *, failed: bool) -> None:
        """Note that it is over."""
        self._turn_began_at_s = None
        self._failed_turns = self._failed_turns + 1 if failed else 0
        if self._failed_turns >= FAILED_TURNS:
            self._give_up()

    def check(self) -> None:
        """Give the engine up if its thread is stuck.

        Raises:
            EngineCrashedError: It is.
        """
        began_at_s = self._turn_began_at_s
        if began_at_s is None:
            return
        still_s = self._clock() - began_at_s
        if still_s > self.patience_s:
            self._give_up()
            raise EngineCrashedError(
                f"Chatterbox hung: one step has taken more than {still_s:.0f} s. It is restarted."
            )

    def _give_up(self) -> None:
        with self._telling:
            tell, self._on_hang = self._on_hang, None
        if tell is not None:
            _log.error("the engine is given up")
            tell()
