"""The two ways to talk on a live socket: frames (version 1), and clips (JSON and MP3 only)."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import NoReturn

from fastapi import WebSocketDisconnect

from rhapsode import metrics
from rhapsode.api.live_socket import NORMAL, PROTOCOL, RESTARTING, CloseSocket, LiveSocket
from rhapsode.audio.encode import encode_mp3
from rhapsode.audio.opus_clip import opus_head
from rhapsode.errors import InvalidInputError, JournalGapError
from rhapsode.live.flow import Window
from rhapsode.live.session import GOING_AWAY, LiveSession
from rhapsode.narration.events import NarrationEvent, SentenceAudio, Stopped
from rhapsode.wire import live as wire
from rhapsode.wire import sentence_clips
from rhapsode.wire.client_messages import (
    Ack,
    Ping,
    ProtocolViolationError,
    Skip,
    Start,
    Stop,
    decode,
)
from rhapsode.wire.live import Codec
from rhapsode.wire.sentence_clips import Clip, SentenceClips

STOPPED_BY_USER = "user"


async def converse(
    socket: LiveSocket,
    session: LiveSession,
    leave: Coroutine[None, None, NoReturn],
    *,
    frames: bool,
) -> None:
    """Talk on a socket until one side ends it, then close it.

    Args:
        socket: Accepted, its client admitted to `session`.
        session: What the client follows.
        leave: Raises `CloseSocket` when the client may listen no longer.
        frames: True for version 1, False for clips.
    """
    dialect = Frames(socket, session) if frames else Clips(socket, session)
    with session.reading():
        ending = await _run(dialect, leave)
    if isinstance(ending, JournalGapError):
        metrics.JOURNAL_GAPS.inc()
    if isinstance(ending, JournalGapError | InvalidInputError):
        await socket.refuse(PROTOCOL, ending)
    else:
        await socket.close(ending.code, ending.reason)


class Frames:
    """Version 1: every event with its `seq`, sound as it is made; clients resume anywhere."""

    def __init__(self, socket: LiveSocket, session: LiveSession) -> None:
        self._socket = socket
        self._session = session
        self._window = Window(session.played_sample)
        self._acknowledged = asyncio.Event()

    async def run(self) -> NoReturn:
        """Talk until something ends it.

        Raises:
            ExceptionGroup: Holds the reason: CloseSocket, WebSocketDisconnect, JournalGapError, or
                InvalidInputError for what the client must not send. The first message's come bare.
        """
        start = await self._receive_start()
        codec = start.choose_codec()
        if start.after_seq:
            kept = start.after_seq + 1 >= self._session.journal.first_seq
            metrics.RESUMES.labels("resumed" if kept else "gap").inc()
        await self._socket.send(await self._connected(codec))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive(), name="live-receive")
            tasks.create_task(self._send(start.after_seq, codec), name="live-send")
        raise AssertionError("both tasks leave by raising")

    async def _receive_start(self) -> Start:
        start = decode(await self._socket.receive_first())
        if not isinstance(start, Start):
            raise ProtocolViolationError("The first message must be start.")
        self._window.acknowledge(0, start.window_ms)
        return start

    async def _connected(self, codec: Codec) -> str:
        return wire.encode_connected(
            self._session.id,
            next_seq=self._session.journal.next_seq,
            journal_from=self._session.journal.first_seq,
            opus_head=await asyncio.to_thread(opus_head) if codec == wire.OPUS else None,
        )

    async def _send(self, after_seq: int, codec: Codec) -> NoReturn:
        last: NarrationEvent | None = None
        async for seq, event in self._session.journal.read(after_seq):
            if isinstance(event, SentenceAudio):
                await self._wait_for_window(event.start)
                await self._socket.send(await self._encode_sound(seq, event, codec))
            else:
                await self._socket.send(wire.encode(seq, event))
            last = event
        raise CloseSocket(_closing_code(last))

    async def _wait_for_window(self, start_sample: int) -> None:
        while not self._window.may_send(start_sample):
            self._acknowledged.clear()
            await self._acknowledged.wait()

    async def _encode_sound(self, seq: int, event: SentenceAudio, codec: Codec) -> bytes:
        if codec == wire.PCM:
            return wire.encode_pcm(seq, event)
        return wire.encode_opus(seq, event, await self._session.opus.packets(seq))

    async def _receive(self) -> NoReturn:
        while True:
            match decode(await self._socket.receive()):
                case Ack(played_sample=played_sample, window_ms=window_ms, underruns=underruns):
                    self._session.played(played_sample, underruns)
                    self._window.acknowledge(played_sample, window_ms)
                    self._acknowledged.set()
                case Stop(keep=keep):
                    self._session.stop(STOPPED_BY_USER, keep=keep)
                case Skip(to_sentence=to_sentence):
                    self._session.listener.skip(to_sentence)
                case Ping(t=t):
                    await self._socket.send(wire.encode_pong(t))
                case Start():
                    raise ProtocolViolationError("There is one start message per socket.")


class Clips:
    """JSON only, one MP3 for each sentence; always from the beginning, never held back."""

    def __init__(self, socket: LiveSocket, session: LiveSession) -> None:
        self._socket = socket
        self._session = session
        # The queue's one reason: text must not wait while a sentence is being made an MP3.
        self._clips: asyncio.Queue[Clip] = asyncio.Queue()

    async def run(self) -> NoReturn:
        """Talk until something ends it.

        Raises:
            ExceptionGroup: Holds the reason: CloseSocket, WebSocketDisconnect or JournalGapError.
        """
        await self._socket.send(sentence_clips.encode_connected(self._session.id))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive(), name="live-receive")
            tasks.create_task(self._send_clips(), name="live-clips")
            tasks.create_task(self._send(), name="live-send")
        raise AssertionError("every task leaves by raising")

    async def _send(self) -> NoReturn:
        dialect = SentenceClips()
        last: NarrationEvent | None = None
        async for seq, event in self._session.journal.read(after_seq=0):
            last = event
            match dialect.push(seq, event):
                case Clip() as clip:
                    self._clips.put_nowait(clip)
                case None:
                    pass
                case message:
                    if message.ending:
                        await self._clips.join()
                    await self._socket.send(message.text)
        raise CloseSocket(_closing_code(last))

    async def _send_clips(self) -> NoReturn:
        while True:
            clip = await self._clips.get()
            mp3 = await asyncio.to_thread(encode_mp3, clip.samples)
            await self._socket.send(clip.message(mp3))
            self._clips.task_done()

    async def _receive(self) -> NoReturn:
        while True:
            # Nothing is expected; but only a reader learns that its client has gone.
            await self._socket.receive()


_Ending = CloseSocket | JournalGapError | InvalidInputError


async def _run(dialect: "Frames | Clips", leave: Coroutine[None, None, NoReturn]) -> _Ending:
    """Return what ended the conversation. Where the client has gone, closing changes nothing."""
    endings: list[_Ending] = []
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(leave, name="live-leave")
            tasks.create_task(dialect.run(), name="live-dialect")
    except* WebSocketDisconnect:
        endings.append(CloseSocket(NORMAL))
    except* (CloseSocket, JournalGapError, InvalidInputError) as group:
        endings.extend(_members(group))
    return endings[0]


def _members(group: BaseExceptionGroup[_Ending]) -> Iterator[_Ending]:
    for member in group.exceptions:
        if isinstance(member, BaseExceptionGroup):
            yield from _members(member)
        else:
            yield member


def _closing_code(last: NarrationEvent | None) -> int:
    restarting = isinstance(last, Stopped) and last.reason == GOING_AWAY
    return RESTARTING if restarting else NORMAL
