"""Turns: who may use an engine next. Live speech goes before background work."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import IntEnum


class Priority(IntEnum):
    """Lower goes first."""

    LIVE = 0
    """Somebody is listening."""

    BACKGROUND = 1
    """Nobody waits for it."""


class Turns:
    """At most `limit` holders at a time; the waiting are served by priority, then arrival.

    With two turns or more, background work never takes the last one, so live speech starts
    at once however much background work there is. With a single turn, live speech goes to
    the head of the queue.
    """

    def __init__(self, limit: int) -> None:
        """Hand out `limit` turns, at least 1."""
        if limit < 1:
            raise ValueError("there must be at least one turn")
        self._free = limit
        self._kept_for = {Priority.LIVE: 0, Priority.BACKGROUND: 1 if limit > 1 else 0}
        self._waiting: dict[Priority, deque[asyncio.Future[None]]] = {p: deque() for p in Priority}

    @asynccontextmanager
    async def take(self, priority: Priority) -> AsyncGenerator[None]:
        """Wait for a turn and hold it for the length of the `async with` block."""
        await self._acquire(priority)
        try:
            yield
        finally:
            self._give_back()

    async def _acquire(self, priority: Priority) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[priority].append(turn)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            # The turn may have been granted in the very moment the wait was cancelled.
            if turn.done() and not turn.cancelled():
                self._give_back()
            raise

    def _give_back(self) -> None:
        self._free += 1
        self._serve()

    def _serve(self) -> None:
        for priority, queue in self._waiting.items():
            while queue and self._free > self._kept_for[priority]:
                turn = queue.popleft()
                if not turn.done():
                    self._free -= 1
                    turn.set_result(None)
