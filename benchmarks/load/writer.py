"""A language model's server for load tests: OpenAI's protocol, tokens of prose at a set rate.

One answer of the prose to each request, or as many tokens of them as are asked for.

Prints its port, then serves until it is ended.
"""

import asyncio
import itertools
import json
import random
import sys

from replay import read_answers

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
    b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n"
)


def _event(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    body = {
        "id": "chatcmpl-load",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "load",
        "choices": [choice],
    }
    return _chunked(b"data: " + json.dumps(body).encode() + b"\n\n")


def _chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


class Writer:
    """Writes the same prose to everybody, beginning with a different answer for each."""

    def __init__(self, tokens_per_s: float, tokens: int | None, seed: int) -> None:
        self._pause_s = 1 / tokens_per_s
        self._tokens = tokens
        self._chance = random.Random(seed)
        self._answers = [
            [_event({"content": token}) for token in (*answer.tokens, "\n\n")]
            for answer in read_answers(tokens_per_s, seed)
        ]
        self._next = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            await self._write(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The server has gone, and with it its wish for more text.
        finally:
            writer.close()

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        first, self._next = self._next, self._next + 1
        at = first % len(self._answers)
        text = itertools.cycle(itertools.chain(*self._answers[at:], *self._answers[:at]))
        tokens = self._tokens or len(self._answers[at])
        writer.write(HEAD + _event({"role": "assistant", "content": ""}))
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        for event in itertools.islice(text, tokens):
            due_s += self._pause_s * self._chance.uniform(0.5, 1.5)
            await asyncio.sleep(due_s - loop.time())
            writer.write(event)
        writer.write(_event({}, "stop") + _chunked(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        await writer.drain()


async def main() -> None:
    """Serve; the argument is JSON."""
    server = await asyncio.start_server(
        Writer(**json.loads(sys.argv[1])).answer, "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
