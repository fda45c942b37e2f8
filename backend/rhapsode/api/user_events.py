"""User events: one socket for everything that happens while nobody looks."""

import asyncio
import re
from collections.abc import Awaitable
from typing import NoReturn

from fastapi import WebSocket, WebSocketDisconnect
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from rhapsode.api.deps import LARGEST_ID, find_user, login_of
from rhapsode.api.live_socket import (
    NOT_AUTHENTICATED,
    NOT_YOURS,
    SLOW_CONSUMER,
    CloseSocket,
    LiveSocket,
    Patience,
    leave_with_login,
)
from rhapsode.api.parts import Parts
from rhapsode.live.user_events import Inbox, TtsProgress, UserEvent
from rhapsode.wire.user_events import encode, encode_connected

LOOK_EVERY_S = 5.0
"""How long news of another server on the same database may take."""

BAD_REQUEST = 1008
"""Before the handshake is accepted, the server answers it with 403 whatever the code."""

_ADDRESS = re.compile(r"/ws/(?:events|(?P<user_id>[^/]+))")
_NUMBER = re.compile(r"[0-9]{1,19}")


class EventSockets:
    """Serves `/ws/events`, and the same under `/ws/{user_id}` with the caller's own number.

    Stands before the routes, as pure ASGI. These sockets are open for hours, there is one for each
    page, and nearly all are idle at any time; whatever waits until a socket closes is what it
    costs. A route of FastAPI and three tasks came to 27 KB, beside the server's own 20.
    """

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve an event socket; pass on everything else."""
        if scope["type"] == "websocket" and (address := _ADDRESS.fullmatch(scope["path"])):
            return self._serve(WebSocket(scope, receive, send), address["user_id"])
        return self._app(scope, receive, send)

    async def _serve(self, socket: WebSocket, user_id: str | None) -> None:
        connection = HTTPConnection(socket.scope)
        after = connection.query_params.get("after")
        if after is not None and not _is_id(after):
            await socket.close(BAD_REQUEST)
            return
        user = await self._parts.db.run(lambda: find_user(connection, self._parts))
        live_socket = LiveSocket(socket, Patience())
        # Accepted first: a browser is told why a socket was closed, but not why a handshake failed.
        await socket.accept()
        if user is None:
            await live_socket.close(NOT_AUTHENTICATED, "please log in first")
        elif user_id not in (None, str(user.id)):
            await live_socket.close(NOT_YOURS, "these are somebody else's events")
        else:
            follower = _Follower(live_socket, user.id, self._parts)
            login = login_of(connection, self._parts)
            del connection, user
            await follower.follow(login, None if after is None else int(after))


class _Follower:
    """A page that is told what happens to its user's stories, beginning with what it has missed.

    While nothing happens there is no task but the caller's, which waits for the page to leave.
    """

    __slots__ = ("_inbox", "_parts", "_seen", "_socket", "_tasks", "_telling", "_user_id")

    _inbox: Inbox
    _tasks: asyncio.TaskGroup
    _seen: int
    """The number of the last stored event that the page was told."""

    def __init__(self, socket: LiveSocket, user_id: int, parts: Parts) -> None:
        self._socket = socket
        self._user_id = user_id
        self._parts = parts
        self._telling: asyncio.Task[None] | None = None
        """Runs while there is something to tell."""

    async def follow(self, login: str | None, after: int | None) -> None:
        """Serve the page until it leaves or has to.

        Args:
            login: The access token that it is open by; None where nobody logs in.
            after: The last event seen; None: only what is to come.
        """
        ending: Exception | None = None
        # Subscribed before the log is read: what happens in between comes twice, not never.
        with self._parts.user_events.subscribe(self._user_id, self._wake) as self._inbox:
            try:
                async with asyncio.TaskGroup() as self._tasks:
                    self._telling = self._tasks.create_task(self._begin(after), name="events-tell")
                    if login is not None:
                        leaving = leave_with_login(login, self._parts)
                        self._tasks.create_task(leaving, name="events-leave")
                    if self._parts.db.is_shared:
                        self._tasks.create_task(self._look(), name="events-look")
                    # Whatever the page says is passed over: it is only heard for its leaving.
                    while True:
                        await self._socket.receive()
            except* (CloseSocket, WebSocketDisconnect) as endings:
                ending = endings.exceptions[0]
        if isinstance(ending, CloseSocket):
            await self._socket.close(ending.code, ending.reason)

    async def _look(self) -> NoReturn:
        """Look now and then what another server on the same database has told."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._wake(look=True)

    def _wake(self, *, look: bool = False) -> None:
        if self._telling is None:
            self._telling = self._tasks.create_task(self._tell(look=look), name="events-tell")

    async def _begin(self, after: int | None) -> None:
        if after is None:
            log = self._parts.user_event_log
            after = await self._parts.db.run(lambda: log.last_id(self._user_id))
        self._seen = after
        await self._socket.send(encode_connected(self._user_id, after))
        await self._tell(look=True)

    async def _tell(self, *, look: bool) -> None:
        """Tell what has come, until nothing comes any more.

        Raises:
            CloseSocket: The page does not keep up.
            WebSocketDisconnect: It has gone.
        """
        if look:
            await self._tell_stored()
        while events := self._take():
            for event in events:
                if isinstance(event, TtsProgress):
                    await self._socket.send(encode(event))
                else:
                    # From the log, so that what another server has told comes in its place.
                    await self._tell_stored()
        self._telling = None

    async def _tell_stored(self) -> None:
        log, user_id, seen = self._parts.user_event_log, self._user_id, self._seen
        for event in await self._parts.db.run(lambda: log.after(user_id, seen)):
            await self._socket.send(encode(event))
            self._seen = event.id

    def _take(self) -> list[UserEvent]:
        events = self._inbox.take()
        if events is None:
            raise CloseSocket(SLOW_CONSUMER, "too slow; resume")
        return events


def _is_id(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and int(text) <= LARGEST_ID
