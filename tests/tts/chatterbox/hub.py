"""A small Hugging Face on 127.0.0.1: serves a folder's files, or refuses."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def serving(folder: Path, *, status: int = 200, cut_at: int | None = None) -> Iterator[str]:
    """Serve the files of a folder as any repository's; yield the address.

    Args:
        folder: Holds the files.
        status: Of every answer; any but 200 brings no file.
        cut_at: After so many bytes of a file, the connection breaks.
    """

    class Files(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            content = self._answer()
            if content is not None:
                self.wfile.write(content[:cut_at])

        def _answer(self) -> bytes | None:
            path = folder / self.path.rsplit("/", 1)[-1]
            if status != 200 or not path.is_file():
                self.send_response(status if status != 200 else 404)
                self.send_header("X-Error-Code", "EntryNotFound" if status == 200 else "GatedRepo")
                self.send_header("X-Repo-Commit", COMMIT)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return None
            content = path.read_bytes()
            self.send_response(200)
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            return content

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
