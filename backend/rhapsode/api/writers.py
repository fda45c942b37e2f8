"""Who writes a user's scenes, by their settings."""

from typing import assert_never

from rhapsode.accounts.records import LlmSettings, User
from rhapsode.api.parts import Parts
from rhapsode.errors import InvalidInputError
from rhapsode.llm.client import OpenAIWriter
from rhapsode.llm.storyteller import Storyteller
from rhapsode.llm.writer import Writer


async def writer_for(user: User, parts: Parts, *, watched: bool = True) -> Writer:
    """Return the writer that the user has chosen; it is asked for nothing yet.

    Args:
        user: Whose settings count.
        parts: Where they are kept.
        watched: Whether somebody sees the text grow: the built-in storyteller writes at the pace of
            a model then, and as fast as it can otherwise.

    Raises:
        InvalidInputError: The settings name no server or no model.
    """
    settings = await parts.db.run(lambda: parts.preferences.llm(user.id))
    match settings.provider:
        case "builtin":
            return Storyteller() if watched else Storyteller(tokens_per_s=None)
        case "openai":
            return _openai_writer(settings, parts)
        case _:
            assert_never(settings.provider)


def require_server(settings: LlmSettings) -> tuple[str, str]:
    """Return base URL and model.

    Raises:
        InvalidInputError: One of them is not set.
    """
    if not settings.base_url:
        raise InvalidInputError("Enter the language model's address first.", param="base_url")
    if not settings.model:
        raise InvalidInputError("Choose a model first.", param="model")
    return settings.base_url, settings.model


def _openai_writer(settings: LlmSettings, parts: Parts) -> OpenAIWriter:
    base_url, model = require_server(settings)
    return OpenAIWriter(
        base_url,
        settings.api_key,
        model,
        network=parts.network,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        first_token_timeout_s=parts.llm_timeouts.first_token_s,
        token_timeout_s=parts.llm_timeouts.token_s,
    )
