"""settle(): wait for something that must end before anybody goes on."""

import asyncio
from contextlib import suppress
from typing import Any


async def settle(pending: asyncio.Future[Any]) -> None:
    """Return when `pending` is done, however often the waiting task is cancelled.

    For the way out of a cancelled task that still holds an engine: the caller raises its own
    `CancelledError` again afterwards. What `pending` ended with is not raised.
    """
    while not pending.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([pending])
    if not pending.cancelled():
        # Looked at, so that asyncio does not report it as lost.
        pending.exception()
