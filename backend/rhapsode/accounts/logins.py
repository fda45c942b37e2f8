"""Logins: what is open by them is closed when they end."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Generator

from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.tokens import AccessToken
from rhapsode.database import Database

RECHECK_S = 60.0
"""How long after its end a login may go unnoticed: one that expired, or ended at another server."""


class Logins:
    """Tells those who have something open when the login behind it ends.

    The database is the truth; a login that ends here is only noticed sooner. Belongs to one event
    loop.
    """

    def __init__(
        self, db: Database, repository: AccountRepository, recheck_s: float = RECHECK_S
    ) -> None:
        self._db = db
        self._repository = repository
        self._recheck_s = recheck_s
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    async def wait_ended(self, token: AccessToken) -> None:
        """Return when a login has ended: at once, or some time after it ended elsewhere."""
        with self._noticing(token) as noticed:
            while await self._db.run(lambda: self._repository.find_token_owner(token)):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._recheck_s):
                        await noticed.wait()
                noticed.clear()

    async def end(self, token: AccessToken) -> None:
        """End a login; one that has ended already is no error."""
        await self._db.run(lambda: self._repository.delete_token(token))
        self._notice(token.prefix)

    async def end_all(self, user_id: int, spared: AccessToken | None = None) -> None:
        """End every login of a user, or all but one."""
        for prefix in await self._db.run(lambda: self._repository.delete_tokens(user_id, spared)):
            self._notice(prefix)

    def _notice(self, prefix: str) -> None:
        for noticed in self._waiting.get(prefix, ()):
            noticed.set()

    @contextlib.contextmanager
    def _noticing(self, token: AccessToken) -> Generator[asyncio.Event]:
        noticed = asyncio.Event()
        self._waiting[token.prefix].add(noticed)
        try:
            yield noticed
        finally:
            self._waiting[token.prefix].discard(noticed)
            if not self._waiting[token.prefix]:
                del self._waiting[token.prefix]
