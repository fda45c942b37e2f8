"""Stand-ins shared by the whole suite: a language model server that does exactly what it is told.

`ScriptedLLM` is a real HTTP server on a free port of 127.0.0.1. It speaks the OpenAI
chat-completions streaming format over raw asyncio streams, so that it can also break the format in
every way a real server does::

    async with ScriptedLLM(Tells.text("Once upon a time.")) as llm:
        ...  # llm.base_url

    with ScriptedLLM.in_thread(Tells.text("Once upon a time.")) as llm:
        ...  # the same, from a test that has no event loop
"""

import asyncio
import contextlib
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

STORY = (
    "Mara climbed the last step and set down her lamp. The door had not been there yesterday. "
    '"Who is it?" she asked. Nobody answered, but the sea below the lighthouse fell silent. '
    "She laid her palm on the wood, and it was warm."
)
"""A short scene of five sentences, the reply of a server that was told nothing else."""

WAIT_S = 10.0
"""How long the waiting methods wait before the test fails."""


def split_deltas(text: str) -> list[str]:
    """Cut text the way tokenizers do: words with their leading space, long ones in pieces."""
    return re.findall(r"\s*\S{1,6}|\s+$", text)


@dataclass(frozen=True)
class Tells:
    """Streams deltas and ends properly, unless a field says otherwise."""

    deltas: tuple[str, ...]
    tokens_per_s: float | None = None
    """None: as fast as the socket takes them."""

    stepped: bool = False
    """True: each delta waits for one `ScriptedLLM.step()`."""

    reasoning: tuple[str, ...] = ()
    """Sent before the deltas in `reasoning_field`."""

    reasoning_field: Literal["reasoning_content", "reasoning"] = "reasoning_content"
    role_chunk: bool = True
    finish_reason: str | None = "stop"
    usage: bool = True
    done: bool = True
    cut_after: int | None = None
    """Deltas sent before the connection breaks."""

    forever: bool = False
    """True: the deltas start again when they are used up."""

    framing: Literal["chunked", "close"] = "chunked"
    """`close`: the body ends where the connection ends, so a broken stream looks finished."""

    bytes_per_write: int | None = None

    @classmethod
    def text(cls, text: str = STORY) -> Self:
        return cls(deltas=tuple(split_deltas(text)))


@dataclass(frozen=True)
class Answers:
    """Sends one complete answer that is no event stream."""

    status: int
    body: str
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Streams:
    """Sends raw bytes as an event stream, piece by piece."""

    pieces: tuple[bytes, ...]


@dataclass(frozen=True)
class Hangs:
    """Takes the request and never answers; `after_headers`: the head of the answer still comes."""

    after_headers: bool = False


Reply = Tells | Answers | Streams | Hangs


def slow(text: str = STORY, tokens_per_s: float = 20.0) -> Tells:
    return replace(Tells.text(text), tokens_per_s=tokens_per_s)


def stepped(text: str = STORY) -> Tells:
    return replace(Tells.text(text), stepped=True)


def cut(
    text: str = STORY, after: int = 5, framing: Literal["chunked", "close"] = "chunked"
) -> Tells:
    return replace(Tells.text(text), cut_after=after, framing=framing)


def byte_by_byte(text: str = STORY) -> Tells:
    return replace(Tells.text(text), bytes_per_write=1)


def huge_delta(size: int = 10_000_000) -> Tells:
    return Tells(deltas=(("word " * (size // 5 + 1))[:size],))


def never_ending(text: str = STORY + " ") -> Tells:
    return replace(Tells.text(text), forever=True)


def empty() -> Tells:
    return Tells(deltas=())


def reasons(thoughts: str, text: str = STORY) -> Tells:
    return replace(Tells.text(text), reasoning=tuple(split_deltas(thoughts)))


def refuses(status: int, message: str = "scripted refusal", **error: object) -> Answers:
    headers = (("retry-after", "7"),) if status == 429 else ()
    body = json.dumps({"error": {"message": message, "type": "scripted", **error}})
    return Answers(status, body, headers=headers)


def html_page() -> Answers:
    return Answers(200, "<!doctype html>\n<title>Router</title>\n<p>Sign in.</p>\n", "text/html")


def garbage(after: str = "") -> Streams:
    good = [_event(_chunk({"content": delta})) for delta in split_deltas(after)]
    return Streams((*good, b"data: {this is not json\n\n", b"data: [DONE]\n\n"))


@dataclass
class RecordedRequest:
    """What a client sent, and whether it stayed to hear the answer."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""

    body: dict[str, object]
    deltas_sent: int = 0
    disconnected: bool = False
    """True when the client went away before the answer was complete."""

    ended: threading.Event = field(default_factory=threading.Event, repr=False)


class ScriptedLLM:
    """An OpenAI-compatible server with a script.

    `reply` answers chat completions and may be exchanged between requests; `pages` answers further
    GET paths. Every method may be called from any thread.
    """

    def __init__(
        self,
        reply: Reply | None = None,
        *,
        models: Sequence[str] = ("scripted",),
        owned_by: str = "scripted",
        models_reply: Answers | Hangs | None = None,
        pages: Mapping[str, Answers] | None = None,
    ) -> None:
        self.reply: Reply = reply or Tells.text()
        self.models = tuple(models)
        self.owned_by = owned_by
        self.models_reply = models_reply
        self.pages = dict(pages or {})
        self.requests: list[RecordedRequest] = []
        self.port = 0
        self.requested = threading.Event()
        self.disconnected = threading.Event()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def completions(self) -> list[RecordedRequest]:
        return [request for request in self.requests if request.path.endswith("/completions")]

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls, reply: Reply | None = None, **options: object) -> Iterator[Self]:
        """Serve from a thread of its own while the block runs."""
        llm = cls(reply, **options)  # type: ignore[arg-type]
        llm.start()
        try:
            yield llm
        finally:
            llm.stop()

    def start(self) -> None:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)))
        self._thread.start()
        assert started.wait(WAIT_S), "the scripted server did not start"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive(), "the scripted server did not stop"

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    def step(self, deltas: int = 1) -> None:
        """Let a `stepped` reply send this many more deltas."""
        self._loop.call_soon_threadsafe(self._allow, deltas)

    async def wait_requested(self) -> None:
        """Return when a chat completion has been asked for."""
        assert await asyncio.to_thread(self.requested.wait, WAIT_S), "nobody asked"

    async def wait_disconnected(self) -> None:
        """Return when a client has gone away before its answer was complete."""
        assert await asyncio.to_thread(self.disconnected.wait, WAIT_S), "the client stayed"

    async def _serve(self, started: threading.Event) -> None:
        async with self:
            self._stopping = asyncio.Event()
            started.set()
            await self._stopping.wait()

    async def _open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._steps = asyncio.Semaphore(0)
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _allow(self, deltas: int) -> None:
        for _ in range(deltas):
            self._steps.release()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            request = await _read_request(reader)
            if request is not None:
                await self._answer(request, reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # The client left, or the server is being closed: either way this connection ends.
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(
        self, request: RecordedRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(request)
        reply = asyncio.create_task(
            _Answer(request, writer, self._steps).send(self._script(request))
        )
        client_left = asyncio.create_task(_until_closed(reader))
        if request.path.endswith("/completions"):
            self.requested.set()
        try:
            await asyncio.wait({reply, client_left}, return_when=asyncio.FIRST_COMPLETED)
            if not reply.done() or _failed(reply):
                request.disconnected = True
                self.disconnected.set()
        finally:
            reply.cancel()
            client_left.cancel()
            await asyncio.gather(reply, client_left, return_exceptions=True)
            request.ended.set()

    def _script(self, request: RecordedRequest) -> Reply:
        if request.path in self.pages:
            return self.pages[request.path]
        if (request.method, request.path) == ("POST", "/v1/chat/completions"):
            return self.reply
        if (request.method, request.path) == ("GET", "/v1/models"):
            return self.models_reply or self._list_models()
        return refuses(404, "no such page")

    def _list_models(self) -> Answers:
        models = [
            {"id": name, "object": "model", "owned_by": self.owned_by} for name in self.models
        ]
        return Answers(200, json.dumps({"object": "list", "data": models}))


class _Answer:
    """One answer on its way to the client."""

    def __init__(
        self, request: RecordedRequest, writer: asyncio.StreamWriter, steps: asyncio.Semaphore
    ) -> None:
        self._request = request
        self._writer = writer
        self._steps = steps
        self._chunked = True
        self._bytes_per_write: int | None = None

    async def send(self, reply: Reply) -> None:
        match reply:
            case Tells():
                await self._tell(reply)
            case Answers():
                await self._answer(reply)
            case Streams():
                await self._head(200, "text/event-stream")
                for piece in reply.pieces:
                    await self._write(piece)
                await self._end()
            case Hangs():
                if reply.after_headers:
                    await self._head(200, "text/event-stream")
                await asyncio.Event().wait()

    async def _answer(self, reply: Answers) -> None:
        body = reply.body.encode()
        headers = (*reply.headers, ("content-length", str(len(body))))
        self._chunked = False
        await self._head(reply.status, reply.content_type, headers)
        await self._write(body)

    async def _tell(self, reply: Tells) -> None:
        self._chunked = reply.framing == "chunked"
        self._bytes_per_write = reply.bytes_per_write
        await self._head(200, "text/event-stream")
        if reply.role_chunk:
            await self._write(_event(_chunk({"role": "assistant", "content": ""})))
        for thought in reply.reasoning:
            await self._write(_event(_chunk({reply.reasoning_field: thought})))
        async for delta in self._paced(reply):
            await self._write(_event(_chunk({"content": delta})))
            self._request.deltas_sent += 1
        if reply.cut_after is None:
            await self._finish(reply)

    async def _paced(self, reply: Tells) -> AsyncIterator[str]:
        sent = 0
        while True:
            for delta in reply.deltas:
                if sent == reply.cut_after:
                    return
                if reply.stepped:
                    await self._steps.acquire()
                if reply.tokens_per_s is not None:
                    await asyncio.sleep(1 / reply.tokens_per_s)
                yield delta
                sent += 1
            if not reply.forever:
                return

    async def _finish(self, reply: Tells) -> None:
        if reply.finish_reason is not None:
            await self._write(_event(_chunk({}, reply.finish_reason)))
        if reply.usage:
            tokens = len(reply.deltas)
            usage = {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}
            await self._write(_event({**_chunk({}), "choices": [], "usage": usage}))
        if reply.done:
            await self._write(b"data: [DONE]\n\n")
        await self._end()

    async def _head(
        self, status: int, content_type: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        lines = [
            f"HTTP/1.1 {status} Scripted",
            f"content-type: {content_type}",
            "connection: close",
        ]
        lines += [f"{name}: {text}" for name, text in headers]
        if self._chunked:
            lines.append("transfer-encoding: chunked")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self._writer.drain()

    async def _write(self, body: bytes) -> None:
        size = self._bytes_per_write or len(body) or 1
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            self._writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)
            await self._writer.drain()
            # A drain that finds room does not suspend: an endless reply would starve the loop.
            await asyncio.sleep(0)

    async def _end(self) -> None:
        if self._chunked:
            self._writer.write(b"0\r\n\r\n")
            await self._writer.drain()


@contextlib.contextmanager
def refused_address() -> Iterator[str]:
    """Give a base URL at which connections are refused: its port is taken, but nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


async def _read_request(reader: asyncio.StreamReader) -> RecordedRequest | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): text.strip() for name, _, text in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return RecordedRequest(method, path, headers, json.loads(body) if body else {})


async def _until_closed(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(65536):
            pass


def _failed(reply: asyncio.Task[None]) -> bool:
    return reply.exception() is not None


def _chunk(delta: Mapping[str, object], finish_reason: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish_reason}
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [choice],
    }


def _event(content: object) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()
