"""Listeners of a load test: each starts a scene over HTTP and hears it over its WebSocket.

Who has heard a scene to its end starts the next one. A job is read from stdin as JSON, what was
heard of every scene is written to stdout as JSON.
"""

import asyncio
import contextlib
import json
import struct
import sys
import time
from dataclasses import asdict, dataclass, field

from engine import stamp_of
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

HEADER = struct.Struct("<BBHIII")
SAMPLE_RATE = 24_000
ACK_EVERY_S = 0.25
AHEAD_MS = 3_600_000
"""Everything is sent at once: what is measured is the server, not its flow control."""


@dataclass
class Heard:
    """What a listener got of one scene. Times are `time.monotonic`."""

    begun_s: float = field(default_factory=time.monotonic)
    first_text_s: float = 0.0
    heard: list[tuple[float, float]] = field(default_factory=list)
    """For each frame of sound: when, and how many seconds of it."""

    left_engine_s: list[float] = field(default_factory=list)
    """For each of them, when it left the engine; 0 where it does not say."""

    sound_s: float = 0.0
    texts: int = 0
    error: str = ""

    def played_sample(self) -> int:
        """Return how far somebody is who began to listen with the first frame."""
        if not self.heard:
            return 0
        return round(min(self.sound_s, time.monotonic() - self.heard[0][0]) * SAMPLE_RATE)

    def left_to_play_s(self) -> float:
        """Return for how long there is sound that was not heard yet."""
        return self.sound_s - self.played_sample() / SAMPLE_RATE


async def main() -> None:
    """Do the job."""
    job = json.loads(sys.stdin.readline())
    scenes: list[Heard] = []
    async with asyncio.TaskGroup() as tasks:
        for listener in job["listeners"]:
            tasks.create_task(_listen(scenes, listener, job))
    json.dump([asdict(scene) for scene in scenes], sys.stdout)


async def _listen(scenes: list[Heard], listener: dict, job: dict) -> None:
    await asyncio.sleep(job["begin_s"] + listener["delay_s"] - time.monotonic())
    while _left_s(job) > 0:
        scenes.append(scene := Heard())
        try:
            async with asyncio.timeout(_left_s(job)):
                address = await _start_scene(listener, job["port"])
                await _follow(scene, f"ws://127.0.0.1:{job['port']}{address}")
                await asyncio.sleep(scene.left_to_play_s())
        except TimeoutError:
            return  # The window is over.
        except (OSError, WebSocketException, ValueError, KeyError) as error:
            scene.error = repr(error)
            return


def _left_s(job: dict) -> float:
    return job["end_s"] - time.monotonic()


async def _start_scene(listener: dict, port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.closing(writer):
        writer.write(
            f"POST /api/stories/{listener['story_id']}/scenes/generate-with-tts-stream HTTP/1.1\r\n"
            f"host: 127.0.0.1\r\nauthorization: Bearer {listener['token']}\r\n"
            "content-type: application/x-www-form-urlencoded\r\n"
            "content-length: 16\r\nconnection: close\r\n\r\ncustom_prompt=Go".encode()
        )
        answer = await reader.read()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ValueError(answer.decode(errors="replace"))
    return json.loads(body)["websocket_url"]


async def _follow(record: Heard, url: str) -> None:
    async with connect(
        url,
        subprotocols=["rhapsode.v1"],
        compression=None,
        proxy=None,
        max_size=None,
        max_queue=None,
        open_timeout=60,
    ) as socket:
        await socket.send(json.dumps({"type": "start", "v": 1, "window_ms": AHEAD_MS}))
        acknowledging = asyncio.create_task(_acknowledge(record, socket))
        try:
            async for frame in socket:
                _take(record, frame)
        finally:
            acknowledging.cancel()


def _take(record: Heard, frame: str | bytes) -> None:
    now_s = time.monotonic()
    if isinstance(frame, bytes):
        samples = HEADER.unpack_from(frame)[5]
        record.heard.append((now_s, samples / SAMPLE_RATE))
        record.sound_s += samples / SAMPLE_RATE
        record.left_engine_s.append(stamp_of(frame[HEADER.size :]) or 0.0)
    elif '"text_chunk"' in frame:
        record.first_text_s = record.first_text_s or now_s
        record.texts += 1
    elif '"type":"error"' in frame or '"sentence_failed"' in frame:
        record.error = frame


async def _acknowledge(record: Heard, socket: ClientConnection) -> None:
    with contextlib.suppress(WebSocketException):
        while True:
            await asyncio.sleep(ACK_EVERY_S)
            ack = {"type": "ack", "seq": record.texts, "played_sample": record.played_sample()}
            await socket.send(json.dumps(ack))


if __name__ == "__main__":
    asyncio.run(main())
