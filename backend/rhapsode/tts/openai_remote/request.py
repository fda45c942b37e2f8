"""Asking a speech server: one sentence, one request, patience only before the first byte."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass

import httpx2

from rhapsode.errors import (
    ForbiddenAddressError,
    SpeechInterruptedError,
    SpeechRateLimitedError,
    SpeechRefusedError,
    SpeechServerError,
    SpeechUnreachableError,
)
from rhapsode.network import Network
from rhapsode.tts.engine import RemoteServer
from rhapsode.tts.openai_remote.failures import broken_connection, refusal
from rhapsode.tts.openai_remote.formats import Declared

_log = logging.getLogger(__name__)

RETRY_DELAYS_S = (0.3, 1.0)
"""Pauses before the second and the third attempt."""

MAX_RETRY_AFTER_S = 5
"""A server that asks for a longer pause is not waited for: somebody is listening."""

MAX_ANSWER_BYTES = 128 * 1024 * 1024
MAX_LIST_BYTES = 4 * 1024 * 1024

FORMATS = ("pcm", "wav", "mp3")
"""Asked for in this order: raw samples play at once, and every server knows one of the three."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that has begun to arrive."""

    asked: str
    """The format that was asked for."""

    declared: Declared
    parts: AsyncGenerator[bytes]
    """The body; ends early when nothing came."""


@contextlib.asynccontextmanager
async def ask(
    network: Network, server: RemoteServer, body: Mapping[str, object]
) -> AsyncGenerator[Answer]:
    """Send a request and give the answer once its first byte is there.

    Before that, what may be bad luck is tried again. Leaving closes the connection, which is how a
    server is told to stop.

    Raises:
        SpeechServerError: The server cannot be reached, refuses or fails.
    """
    async with contextlib.AsyncExitStack() as opened:
        for delay_s in (*RETRY_DELAYS_S, None):
            try:
                answer = await opened.enter_async_context(_attempt(network, server, body))
                break
            except SpeechServerError as error:
                if delay_s is None or not _may_pass(error):
                    raise
                _log.debug("speech server: %s; trying again", error.code)
                await asyncio.sleep(max(delay_s, _asked_pause_s(error)))
        else:
            raise AssertionError("the last attempt either succeeds or raises")
        yield answer


async def get_json(network: Network, server: RemoteServer, path: str) -> object:
    """Return what a page of the server says in JSON; None when it says nothing of the kind.

    Raises:
        SpeechServerError: The server cannot be reached, or refuses the key.
    """
    try:
        async with (
            network.client(server.timeout_s) as http,
            http.stream("GET", f"{server.base_url}{path}", headers=_headers(server)) as response,
        ):
            if response.status_code in (401, 403):
                raise refusal(response, server)
            return await _read_json(response) if response.is_success else None
    except ForbiddenAddressError as error:
        raise SpeechRefusedError(error.message) from error
    except httpx2.TransportError as error:
        raise broken_connection(error, server) from error


@contextlib.asynccontextmanager
async def _attempt(
    network: Network, server: RemoteServer, body: Mapping[str, object]
) -> AsyncGenerator[Answer]:
    try:
        async with (
            network.client(server.timeout_s) as http,
            http.stream(
                "POST", f"{server.base_url}/audio/speech", json=body, headers=_headers(server)
            ) as response,
        ):
            if not response.is_success:
                raise refusal(response, server)
            parts = response.aiter_bytes()
            first = await anext(parts, b"")
            yield Answer(
                asked=str(body.get("response_format", "")),
                declared=Declared(response.headers.get("content-type", "").lower()),
                parts=_bounded(first, parts),
            )
    except ForbiddenAddressError as error:
        raise SpeechRefusedError(error.message) from error
    except httpx2.TransportError as error:
        raise broken_connection(error, server) from error


async def _read_json(response: httpx2.Response) -> object:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MAX_LIST_BYTES:
            return None
    try:
        return json.loads(body)
    except ValueError:
        return None


async def _bounded(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    received = len(first)
    yield first
    async for part in rest:
        received += len(part)
        if received > MAX_ANSWER_BYTES:
            raise SpeechServerError("The speech server sent more data than any sentence can have.")
        yield part


def _headers(server: RemoteServer) -> dict[str, str]:
    # Sound does not get smaller by compression, which would only hold it back.
    headers = {"accept-encoding": "identity"}
    if server.api_key:
        headers["authorization"] = f"Bearer {server.api_key}"
    return headers


def _may_pass(error: SpeechServerError) -> bool:
    """Tell whether the same request may succeed in a moment."""
    if isinstance(error, SpeechRateLimitedError):
        return (error.retry_after_s or 0) <= MAX_RETRY_AFTER_S
    busy = type(error) is SpeechServerError
    return busy or isinstance(error, SpeechInterruptedError | SpeechUnreachableError)


def _asked_pause_s(error: SpeechServerError) -> float:
    return float(error.retry_after_s or 0) if isinstance(error, SpeechRateLimitedError) else 0.0
