"""ChaosProxy: a TCP proxy on this machine that cuts live sockets at random points."""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ChaosProxy:
    """Passes everything on to a server, and resets live sockets after some bytes, `kills` times."""

    def __init__(self, port: int, *, kills: int, after_bytes: tuple[int, int], seed: int) -> None:
        self.killed = 0
        self._target = port
        self._kills = kills
        self._after_bytes = after_bytes
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator["ChaosProxy"]:
        started = threading.Event()
        thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        thread.start()
        started.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    def _run(self, started: threading.Event) -> None:
        async def listen() -> None:
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            self._server = server
            started.set()

        self._loop.run_until_complete(listen())
        self._loop.run_forever()
        self._server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            upstream_writer.write(head)
            live = head.startswith(b"GET /ws/scene-generation/")
            budget = self._random.randint(*self._after_bytes) if live else None
            up = asyncio.ensure_future(_copy(reader, upstream_writer))
            await self._copy_down(upstream_reader, writer, budget)
            up.cancel()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
            upstream_writer.transport.abort()

    async def _copy_down(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: int | None
    ) -> None:
        while block := await reader.read(4096):
            if budget is not None and self.killed < self._kills:
                budget -= len(block)
                if budget <= 0:
                    # In the middle of a frame, as a network does it.
                    writer.write(block[: len(block) // 2])
                    self.killed += 1
                    return
            writer.write(block)
            await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(65536):
        writer.write(block)
        await writer.drain()
