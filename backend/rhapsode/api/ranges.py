"""Files served in parts, with every refusal in the one shape."""

import re
from collections.abc import AsyncGenerator
from typing import Protocol

from fastapi.responses import StreamingResponse
from starlette.requests import Request
from starlette.responses import Response

from rhapsode.api.problems import ProblemDetail, problem_response

_ONE_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


class File(Protocol):
    """Something whose bytes can be had from anywhere."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        ...

    def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """Yield the bytes from `start` to `end`."""
        ...


def not_modified(request: Request, etag: str) -> bool:
    """Tell whether the client has this version already (RFC 9110, 13.1.2)."""
    known = request.headers.get("if-none-match", "")
    return known == "*" or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]


def serve(request: Request, file: File, headers: dict[str, str]) -> Response:
    """Return a file, or the part of it that the request asks for.

    Args:
        request: May have a Range; one that cannot be understood, or has several parts, is passed
            over, as RFC 9110 (14.2) allows. So is that of a HEAD, and that of a client whose
            `If-Range` names another version.
        file: The file.
        headers: More headers; an `ETag` among them makes `If-Range` work.
    """
    headers = {**headers, "Accept-Ranges": "bytes"}
    start, end = 0, file.size
    if wanted := _range_of(request, headers.get("ETag")):
        start, end = _within(wanted, file.size)
        if start >= end:
            detail = ProblemDetail(code="range", message="The file has no such part.")
            return problem_response(416, detail, {"Content-Range": f"bytes */{file.size}"})
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return Response(status_code=status, media_type=file.media_type, headers=headers)
    sound = file.read(start, end)
    return StreamingResponse(sound, status, headers=headers, media_type=file.media_type)


def _range_of(request: Request, etag: str | None) -> re.Match[str] | None:
    if request.method == "HEAD" or request.headers.get("if-range", etag) != etag:
        return None
    return _ONE_RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))


def _within(wanted: re.Match[str], size: int) -> tuple[int, int]:
    """Return where a range begins and ends; an empty one cannot be had."""
    first, last, suffix = wanted.groups()
    if suffix is not None:
        return max(0, size - int(suffix)), size
    return int(first), min(int(last) + 1, size) if last else size
