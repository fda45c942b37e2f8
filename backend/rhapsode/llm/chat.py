"""One streamed chat completion, from its request to its proper end."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from rhapsode.errors import LLMEmptyError, LLMError, LLMServerError
from rhapsode.llm.chat_request import ChatRequest, send_chat
from rhapsode.llm.connection import connect
from rhapsode.llm.event_stream import EventStream
from rhapsode.llm.failures import (
    broken_off,
    failed_on_the_way,
    no_event_stream,
    silent_too_long,
    translated,
)
from rhapsode.llm.reasoning import ReasoningFilter

if TYPE_CHECKING:
    import openai

log = logging.getLogger(__name__)

CHARS_PER_TOKEN = 8
"""Twice what a token of prose has: a server past this many characters ignores `max_tokens`."""

_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
"""Zeros, and halves of surrogate pairs, which JSON can carry and UTF-8 cannot."""

CLOSING_S = 1.0
"""How long `[DONE]` may take after the finish reason; some servers never send it."""


async def stream_chat(request: ChatRequest) -> AsyncGenerator[str, None]:
    """Ask a model and yield the visible text of its answer, delta by delta.

    Closing the generator closes the connection, which is how a server is told to stop. The answer
    ends with the server's finish reason or `[DONE]`, or when it exceeds what `max_tokens` can hold.

    Raises:
        LLMError: One of its subclasses; nothing is asked a second time once text has arrived.
    """
    visible = ReasoningFilter()
    wrote = False
    async with contextlib.aclosing(_read_contents(request)) as contents:
        async for content in contents:
            if text := visible.push(content):
                wrote = wrote or not text.isspace()
                yield text
    if text := visible.flush():
        wrote = wrote or not text.isspace()
        yield text
    if not wrote:
        raise LLMEmptyError(
            f"The model {request.model!r} answered without any text. A model that reasons may need "
            "a higher token limit; otherwise try again, or choose another model."
        )


async def _read_contents(request: ChatRequest) -> AsyncGenerator[str, None]:
    """Yield the contents of an answer's chunks, with reasoning blocks still in them."""
    budget = request.max_tokens * CHARS_PER_TOKEN
    async with connect(request.server) as client:
        answer = _Answer(request)
        response = await answer.open(client)
        try:
            async with contextlib.aclosing(answer.read(response)) as pieces:
                async for piece in pieces:
                    if piece.content:
                        yield piece.content[:budget]
                    budget -= len(piece.content) + len(piece.reasoning)
                    if budget <= 0:
                        log.warning("answer cut: over %d tokens", request.max_tokens)
                        return
        finally:
            await response.aclose()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one chunk brings."""

    content: str
    reasoning: str
    ends: bool
    """True when the chunk carries a finish reason."""


class _Answer:
    """The state of one answer: how long it may still take, and whether it has properly ended."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._events = EventStream()
        self._finished = False
        self._deadline = _now() + request.first_token_timeout_s

    async def open(self, client: "openai.AsyncOpenAI") -> httpx2.Response:
        """Send the request and wait for the head of the answer."""
        request = self._request
        try:
            async with asyncio.timeout_at(self._deadline):
                with translated(request.server, request.model):
                    response = await send_chat(client, request)
        except TimeoutError as error:
            raise silent_too_long(request.server) from error
        kind = response.headers.get("content-type", "text/event-stream")
        if not kind.startswith("text/event-stream"):
            await response.aclose()
            raise LLMServerError(no_event_stream(request.server))
        return response

    async def read(self, response: httpx2.Response) -> AsyncGenerator[_Piece, None]:
        """Yield the pieces of the answer that carry text or reasoning."""
        # Not by the SDK, which builds a model of each chunk: that was half the CPU of a scene.
        parts = response.aiter_bytes()
        while (part := await self._next(parts)) is not None:
            for event in self._events.push(part):
                if (piece := self._read_piece(event)) is None:
                    return
                if piece.content or piece.reasoning:
                    yield piece
                    wait_s = CLOSING_S if self._finished else self._request.token_timeout_s
                    self._deadline = _now() + wait_s
                if piece.ends and not self._finished:
                    self._finished = True
                    self._deadline = _now() + CLOSING_S
        if not self._finished and not self._events.done:
            raise broken_off(self._request.server)

    async def _next(self, parts: AsyncIterator[bytes]) -> bytes | None:
        """Return the next bytes; None at the end."""
        if self._events.done:
            return None
        try:
            async with asyncio.timeout_at(self._deadline):
                with translated(self._request.server, self._request.model):
                    return await anext(parts, None)
        except (LLMError, TimeoutError) as error:
            if self._finished:
                return None  # Everything was said; how the connection ends is no concern.
            if isinstance(error, TimeoutError):
                raise silent_too_long(self._request.server) from error
            raise

    def _read_piece(self, event: bytes) -> _Piece | None:
        """Return what an event brings; None when the answer has ended before it."""
        try:
            with translated(self._request.server, self._request.model):
                return self._read_chunk(event)
        except LLMError:
            if self._finished:
                return None
            raise

    def _read_chunk(self, event: bytes) -> _Piece:
        """Read one chunk.

        Raises:
            LLMError: The server says that it has failed.
            ValueError: It is no chunk of a chat; so for AttributeError and TypeError.
        """
        chunk: dict[str, Any] = json.loads(event.decode())
        if failure := chunk.get("error"):
            raise failed_on_the_way(failure, self._request.server, self._request.model)
        choices: list[dict[str, Any]] = chunk.get("choices") or []
        if not choices:
            return _Piece("", "", ends=False)
        delta: dict[str, Any] = choices[0].get("delta") or {}
        return _Piece(
            content=_text(delta, "content"),
            reasoning=_text(delta, "reasoning_content") + _text(delta, "reasoning"),
            ends=bool(choices[0].get("finish_reason")),
        )


def _text(delta: Mapping[str, Any], name: str) -> str:
    """Return a text field of a delta; servers leave fields out, or fill them with null.

    What is no character gets the sign for it, because nobody could store, send or speak it.
    """
    text = delta.get(name)
    return _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text) if isinstance(text, str) else ""


def _now() -> float:
    return asyncio.get_running_loop().time()
