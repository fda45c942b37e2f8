"""Attempts: how often somebody may try something at the door."""

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from rhapsode.errors import TooManyRequestsError

MAX_KEYS = 10_000
"""Keys kept, so that nobody can fill the memory; the one that was quiet for longest goes."""

_IPV6_NETWORK = 64
"""Bits that one customer gets at least; the other 64 they choose themselves, as often as asked."""


class Attempts:
    """A sliding window of attempts per key, such as an address or a user name."""

    def __init__(
        self,
        limit: int,
        window_s: float,
        reason: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Allow `limit` attempts in any `window_s` seconds.

        Args:
            limit: Attempts per key.
            window_s: Length of the window in seconds.
            reason: What somebody is told who comes too often; a sentence.
            clock: Seconds that only go forward.
        """
        self._limit = limit
        self._window_s = window_s
        self._reason = reason
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Make sure that one more attempt is allowed.

        Raises:
            TooManyRequestsError: The window is full.
        """
        now = self._clock()
        times = self._recent(key, now)
        if len(times) >= self._limit:
            wait_s = math.ceil(times[0] + self._window_s - now)
            message = f"{self._reason} Try again in {_in_words(wait_s)}."
            raise TooManyRequestsError(message, retry_after_s=wait_s)

    def count(self, key: str) -> None:
        """Count an attempt before it is made, so that a hundred at once do not slip through."""
        times = self._times.setdefault(key, deque())
        times.append(self._clock())
        self._times.move_to_end(key)
        if len(self._times) > MAX_KEYS:
            self._times.popitem(last=False)

    def forget(self, key: str) -> None:
        """Forget the attempts of a key that has proved itself."""
        self._times.pop(key, None)

    def take_back(self, key: str) -> None:
        """Forget the newest attempt of a key: it was none of those that are to be limited."""
        times = self._times.get(key)
        if times:
            times.pop()

    def __len__(self) -> int:
        """Return how many keys are kept."""
        return len(self._times)

    def _recent(self, key: str, now: float) -> deque[float]:
        times = self._times.get(key, deque[float]())
        while times and times[0] <= now - self._window_s:
            times.popleft()
        return times


def network_of(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the network of an IPv6 one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, _IPV6_NETWORK), strict=False))


def _in_words(wait_s: int) -> str:
    return f"{wait_s} s" if wait_s < 120 else f"{math.ceil(wait_s / 60)} minutes"
