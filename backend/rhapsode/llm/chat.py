"""One streamed chat completion, from its request to its proper end."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from rhapsode.errors import LLMEmptyError, LLMError, LLMServerError, LLMTimeoutError
from rhapsode.llm.connection import AnswerWatch, Server, connect
from rhapsode.llm.failures import broken_off, no_event_stream, translated
from rhapsode.llm.prompt import ChatMessage
from rhapsode.llm.reasoning import ReasoningFilter

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

log = logging.getLogger(__name__)

CHARS_PER_TOKEN = 8
"""Twice what a token of prose has: a server past this many characters ignores `max_tokens`."""

_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
"""Zeros, and halves of surrogate pairs, which JSON can carry and UTF-8 cannot."""

CLOSING_S = 1.0
"""How long `[DONE]` may take after the finish reason; some servers never send it."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a model, and how long one waits for it."""

    server: Server
    model: str
    messages: Sequence[ChatMessage]
    max_tokens: int
    temperature: float | None
    """0 to 2; None leaves it to the server."""

    first_token_timeout_s: float
    token_timeout_s: float
    limit_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """OpenAI's newer models take only the second name, all other servers know the first."""


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
    watch = AnswerWatch()
    budget = request.max_tokens * CHARS_PER_TOKEN
    async with connect(request.server, watch) as client:
        answer = _Answer(request, watch)
        stream = await answer.open(client)
        try:
            async with contextlib.aclosing(answer.read(stream)) as pieces:
                async for piece in pieces:
                    if piece.content:
                        yield piece.content[:budget]
                    budget -= len(piece.content) + len(piece.reasoning)
                    if budget <= 0:
                        log.warning("answer cut: over %d tokens", request.max_tokens)
                        return
        finally:
            await stream.close()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one chunk brings."""

    content: str
    reasoning: str
    ends: bool
    """True when the chunk carries a finish reason."""


class _Answer:
    """The state of one answer: how long it may still take, and whether it has properly ended."""

    def __init__(self, request: ChatRequest, watch: AnswerWatch) -> None:
        self._request = request
        self._watch = watch
        self._finished = False
        self._deadline = _now() + request.first_token_timeout_s

    async def open(self, client: "openai.AsyncOpenAI") -> "openai.AsyncStream[ChatCompletionChunk]":
        """Send the request and wait for the head of the answer."""
        request = self._request
        async with self._timely():
            with translated(request.server, request.model):
                stream = await _send_what_it_takes(client, request)
        kind = stream.response.headers.get("content-type", "text/event-stream")
        if not kind.startswith("text/event-stream"):
            await stream.close()
            raise LLMServerError(no_event_stream(request.server))
        return stream

    async def read(
        self, stream: "openai.AsyncStream[ChatCompletionChunk]"
    ) -> AsyncGenerator[_Piece, None]:
        """Yield the pieces of the answer that carry text or reasoning."""
        chunks = aiter(stream)
        while (piece := await self._next(chunks)) is not None:
            if piece.content or piece.reasoning:
                yield piece
                wait_s = CLOSING_S if self._finished else self._request.token_timeout_s
                self._deadline = _now() + wait_s
            if piece.ends and not self._finished:
                self._finished = True
                self._deadline = _now() + CLOSING_S
        if not self._finished and not self._watch.done:
            raise broken_off(self._request.server)

    async def _next(self, chunks: "AsyncIterator[ChatCompletionChunk]") -> _Piece | None:
        try:
            async with self._timely():
                with translated(self._request.server, self._request.model):
                    chunk = await anext(chunks, None)
                    return None if chunk is None else _read_chunk(chunk)
        except LLMError:
            if self._finished:
                return None  # Everything was said; how the connection ends is no concern.
            raise

    @contextlib.asynccontextmanager
    async def _timely(self) -> AsyncGenerator[None, None]:
        try:
            async with asyncio.timeout_at(self._deadline):
                yield
        except TimeoutError as error:
            raise LLMTimeoutError(
                f"{self._request.server.base_url} was silent for too long. It may still be loading "
                "the model, or be overloaded; try again, or choose a smaller model."
            ) from error


async def _send_what_it_takes(
    client: "openai.AsyncOpenAI", request: ChatRequest
) -> "openai.AsyncStream[ChatCompletionChunk]":
    """Send the request, again without a parameter if the server says that it does not take it."""
    import openai

    while True:
        try:
            return await _send(client, request)
        except openai.BadRequestError as refusal:
            adapted = _without(refusal.param, request)
            if adapted is None:
                raise
            request = adapted


def _without(param: str | None, request: ChatRequest) -> ChatRequest | None:
    """Return the request without a parameter that was refused; None if it cannot do without."""
    if param == "max_tokens" and request.limit_name == "max_tokens":
        return replace(request, limit_name="max_completion_tokens")
    if param == "temperature" and request.temperature is not None:
        return replace(request, temperature=None)
    return None


async def _send(
    client: "openai.AsyncOpenAI", request: ChatRequest
) -> "openai.AsyncStream[ChatCompletionChunk]":
    import openai

    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": message.content}
        if message.role == "system"
        else {"role": "user", "content": message.content}
        for message in request.messages
    ]
    classic = request.limit_name == "max_tokens"
    return await client.chat.completions.create(
        model=request.model,
        messages=messages,
        stream=True,
        max_tokens=request.max_tokens if classic else openai.omit,
        max_completion_tokens=openai.omit if classic else request.max_tokens,
        temperature=openai.omit if request.temperature is None else request.temperature,
    )


def _read_chunk(chunk: "ChatCompletionChunk") -> _Piece:
    if not chunk.choices:
        return _Piece("", "", ends=False)
    choice = chunk.choices[0]
    return _Piece(
        content=_text(choice.delta, "content"),
        reasoning=_text(choice.delta, "reasoning_content") + _text(choice.delta, "reasoning"),
        ends=bool(choice.finish_reason),
    )


def _text(delta: object, name: str) -> str:
    """Return a text field of a delta; servers leave fields out, or fill them with null.

    What is no character gets the sign for it, because nobody could store, send or speak it.
    """
    text = getattr(delta, name, None)
    return _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text) if isinstance(text, str) else ""


def _now() -> float:
    return asyncio.get_running_loop().time()
