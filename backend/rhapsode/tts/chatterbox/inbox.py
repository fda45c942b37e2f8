"""Inbox: what the callers' threads leave for the engine's. Knows no torch."""

import threading
from typing import Generic, TypeVar

from rhapsode.tts.chatterbox.ticket import Ticket

Job = TypeVar("Job")


class Inbox(Generic[Job]):
    """New jobs and cancelled tickets, from any thread to the one that takes them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._arrived: list[Job] = []
        self._cancelled: list[Ticket] = []
        self._closed = False

    def put(self, job: Job) -> None:
        """Leave a job."""
        with self._changed:
            self._arrived.append(job)
            self._changed.notify()

    def cancel(self, ticket: Ticket) -> None:
        """Say that nobody waits for this ticket any more."""
        with self._changed:
            self._cancelled.append(ticket)
            self._changed.notify()

    def close(self) -> None:
        """Say that there will be no more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def wait(self, *, busy: bool) -> bool:
        """Wait until something has come, unless `busy`; tell whether the inbox is still open."""
        with self._changed:
            self._changed.wait_for(lambda: busy or self._closed or self._arrived or self._cancelled)
            return not self._closed

    def take(self) -> tuple[list[Job], list[Ticket]]:
        """Return the jobs and the cancelled tickets that have come, in order."""
        with self._changed:
            arrived, self._arrived = self._arrived, []
            cancelled, self._cancelled = self._cancelled, []
        return arrived, cancelled
