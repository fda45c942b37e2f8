"""Files served in parts, with every refusal in the one shape."""

import re
from pathlib import Path

from fastapi.responses import FileResponse
from starlette.requests import Request
from starlette.responses import Response

from rhapsode.api.problems import ProblemDetail, problem_response

_ONE_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


def not_modified(request: Request, etag: str) -> bool:
    """Tell whether the client has this version already (RFC 9110, 13.1.2)."""
    known = request.headers.get("if-none-match", "")
    return known == "*" or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]


def serve_file(request: Request, path: Path, media_type: str, headers: dict[str, str]) -> Response:
    """Return a file, or the part of it that the request asks for.

    Args:
        request: May have a Range; one that cannot be understood, or has several parts, is passed
            over, as RFC 9110 (14.2) allows.
        path: The file.
        media_type: What it is.
        headers: More headers; an `ETag` among them makes `If-Range` work.
    """
    facts = path.stat()
    wanted = _ONE_RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if wanted is None:
        _forget_range(request)
    elif not _is_within(wanted, facts.st_size):
        detail = ProblemDetail(code="range", message="The file has no such part.")
        return problem_response(416, detail, {"Content-Range": f"bytes */{facts.st_size}"})
    return FileResponse(path, media_type=media_type, headers=headers, stat_result=facts)


def _is_within(wanted: re.Match[str], size: int) -> bool:
    first, last, suffix = wanted.groups()
    if suffix is not None:
        return int(suffix) > 0 and size > 0
    return int(first) < size and (not last or int(last) >= int(first))


def _forget_range(request: Request) -> None:
    headers: list[tuple[bytes, bytes]] = request.scope["headers"]
    request.scope["headers"] = [header for header in headers if header[0] != b"range"]
