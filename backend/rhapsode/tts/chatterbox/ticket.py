"""Ticket: what a caller holds while the engine's thread works for it. Knows no torch."""

import queue
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from rhapsode.tts.chatterbox.pulse import Pulse

Sound = NDArray[np.float32]
"""Shape (n,), mono, at 24 kHz; n is 0 for a sign of life while there is nothing to hear."""

_SIGN_OF_LIFE_S = 0.5
"""How soon a caller whose sentence waits can leave; each costs one small frame."""

_NOTHING: Sound = np.zeros(0, np.float32)


class Ticket:
    """One sentence's sound, from the engine's thread to the caller's.

    The engine's thread calls `send`, `finish` and `fail`, which never wait; the caller iterates.
    """

    def __init__(self, cancel: Callable[["Ticket"], None], pulse: Pulse) -> None:
        """Make one.

        Args:
            cancel: Tells the engine's thread that the caller wants no more; any thread.
            pulse: Of the engine's thread.
        """
        self._sounds: queue.SimpleQueue[Sound | Exception | None] = queue.SimpleQueue()
        self._cancel = cancel
        self._pulse = pulse

    def send(self, sound: Sound) -> None:
        """Pass sound on."""
        self._sounds.put(sound)

    def finish(self) -> None:
        """Say that this was all."""
        self._sounds.put(None)

    def fail(self, error: Exception) -> None:
        """Say that there will be no more, and why."""
        self._sounds.put(error)

    def cancel(self) -> None:
        """Want no more; the sentence's slot is free within a step. Harmless at any time."""
        self._cancel(self)

    def __iter__(self) -> Iterator[Sound]:
        """Yield sound as it comes, and signs of life while the sentence waits.

        Raises:
            SynthesisError: The sentence could not be spoken.
            EngineCrashedError: The engine's thread is stuck.
        """
        wait_s = min(_SIGN_OF_LIFE_S, self._pulse.patience_s)
        while True:
            try:
                sound = self._sounds.get(timeout=wait_s)
            except queue.Empty:
                self._pulse.check()
                sound = _NOTHING
            if sound is None:
                return
            if isinstance(sound, Exception):
                raise sound
            yield sound
