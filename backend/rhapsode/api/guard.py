"""Guard: who may talk to this server at all, and the headers that keep a browser safe.

Pure ASGI, because the same rules hold for WebSockets, which HTTP middleware never sees. Whoever is
let in is handed on and not waited for: what waits takes memory for as long as a socket is open.
"""

import re
from collections.abc import Awaitable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rhapsode.api.problems import ProblemDetail, problem_response
from rhapsode.settings import is_loopback

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The longest scene in the widest script takes 2.4 MB as JSON."""

MAX_UPLOAD_BYTES = 11 * 1024 * 1024
"""A voice's clip may have 10 MB; the form around it takes little."""

_UPLOADS = ("/api/voices",)

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_HOST_HEADER = re.compile(r"[A-Za-z0-9._:\[\]-]+")

_DOCS = ("/docs", "/redoc")


class HostGuard:
    """Refuses requests for other names than this server's own, where anybody who asks is let in.

    A page on the internet can point its own name at 127.0.0.1 (DNS rebinding); its requests then
    come from the user's browser and look local, except for the Host header.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str]) -> None:
        self._app = app
        self._allowed = {host.lower() for host in allowed_hosts}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve requests for this machine or an allowed name."""
        if scope["type"] in ("http", "websocket"):
            host = _host_of(Headers(scope=scope).get("host", ""))
            if not is_loopback(host) and host not in self._allowed:
                detail = ProblemDetail(
                    code="host_not_allowed",
                    message="This server is not known by that name. If it should be, add the name "
                    "to RHAPSODE_ALLOWED_HOSTS.",
                )
                return _refuse(detail, scope, receive, send)
        return self._app(scope, receive, send)


class OriginGuard:
    """Refuses what another site's page sends with our user's cookie, or to our local user's server.

    Only browsers send an Origin, and they always do where it matters: with every unsafe method and
    every WebSocket.
    """

    def __init__(self, app: ASGIApp, allowed_origins: Collection[str]) -> None:
        self._app = app
        self._allowed = {origin.lower().rstrip("/") for origin in allowed_origins}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve requests without an Origin, and those of allowed ones."""
        if _needs_origin_check(scope) and not self._is_allowed(Headers(scope=scope)):
            detail = ProblemDetail(
                code="origin_not_allowed",
                message="Pages of that site may not use this server. If they should, add the site "
                "to RHAPSODE_ALLOWED_ORIGINS.",
            )
            return _refuse(detail, scope, receive, send)
        return self._app(scope, receive, send)

    def _is_allowed(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or origin.lower() in self._allowed:
            return True
        site = _authority(origin)
        scheme = origin.partition("://")[0]
        return site is not None and site == _authority(f"{scheme}://{headers.get('host', '')}")


class BodyLimit:
    """Refuses bodies that are larger than anything a client has reason to send."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a request whose body is within the limit, announced or not."""
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        limit = MAX_UPLOAD_BYTES if scope["path"] in _UPLOADS else self._max_bytes
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            detail = ProblemDetail(code="too_large", message="The request is too large.")
            return problem_response(413, detail)(scope, receive, send)
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        return self._app(scope, receive_within_limit, send)


class SecurityHeaders:
    """Puts the headers on every answer that keep a browser from doing harm."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve, adding headers to the answer."""
        if scope["type"] != "http":
            return self._app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _policy(scope)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        return self._app(scope, receive, send_with_headers)


def _policy(scope: Scope) -> str:
    """Return the content security policy of a page.

    Two things must be spelled out: sockets, because `'self'` covers them in new browsers only,
    and the interactive API documentation, whose program is started inline.
    """
    host = Headers(scope=scope).get("host", "")
    sockets = f" ws://{host} wss://{host}" if _HOST_HEADER.fullmatch(host) else ""
    is_docs = scope["path"].startswith(_DOCS)
    inline, blobs = (" 'unsafe-inline'", " blob:") if is_docs else ("", "")
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval'{inline}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            # Clients of the JSON dialect make each sentence's clip a blob.
            "media-src 'self' blob:",
            f"connect-src 'self'{sockets}",
            f"worker-src 'self'{blobs}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
        )
    )


def _needs_origin_check(scope: Scope) -> bool:
    return scope["type"] == "websocket" or (
        scope["type"] == "http" and scope["method"] not in _SAFE_METHODS
    )


def _host_of(host_header: str) -> str:
    """Return the name in a Host header, in lower case and without its port."""
    authority = _authority(f"http://{host_header}")
    return authority[0] if authority else ""


def _authority(url: str) -> tuple[str, int | None] | None:
    """Return host and port of a URL; None when it has none, as in `null`."""
    try:
        parts = urlsplit(url)
        if not parts.hostname:
            return None
        return parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None


async def _refuse(detail: ProblemDetail, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Closing before accepting makes the server answer the handshake with 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    await problem_response(403, detail)(scope, receive, send)
