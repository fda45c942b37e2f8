"""How this package talks to an OpenAI-compatible server: one client per conversation.

The `openai` SDK is imported when it is first needed: it takes 260 ms, which neither the start of
the program nor anybody else's narration should wait for.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from rhapsode.address import normalize_base_url
from rhapsode.errors import InvalidInputError, LLMServerError
from rhapsode.network import CONNECT_TIMEOUT_S, GuardedTransport, Network, ssl_context

if TYPE_CHECKING:
    import openai

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""A scene takes under 1 MB on the wire; a server that sends this much has lost its way."""

_NO_KEY = "not-needed"
"""Sent where there is no key: local servers ignore it, but the SDK insists on one."""


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible server."""

    base_url: str
    api_key: str | None = field(repr=False)
    network: Network = field(repr=False)
    """Says whether the server may be connected to."""

    @classmethod
    def at(cls, base_url: str, api_key: str | None, network: Network) -> "Server":
        """Name a server by what a person typed.

        Raises:
            InvalidInputError: The address is none, or the key has characters no key can have.
        """
        key = (api_key or "").strip()
        if not (key.isascii() and key.isprintable()):
            message = "The API key has characters that no key can have. Copy it again."
            raise InvalidInputError(message, param="api_key")
        return cls(normalize_base_url(base_url), key or None, network)


class _BoundedBody(httpx2.AsyncByteStream):
    """A body of which no more is taken than any scene can have."""

    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for part in self._body:
            received += len(part)
            if received > MAX_ANSWER_BYTES:
                raise LLMServerError("The LLM server sent more data than any scene can have.")
            yield part

    async def aclose(self) -> None:
        await self._body.aclose()


class _BoundedTransport(GuardedTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _BoundedBody(response.stream)
        return response


@contextlib.asynccontextmanager
async def connect(server: Server) -> AsyncGenerator["openai.AsyncOpenAI", None]:
    """Give a client for one conversation, and close its connections afterwards.

    No retries, no redirects, no proxies from the environment, and no read timeout: how long a token
    may take is the caller's affair.
    """
    await asyncio.to_thread(_load)
    import openai

    http = httpx2.AsyncClient(
        transport=_BoundedTransport(server.network),
        timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S),
        # Compression would hold tokens back.
        headers={"accept-encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )
    async with http:
        yield openai.AsyncOpenAI(
            base_url=server.base_url,
            api_key=server.api_key or _NO_KEY,
            max_retries=0,
            timeout=http.timeout,
            http_client=http,
        )


def _load() -> None:
    """Do the slow parts, in a thread of their own."""
    import openai  # noqa: F401  # pyright: ignore[reportUnusedImport]

    ssl_context()
