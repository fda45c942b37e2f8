"""IncomingText: the text of a narration as it arrives."""

import asyncio

from rhapsode.text.code_blocks import CodeBlocks
from rhapsode.text.cuts import Urgency
from rhapsode.text.sentences import MAX_CHARS, Fragment, SentenceBuffer


class IncomingText:
    """A sentence buffer that can be waited on: one task writes, one reads."""

    def __init__(self, max_chars: int = MAX_CHARS) -> None:
        """Give out fragments of at most `max_chars` characters."""
        self._code = CodeBlocks()
        self._buffer = SentenceBuffer(max_chars)
        self._changed = asyncio.Event()

    @property
    def exhausted(self) -> bool:
        """True when the text has ended and every fragment was taken."""
        return self._buffer.exhausted

    def push(self, delta: str) -> None:
        """Add text and wake the reader."""
        self._buffer.push(self._code.push(delta))
        self._changed.set()

    def close(self) -> None:
        """Say that the text has ended."""
        self._buffer.push(self._code.close())
        self._buffer.close()
        self._changed.set()

    def peek(self, urgency: Urgency, min_chars: int, *, wait: bool) -> Fragment | None:
        """Return what `take` would, and leave it; None when more text is needed."""
        self._changed.clear()
        return self._buffer.peek(urgency, min_chars, wait=wait)

    def take(self, urgency: Urgency, min_chars: int, *, wait: bool) -> Fragment | None:
        """Return the next fragment, or None when more text is needed; see `SentenceBuffer.take`."""
        return self._buffer.take(urgency, min_chars, wait=wait)

    async def changed(self, timeout_s: float | None) -> None:
        """Wait until text has come since the last `peek`, but no longer than `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return
