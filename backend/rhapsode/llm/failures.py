"""What went wrong at the server, in the words of the error tree.

Messages name the address and the way out; they never quote the server or the SDK, whose texts may
carry keys and prompts.
"""

import contextlib
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, cast

import httpx2

from rhapsode.errors import (
    ForbiddenAddressError,
    LLMAuthError,
    LLMError,
    LLMInterruptedError,
    LLMModelNotFoundError,
    LLMRateLimitedError,
    LLMServerError,
    LLMTimeoutError,
    LLMUnreachableError,
)
from rhapsode.llm.connection import Server

if TYPE_CHECKING:
    import openai

_WHERE = "under “Writer” in the settings"


@contextlib.contextmanager
def translated(server: Server, model: str | None) -> Generator[None, None, None]:
    """Raise the SDK's errors as those of the tree.

    Args:
        server: Who is being talked to.
        model: The model asked for; None where none was.
    """
    import openai

    try:
        yield
    except ForbiddenAddressError as error:
        raise LLMUnreachableError(error.message) from error
    except openai.APIConnectionError as error:
        raise _connection_failure(error, server) from error
    except openai.APIStatusError as error:
        raise _refusal(error.status_code, _retry_after_s(error), server, model) from error
    except openai.APIError as error:
        status = int(error.code) if error.code and error.code.isdecimal() else 0
        raise _refusal(status, None, server, model) from error
    except httpx2.TransportError as error:
        raise LLMInterruptedError(_broken_off(server)) from error
    except (ValueError, TypeError, AttributeError) as error:
        # How reading fails on JSON that is none, or that has another shape than the format's.
        raise LLMServerError(no_event_stream(server)) from error


def failed_on_the_way(failure: object, server: Server, model: str | None) -> LLMError:
    """Return the error for a failure that the server has put into its stream.

    Args:
        failure: What stood under `error`; its `code` may be a status.
        server: Who is being talked to.
        model: The model asked for.
    """
    code = str(cast("Mapping[str, Any]", failure).get("code")) if isinstance(failure, dict) else ""
    return _refusal(int(code) if code.isdecimal() else 0, None, server, model)


def no_event_stream(server: Server) -> str:
    """Say that an answer was none of the expected format."""
    return (
        f"{server.base_url} answered with something that is no stream of text. "
        "Is it the address of an OpenAI-compatible server?"
    )


def broken_off(server: Server) -> LLMInterruptedError:
    """Return the error for a stream that ended before its end."""
    return LLMInterruptedError(_broken_off(server))


def silent_too_long(server: Server) -> LLMTimeoutError:
    """Return the error for a server that did not go on in time."""
    return LLMTimeoutError(
        f"{server.base_url} was silent for too long. It may still be loading "
        "the model, or be overloaded; try again, or choose a smaller model."
    )


def _broken_off(server: Server) -> str:
    return f"{server.base_url} broke off before the text was complete. The text so far is kept."


def _connection_failure(error: "openai.APIConnectionError", server: Server) -> LLMError:
    cause = error.__cause__
    if isinstance(cause, LLMError):
        return cause
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return LLMServerError(f"{server.base_url} cannot be spoken to. Check address and key.")
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return LLMUnreachableError(
            f"No answer from {server.base_url}. Is the server running? "
            f"Start it, or choose another one {_WHERE}."
        )
    return LLMInterruptedError(_broken_off(server))


def _refusal(status: int, retry_after_s: int | None, server: Server, model: str | None) -> LLMError:
    where = server.base_url
    if status in (401, 403):
        return LLMAuthError(
            f"{where} refuses the API key. Enter a valid key {_WHERE}."
            if server.api_key
            else f"{where} asks for an API key. Enter it {_WHERE}."
        )
    if status == 404:
        what = f"the model {model!r}" if model else "a list of models"
        return LLMModelNotFoundError(
            f"{where} does not know {what}. Check model and address {_WHERE}."
        )
    if status == 429:
        wait = f"{retry_after_s} seconds" if retry_after_s else "a while"
        return LLMRateLimitedError(
            f"{where} has had too many requests. Try again in {wait}.",
            retry_after_s=retry_after_s,
        )
    what = f"failed (status {status})" if status >= 500 else "could not serve the request"
    if 400 <= status < 500:
        what = f"refused the request (status {status})"
    return LLMServerError(f"{where} {what}. Try again, or look at the server's own log.")


def _retry_after_s(error: "openai.APIStatusError") -> int | None:
    seconds = error.response.headers.get("retry-after", "")
    return int(seconds) if seconds.isdecimal() and len(seconds) < 6 else None
