"""A speech server that does exactly what it is told: real HTTP on a free port of 127.0.0.1.

It has the shape of OpenAI's: `/v1/audio/speech`, `/v1/audio/voices`, `/v1/models`. It writes raw
bytes, so that it can also break off, stall and lie in every way a real server does::

    async with SpeechServer(Speaks(tone_as("mp3"), "audio/mpeg")) as server:
        ...  # server.base_url
"""

import asyncio
import contextlib
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import av
import numpy as np

RATE = 24_000
WAIT_S = 10.0

CONTENT_TYPES = {
    "pcm": "audio/pcm",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "flac": "audio/flac",
    "aac": "audio/aac",
}
_CODECS = {
    "wav": ("wav", "pcm_s16le", 24_000),
    "mp3": ("mp3", "libmp3lame", 24_000),
    "opus": ("ogg", "libopus", 48_000),
    "flac": ("flac", "flac", 24_000),
    "aac": ("adts", "aac", 24_000),
    "webm": ("webm", "libopus", 48_000),
}


def tone(seconds: float = 1.0, hz: float = 220.0, rate: int = RATE) -> np.ndarray:
    """Return a sine wave as s16 samples, loud enough to be found again after any codec."""
    at_s = np.arange(round(seconds * rate)) / rate
    return np.rint(12_000 * np.sin(2 * np.pi * hz * at_s)).astype("<i2")


def tone_as(format: str, seconds: float = 1.0, hz: float = 220.0) -> bytes:
    """Return a tone as a complete file of one of the formats, or as raw samples."""
    if format == "pcm":
        return tone(seconds, hz).tobytes()
    container_name, codec, rate = _CODECS[format]
    file = io.BytesIO()
    with av.open(file, "w", format=container_name) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(seconds, hz, rate)[None, :], "s16", "mono")
        frame.sample_rate = rate
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, "mono", rate, context.frame_size or None)
        for piece in (*resampler.resample(frame), *resampler.resample(None), None):
            container.mux(stream.encode(piece))
    return file.getvalue()


@dataclass(frozen=True)
class Speaks:
    """Answers with a body, whole and properly ended unless a field says otherwise."""

    body: bytes
    content_type: str = "audio/pcm"
    pieces: tuple[int, ...] = ()
    """Where the body is cut into writes; the server waits for the client between them."""

    framing: Literal["chunked", "length", "close"] = "chunked"
    stop_after: int | None = None
    """Bytes sent before the server does what `then` says."""

    then: Literal["break", "stall"] = "break"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Hangs:
    """Takes the request and never answers."""


Reply = Speaks | Hangs


def speaks(format: str, seconds: float = 1.0, **changes: object) -> Speaks:
    """Answer properly in a format."""
    return Speaks(tone_as(format, seconds), CONTENT_TYPES[format], **changes)  # type: ignore[arg-type]


def refuses(status: int, *headers: tuple[str, str], body: str = "") -> Speaks:
    message = body or json.dumps({"error": {"message": "secret internals", "type": "scripted"}})
    return Speaks(
        message.encode(), "application/json", status=status, framing="length", headers=headers
    )


def answers_json(value: object) -> Speaks:
    return Speaks(json.dumps(value).encode(), "application/json", framing="length")


def html_page() -> Speaks:
    page = b"<!doctype html>\n<title>Router</title>\n<p>Sign in.</p>\n"
    return Speaks(page, "text/html", framing="length")


@dataclass
class RecordedRequest:
    """What a client sent, and whether it stayed to hear the answer."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""

    body: Mapping[str, object]
    left: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set when the client has gone away before the answer was complete."""


class SpeechServer:
    """A server with a script: `first` replies are used up one by one, then `reply` answers all.

    Left and entered again, it is back under the address that it had.
    """

    def __init__(
        self,
        reply: Reply | Callable[[RecordedRequest], Reply] | None = None,
        *,
        first: Sequence[Reply] = (),
        voices: Reply | None = None,
    ) -> None:
        self.reply = reply or (lambda request: speaks(str(request.body["response_format"])))
        self.first = list(first)
        self.voices = voices or answers_json({"voices": [{"id": "sky", "name": "Sky"}, "river"]})
        self.requests: list[RecordedRequest] = []
        self.requested = asyncio.Event()
        self.port = 0
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def spoken(self) -> list[RecordedRequest]:
        """The requests for speech."""
        return [request for request in self.requests if request.path == "/v1/audio/speech"]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            request = await _read_request(reader)
            if request is not None:
                await self._answer(request, reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # The client left, or the server is being closed.
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(
        self, request: RecordedRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(request)
        self.requested.set()
        reply = self._script(request)
        sending = asyncio.create_task(_send(reply, writer))
        leaving = asyncio.create_task(reader.read())
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done() or sending.exception() is not None:
            request.left.set()
        for task in (sending, leaving):
            task.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)

    def _script(self, request: RecordedRequest) -> Reply:
        match request.method, request.path:
            case "POST", "/v1/audio/speech":
                if self.first:
                    return self.first.pop(0)
                return self.reply(request) if callable(self.reply) else self.reply
            case "GET", "/v1/audio/voices":
                return self.voices
            case "GET", "/v1/models":
                return answers_json({"object": "list", "data": [{"id": "tts-1"}]})
        return refuses(404)


async def _read_request(reader: asyncio.StreamReader) -> RecordedRequest | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return RecordedRequest(method, path, headers, json.loads(body) if body else {})


async def _send(reply: Reply, writer: asyncio.StreamWriter) -> None:
    if isinstance(reply, Hangs):
        await asyncio.Event().wait()
        return
    writer.write(_head(reply))
    body = reply.body if reply.stop_after is None else reply.body[: reply.stop_after]
    edges = [0, *(edge for edge in reply.pieces if edge < len(body)), len(body)]
    for start, end in itertools.pairwise(edges):
        part = body[start:end]
        if reply.framing == "chunked" and part:
            part = f"{len(part):x}\r\n".encode() + part + b"\r\n"
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)
    if reply.stop_after is not None:
        if reply.then == "stall":
            await asyncio.Event().wait()
        writer.transport.close() if reply.framing == "close" else writer.transport.abort()
        return
    if reply.framing == "chunked":
        writer.write(b"0\r\n\r\n")
    await writer.drain()


def _head(reply: Speaks) -> bytes:
    headers = [("Content-Type", reply.content_type), ("Connection", "close"), *reply.headers]
    if reply.framing == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
    if reply.framing == "length":
        headers.append(("Content-Length", str(len(reply.body))))
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
