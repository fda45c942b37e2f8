"""Frontend: the built page, for every address that no route answers."""

import stat
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_OURS = ("/api", "/ws")
"""A wrong address below these is an error, never the page."""

_BUILT_ONCE = "/assets/"
"""File names in here carry a hash of their content, so a name never changes its meaning."""

_NOT_BUILT = """Rhapsode is running, but its page has not been built.

Run `make run` in the repository, or build it by `npm ci && npm run build` in frontend/.
The API is documented at /docs.
"""


class Frontend:
    """Serves the files of the built page, and the page itself for every address inside it."""

    def __init__(self, directory: Path) -> None:
        self._index = directory / "index.html"
        self._files = StaticFiles(directory=directory, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file or the page.

        Raises:
            HTTPException: 404, nothing of the page is there.
        """
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404})
            return
        request = Request(scope, receive)
        if request.method not in ("GET", "HEAD") or request.url.path.startswith(_OURS):
            raise HTTPException(404)
        response = self._file(request) or self._page(request)
        await response(scope, receive, send)

    def _file(self, request: Request) -> Response | None:
        path = request.url.path
        try:
            full_path, status = self._files.lookup_path(path.lstrip("/"))
        except (OSError, ValueError):  # a name that no file can have
            return None
        if status is None or not stat.S_ISREG(status.st_mode) or path == "/index.html":
            return None
        lifetime = "public, max-age=31536000, immutable"
        cache = lifetime if path.startswith(_BUILT_ONCE) else "no-cache"
        return FileResponse(full_path, stat_result=status, headers={"Cache-Control": cache})

    def _page(self, request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", "") and request.url.path != "/":
            raise HTTPException(404)
        if not self._index.is_file():
            return PlainTextResponse(_NOT_BUILT, status_code=503)
        return FileResponse(self._index, headers={"Cache-Control": "no-cache"})


def add_frontend(app: FastAPI, directory: Path) -> None:
    """Serve the built page in `directory` wherever `app` has no route.

    As the router's default rather than as a catch-all route: that would turn every 405 into a 404.
    """
    app.router.default = Frontend(directory)
