"""Handoff: a short queue between two threads that either side may leave."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Handoff(Generic[Item]):
    """Passes items from one thread to another, at most `limit` of them on the way.

    The giver calls `put`, then `finish` or `fail`. The taker iterates, and calls `close` when it
    wants no more: then a waiting `put` returns at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._finished = False
        self._error: Exception | None = None

    def put(self, item: Item) -> bool:
        """Give an item, waiting for room; False when nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._items) < self._limit)
            if self._closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def finish(self) -> None:
        """Say that there are no more items."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        """Say that there are no more items, and why; the taker gets the error raised."""
        self._error = error
        self.finish()

    def close(self) -> None:
        """Want no more items."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Item]:
        """Yield items until the giver has finished.

        Raises:
            Exception: What the giver failed with.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._finished or self._items)
                if not self._items:
                    break
                item = self._items.popleft()
                self._changed.notify_all()
            yield item
        if self._error is not None:
            raise self._error
