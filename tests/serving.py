"""A real server for tests: the whole application behind uvicorn, on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI

from rhapsode.app import create_app
from rhapsode.cli.serving import UVICORN
from rhapsode.settings import Settings


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    base_url: str
    """Such as `http://127.0.0.1:43210`."""

    ws_url: str
    app: FastAPI

    def client(self, **options) -> httpx2.AsyncClient:
        """Return a client of this server; close it by `async with`."""
        return httpx2.AsyncClient(base_url=self.base_url, trust_env=False, timeout=30, **options)


def settings_for(data_dir: Path, **changes) -> Settings:
    """Return settings for a server that keeps everything in `data_dir`."""
    return Settings(data_dir=data_dir, port=0, **changes)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Server]:
    """Run the application as `rhapsode serve` does, while the context is open."""
    app = create_app(settings)
    async with serving_app(app) as server:
        yield server


@asynccontextmanager
async def serving_app(app: FastAPI) -> AsyncIterator[Server]:
    """Run an application that was built already, for tests that replace one of its parts."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="on", **UVICORN)
    server = _StartedServer(config)
    # serve() itself would take over the signal handlers of the test run.
    running = asyncio.create_task(server._serve())
    try:
        await server.until_started(running)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Server(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", app)
    finally:
        server.should_exit = True
        await running


class _StartedServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._up = asyncio.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self._up.set()

    async def until_started(self, running: asyncio.Task) -> None:
        up = asyncio.ensure_future(self._up.wait())
        await asyncio.wait([up, running], return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        if not self.started:
            raise RuntimeError("the server did not start; its log says why")
