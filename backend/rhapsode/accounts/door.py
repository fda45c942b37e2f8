"""Door: how often strangers may knock, by where they come from and by whom they claim to be."""

from collections.abc import Generator
from contextlib import contextmanager

from rhapsode.accounts.attempts import Attempts, network_of

_FIVE_MINUTES_S = 300.0
_HOUR_S = 3600.0
_FAILED = "Too many failed attempts."
_REGISTERED = "Too many accounts were asked for from your address."


class Door:
    """The limits of logging in and of registering. Belongs to one process and its event loop."""

    def __init__(self) -> None:
        # Somebody who guesses one person's password, many people's from one place, or one
        # person's from many places. The last limit is wide, because it locks the person out too.
        self._by_both = Attempts(10, _FIVE_MINUTES_S, _FAILED)
        self._by_address = Attempts(50, _FIVE_MINUTES_S, _FAILED)
        self._by_name = Attempts(100, _FIVE_MINUTES_S, _FAILED)
        self._registrations = Attempts(20, _HOUR_S, _REGISTERED)

    @contextmanager
    def logging_in(self, username: str, address: str) -> Generator[None]:
        """Let somebody try a password; an attempt that raises counts as a failure.

        Args:
            username: In any case.
            address: Where the attempt comes from.

        Raises:
            TooManyRequestsError: There were too many failures.
        """
        place, name = network_of(address), username.lower()
        limits = (
            (self._by_both, f"{place} {name}"),
            (self._by_address, place),
            (self._by_name, name),
        )
        for attempts, key in limits:
            attempts.check(key)
        for attempts, key in limits:
            attempts.count(key)
        yield
        self._by_both.forget(f"{place} {name}")
        # Own logins must not clear the record of somebody who tries other people's meanwhile.
        self._by_address.take_back(place)
        self._by_name.take_back(name)

    def register(self, address: str) -> None:
        """Count a registration.

        Raises:
            TooManyRequestsError: There were too many from there.
        """
        place = network_of(address)
        self._registrations.check(place)
        self._registrations.count(place)
