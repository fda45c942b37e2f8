"""ChatRequest: what is asked of a model, in the words that its server takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import httpx2

from rhapsode.llm.connection import Server
from rhapsode.llm.prompt import ChatMessage

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionMessageParam


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


async def send_chat(client: "openai.AsyncOpenAI", request: ChatRequest) -> httpx2.Response:
    """Send the request, again without a parameter if the server says that it does not take it.

    Returns:
        The head of the answer; its body is still to come.

    Raises:
        openai.APIError: The server cannot be reached, or refuses.
    """
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


async def _send(client: "openai.AsyncOpenAI", request: ChatRequest) -> httpx2.Response:
    import openai

    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": message.content}
        if message.role == "system"
        else {"role": "user", "content": message.content}
        for message in request.messages
    ]
    classic = request.limit_name == "max_tokens"
    stream = await client.chat.completions.create(
        model=request.model,
        messages=messages,
        stream=True,
        max_tokens=request.max_tokens if classic else openai.omit,
        max_completion_tokens=openai.omit if classic else request.max_tokens,
        temperature=openai.omit if request.temperature is None else request.temperature,
    )
    return stream.response
