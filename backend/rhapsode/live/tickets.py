"""Tickets: permission to open one socket, once, soon."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rhapsode.errors import NotAuthenticatedError


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket admits to."""

    user_id: int
    session_id: str
    login: str | None = field(repr=False)
    """The access token of the login that asked for it; None where nobody logs in."""

    expires_at: float
    """On the clock of the `Tickets` that issued it, in seconds."""


class Tickets:
    """Issues single-use tickets and takes them back.

    Browsers cannot send an Authorization header with a WebSocket, and a long-lived credential in an
    address ends up in logs; a ticket in a log is worthless, because it was used already.
    """

    def __init__(self, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._clock = clock
        self._issued: dict[str, Ticket] = {}

    def issue(self, user_id: int, session_id: str, login: str | None = None) -> str:
        """Return a new ticket (128 random bits) for this user and session.

        Args:
            user_id: Whom it admits.
            session_id: Where to.
            login: The access token by which they ask; the socket closes when it is revoked.
        """
        self._sweep()
        token = secrets.token_urlsafe(16)
        self._issued[token] = Ticket(
            user_id, session_id, login, expires_at=self._clock() + self._ttl_s
        )
        return token

    def redeem(self, token: str) -> Ticket:
        """Use a ticket up.

        Raises:
            NotAuthenticatedError: The ticket was never issued, was used, or has expired.
        """
        self._sweep()
        ticket = self._issued.pop(token, None)
        if ticket is None:
            raise NotAuthenticatedError(
                "This address was used already or is too old; ask for a new one."
            )
        return ticket

    def __len__(self) -> int:
        """Return how many tickets could still be redeemed."""
        self._sweep()
        return len(self._issued)

    def _sweep(self) -> None:
        now = self._clock()
        # Every ticket lives equally long, so the oldest come first and the sweep stops early.
        while self._issued:
            token, ticket = next(iter(self._issued.items()))
            if ticket.expires_at > now:
                return
            del self._issued[token]
