"""User events: one socket for everything that happens while nobody looks."""

import asyncio
from typing import Annotated, NoReturn

from fastapi import APIRouter, Depends, Query, WebSocket, WebSocketDisconnect

from rhapsode.accounts.records import User
from rhapsode.api.deps import LARGEST_ID, CurrentLogin, PartsOfApp, find_user
from rhapsode.api.live_socket import (
    NOT_AUTHENTICATED,
    NOT_YOURS,
    SLOW_CONSUMER,
    CloseSocket,
    LiveSocket,
    Patience,
    default_patience,
    leave_with_login,
)
from rhapsode.api.parts import Parts
from rhapsode.live.user_events import Inbox, TtsProgress, UserEvent
from rhapsode.wire.user_events import encode, encode_connected

router = APIRouter(tags=["events"])

LOOK_EVERY_S = 5.0
"""How long news of another server on the same database may take."""

Caller = Annotated[User | None, Depends(find_user)]
After = Annotated[
    int | None,
    Query(ge=0, le=LARGEST_ID, description="The last event seen; absent: only what is to come."),
]
SocketPatience = Annotated[Patience, Depends(default_patience)]


@router.websocket("/ws/events")
async def follow_events(
    socket: WebSocket,
    user: Caller,
    login: CurrentLogin,
    parts: PartsOfApp,
    patience: SocketPatience,
    after: After = None,
) -> None:
    """Send what happens to the caller's stories, beginning with what they have missed."""
    await _follow(LiveSocket(socket, patience), socket, user, login, parts, after)


@router.websocket("/ws/{user_id}")
async def follow_events_of(
    socket: WebSocket,
    user_id: str,
    user: Caller,
    login: CurrentLogin,
    parts: PartsOfApp,
    patience: SocketPatience,
    after: After = None,
) -> None:
    """Do the same under an address with the caller's own number in it."""
    live_socket = LiveSocket(socket, patience)
    if user is not None and user_id != str(user.id):
        await socket.accept()
        await live_socket.close(NOT_YOURS, "these are somebody else's events")
        return
    await _follow(live_socket, socket, user, login, parts, after)


async def _follow(
    live_socket: LiveSocket,
    socket: WebSocket,
    user: User | None,
    login: str | None,
    parts: Parts,
    after: int | None,
) -> None:
    # Accepted first: a browser is told why a socket was closed, but not why a handshake failed.
    await socket.accept()
    if user is None:
        await live_socket.close(NOT_AUTHENTICATED, "please log in first")
        return
    ending: Exception | None = None
    # Subscribed before the log is read: what happens in between comes twice, not never.
    with parts.user_events.subscribe(user.id) as inbox:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(leave_with_login(login, parts), name="events-leave")
                tasks.create_task(_hear_out(live_socket), name="events-receive")
                tasks.create_task(_tell(live_socket, user, parts, inbox, after), name="events-send")
        except* (CloseSocket, WebSocketDisconnect) as endings:
            ending = endings.exceptions[0]
    if isinstance(ending, CloseSocket):
        await live_socket.close(ending.code, ending.reason)


async def _hear_out(socket: LiveSocket) -> NoReturn:
    """Pass over whatever the client says: it is only listened to for its leaving."""
    while True:
        await socket.receive()


async def _tell(
    socket: LiveSocket, user: User, parts: Parts, inbox: Inbox, after: int | None
) -> NoReturn:
    """Send what was missed, then what happens.

    Raises:
        CloseSocket: The client does not keep up.
        WebSocketDisconnect: It has gone.
    """
    if after is None:
        after = await parts.db.run(lambda: parts.user_event_log.last_id(user.id))
    await socket.send(encode_connected(user.id, after))
    seen = await _tell_stored(socket, user, parts, after)
    while True:
        event = await _next(inbox, LOOK_EVERY_S if parts.db.is_shared else None)
        if isinstance(event, TtsProgress):
            await socket.send(encode(event))
        else:
            # From the log, so that what another server has told meanwhile comes in its place.
            seen = await _tell_stored(socket, user, parts, seen)


async def _tell_stored(socket: LiveSocket, user: User, parts: Parts, after: int) -> int:
    """Send what came after an event; return the number of the last one."""
    stored = await parts.db.run(lambda: parts.user_event_log.after(user.id, after))
    for event in stored:
        await socket.send(encode(event))
    return stored[-1].id if stored else after


async def _next(inbox: Inbox, look_every_s: float | None) -> UserEvent | None:
    """Return what happens; None when it is time to look what another server may have told.

    Raises:
        CloseSocket: The client does not keep up.
    """
    try:
        async with asyncio.timeout(look_every_s):
            event = await inbox.next()
    except TimeoutError:
        return None
    if event is None:
        raise CloseSocket(SLOW_CONSUMER, "too slow; resume")
    return event
