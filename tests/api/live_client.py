"""A client of the live protocol, version 1, as small as one can be."""

import hashlib
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

HEADER = struct.Struct("<BBHIII")
ALL_AT_ONCE_MS = 3_600_000


@dataclass(frozen=True)
class Event:
    """One event as it came off the wire."""

    seq: int
    type: str
    frame: str | bytes

    @property
    def body(self) -> dict:
        assert isinstance(self.frame, str)
        return json.loads(self.frame)

    @property
    def start(self) -> int:
        assert isinstance(self.frame, bytes)
        return HEADER.unpack_from(self.frame)[4]

    @property
    def samples(self) -> NDArray[np.int16]:
        assert isinstance(self.frame, bytes)
        return np.frombuffer(self.frame, "<i2", offset=HEADER.size)


def parse(frame: str | bytes) -> Event:
    if isinstance(frame, bytes):
        return Event(HEADER.unpack_from(frame)[3], "audio", frame)
    message = json.loads(frame)
    return Event(message.get("seq", 0), message["type"], frame)


def chain(events: list[Event], after: str = "") -> str:
    """Return a hash that changes with any event that is lost, doubled, moved or altered."""
    for event in events:
        frame = event.frame if isinstance(event.frame, bytes) else event.frame.encode()
        link = hashlib.sha256(f"{after}|{event.seq}|{event.type}|".encode() + frame)
        after = link.hexdigest()
    return after


class LiveClient:
    """An open socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.connected: dict = {}

    async def start(self, after_seq: int = 0, window_ms: int = ALL_AT_ONCE_MS, **more) -> None:
        await self.send(type="start", v=1, after_seq=after_seq, window_ms=window_ms, **more)
        self.connected = json.loads(await self.socket.recv())
        assert self.connected["type"] == "connected"

    async def send(self, **message) -> None:
        await self.socket.send(json.dumps(message))

    async def next(self) -> Event:
        return parse(await self.socket.recv())

    async def until(self, type_: str) -> list[Event]:
        """Return the events up to the first one of a type."""
        events = [await self.next()]
        while events[-1].type != type_:
            events.append(await self.next())
        return events

    async def rest(self) -> list[Event]:
        """Return every event until the server closes."""
        events = []
        try:
            while True:
                events.append(await self.next())
        except ConnectionClosed:
            return events

    async def closing_code(self) -> int:
        await self.rest()
        await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code

    def kill(self) -> None:
        """Drop the connection as a network does: without a word."""
        self.socket.transport.abort()


@asynccontextmanager
async def live_socket(url: str) -> AsyncIterator[LiveClient]:
    """Connect in version 1 of the protocol."""
    async with connect(
        url,
        subprotocols=["rhapsode.v1"],
        compression=None,
        proxy=None,
        max_size=None,
        # A full queue would keep the closing handshake from being read when a test leaves early.
        max_queue=None,
    ) as socket:
        yield LiveClient(socket)
