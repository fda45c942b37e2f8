"""LiveClient: a second, independent listener of a live session."""

import asyncio
import json
import struct
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.client import connect

from tests.serving import Server

HEADER = struct.Struct("<BBHIII")


@dataclass
class LiveClient:
    """What a session sent from its first event to its last."""

    messages: list[dict] = field(default_factory=list)
    frames: list[tuple[int, int, bytes]] = field(default_factory=list)
    """Sentence index, absolute first sample, PCM."""

    @classmethod
    async def follow(cls, server: Server, session_id: str) -> "LiveClient":
        client = cls()
        async with server.client() as http:
            answer = await http.post(f"/api/sessions/{session_id}/ticket")
        url = server.ws_url + answer.json()["websocket_url"]
        async with asyncio.timeout(60), connect(url, subprotocols=["rhapsode.v1"]) as socket:
            start = {"type": "start", "v": 1, "after_seq": 0, "codecs": ["pcm_s16le"]}
            await socket.send(json.dumps(start | {"window_ms": 3_600_000}))
            async for message in socket:
                if client._take(message):
                    break
        return client

    def _take(self, message: str | bytes) -> bool:
        if isinstance(message, bytes):
            _, _, sentence, _, start, _ = HEADER.unpack_from(message)
            self.frames.append((sentence, start, message[HEADER.size :]))
            return False
        self.messages.append(json.loads(message))
        last = self.messages[-1]
        return last["type"] in {"generation_complete", "stopped"} or last.get("fatal") is True

    def of(self, kind: str) -> list[dict]:
        return [message for message in self.messages if message["type"] == kind]

    @property
    def text(self) -> str:
        return "".join(message["text"] for message in self.of("text_chunk"))

    @property
    def sound(self) -> np.ndarray:
        """Every sample of the session, int16."""
        return np.frombuffer(b"".join(pcm for _, _, pcm in self.frames), "<i2")
