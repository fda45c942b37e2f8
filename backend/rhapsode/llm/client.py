"""OpenAIWriter: scenes from any OpenAI-compatible server, and what the settings ask of one."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from rhapsode.errors import LLMTimeoutError
from rhapsode.llm.chat import stream_chat
from rhapsode.llm.chat_request import ChatRequest
from rhapsode.llm.connection import Server, connect
from rhapsode.llm.failures import translated
from rhapsode.llm.prompt import ChatMessage, ScenePrompt, render_messages
from rhapsode.network import Network

LIST_TIMEOUT_S = 10.0
TEST_TIMEOUT_S = 60.0
"""Long enough for a local server to load a model first."""

_TEST_MESSAGE = ChatMessage("user", "Say hello in one short sentence.")
_TEST_TOKENS = 512
"""Room for a model that reasons before it says hello."""

_SAMPLE_CHARS = 80


class OpenAIWriter:
    """Writes scenes with a model behind an OpenAI-compatible server."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        model: str,
        *,
        network: Network,
        max_tokens: int = 1500,
        temperature: float | None = 0.8,
        first_token_timeout_s: float = 120.0,
        token_timeout_s: float = 60.0,
    ) -> None:
        """Name the server and the model; nothing is sent yet.

        Args:
            base_url: As a person types it, such as `localhost:11434`.
            api_key: None for servers that ask for none.
            model: The model's name at that server.
            network: Says whether the server may be connected to.
            max_tokens: The longest scene, in tokens; a server that goes on is cut off.
            temperature: 0 to 2; None leaves it to the server.
            first_token_timeout_s: Patience until the first token, loading the model included.
            token_timeout_s: Patience between two tokens.

        Raises:
            InvalidInputError: The address or the key can be none.
        """
        self._server = Server.at(base_url, api_key, network)
        self._model = model
        self._max_tokens = max_tokens
        self._temperature = temperature
        self._first_token_timeout_s = first_token_timeout_s
        self._token_timeout_s = token_timeout_s

    @property
    def label(self) -> str:
        """The model's name."""
        return self._model

    def write(self, prompt: ScenePrompt) -> AsyncGenerator[str, None]:
        """Write a scene; see `Writer.write`."""
        return stream_chat(
            ChatRequest(
                server=self._server,
                model=self._model,
                messages=render_messages(prompt),
                max_tokens=self._max_tokens,
                temperature=self._temperature,
                first_token_timeout_s=self._first_token_timeout_s,
                token_timeout_s=self._token_timeout_s,
            )
        )


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """A server and a model that answered."""

    model: str
    latency_ms: int
    """From the request to the first visible text."""

    sample: str
    """The beginning of what the model said, at most 80 characters."""


async def list_models(base_url: str, api_key: str | None, network: Network) -> list[str]:
    """Ask a server for the names of its models, sorted.

    Raises:
        InvalidInputError: The address or the key can be none.
        LLMError: The server cannot be reached, refuses, or answers something else.
    """
    server = Server.at(base_url, api_key, network)
    try:
        async with asyncio.timeout(LIST_TIMEOUT_S), connect(server) as client:
            with translated(server, model=None):
                page = await client.models.list()
                return sorted({str(model.id) for model in page.data})
    except TimeoutError as error:
        message = f"{server.base_url} did not list its models within {LIST_TIMEOUT_S:.0f} seconds."
        raise LLMTimeoutError(message) from error


async def test_connection(
    base_url: str, api_key: str | None, model: str, network: Network
) -> ConnectionReport:
    """Have a model say one sentence, the same way it would write a scene.

    Raises:
        InvalidInputError: The address or the key can be none.
        LLMError: As `OpenAIWriter.write`.
    """
    request = ChatRequest(
        server=Server.at(base_url, api_key, network),
        model=model,
        messages=(_TEST_MESSAGE,),
        max_tokens=_TEST_TOKENS,
        temperature=None,
        first_token_timeout_s=TEST_TIMEOUT_S,
        token_timeout_s=TEST_TIMEOUT_S,
    )
    started = time.monotonic()
    latency_ms = 0
    sample = ""
    async with contextlib.aclosing(stream_chat(request)) as deltas:
        async for delta in deltas:
            latency_ms = latency_ms or max(1, round((time.monotonic() - started) * 1000))
            sample += delta
            if len(sample) >= _SAMPLE_CHARS:
                break
    return ConnectionReport(model, latency_ms, sample.strip()[:_SAMPLE_CHARS])
