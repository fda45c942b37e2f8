"""Network: which servers this one connects to when a user names the address.

A server with accounts must not be a way into the network it stands in: there, users reach public
addresses only. The addresses of a name are checked and connected to in one step, so that a name
cannot point elsewhere in between.
"""

import asyncio
import functools
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx2

from rhapsode.errors import ConfigurationError, ForbiddenAddressError
from rhapsode.public_addresses import is_disguised, is_metadata, is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Takes a host and a port, returns its IP addresses in the order they are to be tried."""

CONNECT_TIMEOUT_S = 10.0
"""A server that takes longer to take a connection is not there."""

_ALLOWED = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?", re.IGNORECASE)


async def resolve_by_system(host: str, port: int) -> list[str]:
    """Return the addresses that the operating system finds for `host`.

    Raises:
        OSError: It finds none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    # An address that holds on one network interface only cannot stand in a URL.
    return [address for address in addresses if "%" not in address]


@dataclass(frozen=True, slots=True)
class AllowedServer:
    """A server that the operator lets everybody reach, wherever it is."""

    host: str
    port: int | None
    """None: every port."""

    @classmethod
    def parse(cls, text: str) -> "AllowedServer":
        """Read `host` or `host:port`; IPv6 addresses stand in brackets.

        Raises:
            ConfigurationError: It is neither.
        """
        match = _ALLOWED.fullmatch(text.strip())
        port = int(match[2]) if match and match[2] else None
        if match is None or (port is not None and not 0 < port < 65536):
            raise ConfigurationError(
                f"RHAPSODE_ALLOWED_SERVERS: {text!r} is no host or host:port, such as "
                "ollama:11434 or 192.168.1.20."
            )
        return cls(_normal(match[1]), port)


class Network:
    """What users' servers may be connected to, and how."""

    def __init__(
        self,
        *,
        public_only: bool,
        allowed: Sequence[str] = (),
        resolve: Resolve = resolve_by_system,
    ) -> None:
        """Set the rules.

        Args:
            public_only: True where users are not the owner of the machine: then private, loopback
                and link-local addresses are refused. The metadata addresses of clouds always are.
            allowed: `host` or `host:port` of servers that may be reached nevertheless.
            resolve: Finds the addresses of a host.

        Raises:
            ConfigurationError: An entry of `allowed` is none.
        """
        self._public_only = public_only
        self._allowed = frozenset(AllowedServer.parse(text) for text in allowed)
        self._resolve = resolve

    async def check(self, url: str) -> None:
        """Refuse an address now, before it is saved or used.

        A name that cannot be resolved is not refused: nobody can connect to it either.

        Raises:
            ForbiddenAddressError: Users may not connect there.
        """
        target = httpx2.URL(url)
        try:
            await self.find(_host(target), _port(target))
        except OSError:
            return

    async def find(self, host: str, port: int) -> list[str]:
        """Return the addresses of a server, all of which may be connected to.

        Raises:
            ForbiddenAddressError: One of them may not, or the host is an address in disguise.
            OSError: The host has no address.
        """
        host = _normal(host)
        if {AllowedServer(host, port), AllowedServer(host, None)} & self._allowed:
            return list(await self._resolve(host, port))
        if self._public_only and is_disguised(host):
            raise self._forbidden(host, port)
        addresses = list(await self._resolve(host, port))
        if not all(self._may_reach(address) for address in addresses):
            raise self._forbidden(host, port)
        return addresses

    def transport(self) -> "GuardedTransport":
        """Return a transport for one client, which follows these rules at every connection."""
        return GuardedTransport(self)

    def client(self, timeout_s: float) -> httpx2.AsyncClient:
        """Return a client for one conversation with one server; close it by `async with`.

        It follows no redirects and uses no proxy of the environment: both would lead elsewhere.

        Args:
            timeout_s: Patience for every single step: the next bytes, or the connection (10 s at
                most).
        """
        return httpx2.AsyncClient(
            transport=self.transport(),
            timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
            follow_redirects=False,
            trust_env=False,
        )

    def _may_reach(self, address: str) -> bool:
        if is_metadata(address):
            return False
        return is_public(address) or not self._public_only

    def _forbidden(self, host: str, port: int) -> ForbiddenAddressError:
        where = "public addresses only" if self._public_only else "no cloud's metadata address"
        return ForbiddenAddressError(
            f"This server connects to {where}, which rules out {host}. "
            f"Its operator can allow {host}:{port} with RHAPSODE_ALLOWED_SERVERS.",
            param="base_url",
        )


OWN_MACHINE = Network(public_only=False)
"""The rules where the user owns the machine: the command line, and `single` mode."""


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """Connects to the very addresses that were checked.

    For one server only: connections are kept by address, and two names of one address must not
    share a connection that was encrypted for one of them.
    """

    def __init__(self, network: Network) -> None:
        super().__init__(verify=ssl_context(), trust_env=False)
        self._network = network

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the first checked address that takes the connection.

        Raises:
            ForbiddenAddressError: Users may not connect there.
            httpx2.ConnectError: The host has no address, or none of them answers.
        """
        host = _host(request.url)
        try:
            addresses = await self._network.find(host, _port(request.url))
        except OSError as error:
            raise httpx2.ConnectError(f"no address for {host}", request=request) from error
        failure = httpx2.ConnectError(f"no address for {host}", request=request)
        for address in addresses:
            try:
                return await super().handle_async_request(_pinned(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        raise failure


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """Return the one context: building it reads every root certificate, 35 ms."""
    return httpx2.create_ssl_context()


def _pinned(request: httpx2.Request, address: str) -> httpx2.Request:
    """Return the request for an address; its certificate and `Host` stay those of the name."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": _host(request.url)},
    )


def _host(url: httpx2.URL) -> str:
    """Return the host as it goes over the wire: ASCII, without brackets."""
    return url.raw_host.decode("ascii")


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _normal(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()
