"""`rhapsode serve`: listens first, then loads the application, and says when it is ready."""

import asyncio
import contextlib
import errno
import logging
import socket
import webbrowser
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import click
import uvicorn

from rhapsode.api.parts import Parts
from rhapsode.app import create_app
from rhapsode.cli.configuration import load_settings
from rhapsode.errors import RhapsodeError
from rhapsode.settings import Settings

UVICORN: Mapping[str, Any] = {
    "log_config": None,
    "access_log": False,
    # Far above any message that a client has reason to send.
    "ws_max_size": 1024 * 1024,
    # Audio does not shrink, and each socket's compressor would hold 17 KB.
    "ws_per_message_deflate": False,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    # What is still open when the scenes have ended, such as a download, gets this long (seconds).
    "timeout_graceful_shutdown": 5,
}


class PoliteServer(uvicorn.Server):
    """Says when it really listens, and lets scenes end well before it closes their sockets."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        drain: Callable[[], Coroutine[None, None, None]],
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then shut down as uvicorn does. A second Ctrl+C ends the draining."""
        draining = asyncio.create_task(self._drain(), name="drain")
        while not (draining.done() or self.force_exit):
            await asyncio.wait([draining], timeout=0.1)
        await super().shutdown(sockets)


def run_server(*, host: str | None, port: int | None, open_page: bool) -> None:
    """Serve until Ctrl+C.

    Raises:
        click.ClickException: The settings, the address or the database cannot be used.
    """
    settings = load_settings(host=host, port=port)
    _set_up_logging()
    listener = listen(settings.host, settings.port)
    address = page_address(settings.host, listener.getsockname()[1])

    def announce() -> None:
        click.echo(f"\n  Rhapsode is at {address}\n  Ctrl+C stops it.\n")
        if open_page:
            webbrowser.open(address)

    server = _build_server(settings, announce)
    # uvicorn ends everything in order, and then repeats the signal that asked for it.
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; 0 as `port` takes any free one.

    Raises:
        click.ClickException: The address cannot be had; says why and what to do.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise click.ClickException(_explain(error, host, port)) from error


def page_address(host: str, port: int) -> str:
    """Return the URL under which a browser on this machine finds the page."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    return f"http://{everywhere.get(host, f'[{host}]' if ':' in host else host)}:{port}"


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is in use, perhaps by a Rhapsode that runs already: "
            f"look at {page_address(host, port)}\n"
            f"Or take another port: RHAPSODE_PORT={port + 1 if port < 65535 else 9876} make run"
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Take one above 1023 (RHAPSODE_PORT)."
    return f"Cannot listen on {host} port {port}: {error.strerror or error}"


def _build_server(settings: Settings, on_ready: Callable[[], None]) -> PoliteServer:
    try:
        app = create_app(settings)
    except RhapsodeError as error:
        raise click.ClickException(error.message) from error
    except OSError as error:
        message = f"{error.strerror}: {error.filename}. Set RHAPSODE_DATA_DIR to another folder."
        raise click.ClickException(message) from error
    parts: Parts = app.state.parts
    return PoliteServer(uvicorn.Config(app, **UVICORN), on_ready, parts.sessions.close)


def _set_up_logging() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for noisy in ("alembic", "httpx2", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
