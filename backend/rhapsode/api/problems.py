"""What a client is told when something went wrong: the one table from errors to HTTP.

Every answer that is no success has the same body, `Problem`. Nobody is ever shown exception text.
"""

import errno
import logging
from collections.abc import Awaitable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rhapsode.api.validation import explain
from rhapsode.errors import (
    ConflictError,
    DiskFullError,
    EngineUnavailableError,
    InvalidInputError,
    JournalGapError,
    LLMError,
    LLMRateLimitedError,
    LLMTimeoutError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    RestartingError,
    RhapsodeError,
    SpeechRateLimitedError,
    SpeechTimeoutError,
    SynthesisError,
    TooManyRequestsError,
)

logger = logging.getLogger(__name__)

STATUS: dict[type[RhapsodeError], int] = {
    RhapsodeError: 500,
    InvalidInputError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    NotAuthenticatedError: 401,
    NotAllowedError: 403,
    TooManyRequestsError: 429,
    RestartingError: 503,
    DiskFullError: 507,
    SynthesisError: 502,
    EngineUnavailableError: 503,
    SpeechRateLimitedError: 503,
    SpeechTimeoutError: 504,
    # A user's server is somebody else's: its failures are a bad gateway, not ours.
    LLMError: 502,
    LLMRateLimitedError: 503,
    LLMTimeoutError: 504,
    JournalGapError: 410,
}
"""A class that is not named here takes the status of its nearest parent."""

_SAYS_WHEN = (
    TooManyRequestsError,
    RestartingError,
    LLMRateLimitedError,
    SpeechRateLimitedError,
)
"""Errors that know when to come back."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""A full disk, or all of it that the server may use."""

_OTHER_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}

_OTHER_MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: "The request is too large.",
}


class ProblemDetail(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable, for programs.", examples=["not_found"])
    message: str = Field(description="For people: what happened, and what to do.")
    param: str | None = Field(default=None, description="The field that is wrong.")
    allowed: list[str] | None = Field(default=None, description="What the field may be.")


class Problem(BaseModel):
    """The body of every answer that is no success."""

    error: ProblemDetail


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare, for the OpenAPI document, with which statuses a route can fail."""
    return {status: {"model": Problem} for status in statuses}


def status_of(error: RhapsodeError) -> int:
    """Return the HTTP status of an error."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def problem_response(
    status: int, detail: ProblemDetail, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return an answer that says what went wrong."""
    body = Problem(error=detail).model_dump(exclude_none=True)
    return JSONResponse(body, status_code=status, headers=headers)


def add_problems(app: FastAPI) -> None:
    """Teach `app` to answer every error in the one shape."""
    app.add_exception_handler(RhapsodeError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(OSError, _answer_os_error)


class LastResort:
    """Answers what nobody foresaw, and logs it.

    Starlette's own last resort stands outside all middleware: its answers lack our headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve, and turn an unforeseen exception into an answer without its text."""
        serve = self._answer if scope["type"] == "http" else self._app
        return serve(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched_send(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception:
            if begun:  # too late for another answer: the server has to cut the connection
                raise
            logger.exception("%s %s failed", scope["method"], scope["path"])
            await _internal_problem()(scope, receive, send)


def _internal_problem() -> JSONResponse:
    message = "Something went wrong on the server. Please try again."
    return problem_response(500, ProblemDetail(code="internal", message=message))


def _answer_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RhapsodeError)
    detail = ProblemDetail(code=error.code, message=error.message)
    if isinstance(error, InvalidInputError):
        detail = detail.model_copy(update={"param": error.param, "allowed": error.allowed})
    return problem_response(status_of(error), detail, _headers(error))


def _headers(error: RhapsodeError) -> dict[str, str] | None:
    if isinstance(error, _SAYS_WHEN):
        return {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
    if isinstance(error, NotAuthenticatedError):
        return {"WWW-Authenticate": "Bearer"}
    return None


def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    param, message, allowed = explain(error.errors()[0])
    detail = ProblemDetail(code="invalid_input", message=message, param=param, allowed=allowed)
    return problem_response(422, detail)


def _answer_os_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)
    if error.errno not in _NO_ROOM:
        raise error
    logger.error("%s %s: %s", request.method, request.url.path, error)
    return _answer_error(request, DiskFullError())


def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, OSError):
        # A large upload lies in a temporary file before anybody looks at it.
        return _answer_os_error(request, error.__cause__)
    if error.status_code == 400:
        # Only bodies are refused in this way: no UTF-8, or no form. Broken JSON is told with 422,
        # and nobody has a reason to tell these apart.
        detail = ProblemDetail(code="invalid_input", message="The body cannot be read.")
        return problem_response(422, detail)
    detail = ProblemDetail(
        code=_OTHER_CODES.get(error.status_code, "bad_request"),
        message=_OTHER_MESSAGES.get(error.status_code, "The request cannot be understood."),
    )
    return problem_response(error.status_code, detail, dict(error.headers or {}))
