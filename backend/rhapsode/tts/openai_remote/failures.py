"""What went wrong at a speech server, in the words of the error tree.

Messages name the address and the way out; they never quote the server, whose texts may carry keys.
"""

import httpx2

from rhapsode.errors import (
    SpeechAuthError,
    SpeechInterruptedError,
    SpeechRateLimitedError,
    SpeechRefusedError,
    SpeechServerError,
    SpeechTimeoutError,
    SpeechUnreachableError,
)
from rhapsode.tts.engine import RemoteServer

_WHERE = "under “Speech server” in the settings"
"""Fits who reads it on the page of a story, and who stands there already to test the server."""


def refusal(response: httpx2.Response, server: RemoteServer) -> SpeechServerError:
    """Return the error for an answer that is no success."""
    where, status = server.base_url, response.status_code
    if status in (401, 403):
        return SpeechAuthError(
            f"{where} refuses the API key. Enter a valid key {_WHERE}."
            if server.api_key
            else f"{where} asks for an API key. Enter it {_WHERE}."
        )
    if status == 404:
        return SpeechRefusedError(
            f"{where} does not know the way to speech, or the voice or model. "
            f"Check address and model {_WHERE}, or choose another voice.",
            status=status,
        )
    if status == 429:
        seconds = retry_after_s(response)
        wait = f"{seconds} seconds" if seconds else "a while"
        return SpeechRateLimitedError(
            f"{where} has had too many requests. Try again in {wait}.", retry_after_s=seconds
        )
    if 300 <= status < 400:
        return SpeechRefusedError(
            f"{where} sends visitors to another address, which is not followed. "
            f"Enter that one {_WHERE}.",
            status=status,
        )
    if 400 <= status < 500:
        return SpeechRefusedError(
            f"{where} refused the request (status {status}). Check the model {_WHERE}, "
            "or choose another voice.",
            status=status,
        )
    return SpeechServerError(
        f"{where} failed (status {status}). Try again, or look at the server's own log."
    )


def broken_connection(error: httpx2.TransportError, server: RemoteServer) -> SpeechServerError:
    """Return the error for a connection that failed or broke."""
    where = server.base_url
    if isinstance(error, httpx2.ConnectTimeout):
        return SpeechTimeoutError(f"No answer from {where}. Is the address right, and reachable?")
    if isinstance(error, httpx2.ConnectError):
        return SpeechUnreachableError(
            f"No answer from {where}. Is the server running? Start it, or enter another address "
            f"{_WHERE}."
        )
    if isinstance(error, httpx2.TimeoutException):
        return silence(server)
    return SpeechInterruptedError(f"{where} broke off before the sentence was complete.")


def silence(server: RemoteServer) -> SpeechTimeoutError:
    """Return the error for a server that keeps one waiting."""
    return SpeechTimeoutError(
        f"{server.base_url} took too long. It may be loading its model, or be overloaded; "
        f"try again, or allow more time {_WHERE}."
    )


def retry_after_s(response: httpx2.Response) -> int | None:
    """Return when the server wants to be asked again; None when it does not say."""
    seconds = response.headers.get("retry-after", "")
    return int(seconds) if seconds.isdecimal() and len(seconds) < 6 else None
