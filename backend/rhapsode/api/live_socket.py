"""One live socket: admission, time limits, and how it ends."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import NoReturn

from fastapi import WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from rhapsode import metrics
from rhapsode.api.parts import Parts
from rhapsode.errors import NotAuthenticatedError, NotFoundError, RhapsodeError
from rhapsode.live.session import LiveSession
from rhapsode.live.sessions import LiveSessions
from rhapsode.live.tickets import Tickets
from rhapsode.wire.live import encode_refusal

NORMAL = 1000
RESTARTING = 1012
PROTOCOL = 4000
NOT_AUTHENTICATED = 4401
NOT_YOURS = 4403
UNKNOWN_SESSION = 4404
SLOW_CONSUMER = 4408

MAX_REASON_BYTES = 123
"""A close frame has room for no more (RFC 6455, 5.5)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a socket waits for its client, in seconds."""

    start_s: float = 10.0
    """For the first message of a client that has to send one."""

    send_s: float = 10.0
    """For a frame to be taken."""


def default_patience() -> Patience:
    """Return how long the product's sockets wait."""
    return Patience()


class CloseSocket(Exception):
    """Raised by whichever side of a conversation knows that the socket is to be closed, and how."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class LiveSocket:
    """An accepted WebSocket that waits for its client only so long."""

    def __init__(self, socket: WebSocket, patience: Patience) -> None:
        self._socket = socket
        self._patience = patience

    async def send(self, frame: str | bytes) -> None:
        """Send a frame.

        Raises:
            CloseSocket: The client does not take it in time.
            WebSocketDisconnect: The client has gone.
        """
        if self._socket.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnect
        try:
            async with asyncio.timeout(self._patience.send_s):
                if isinstance(frame, str):
                    await self._socket.send_text(frame)
                else:
                    await self._socket.send_bytes(frame)
        except TimeoutError as error:
            metrics.SLOW_CONSUMERS.inc()
            raise CloseSocket(SLOW_CONSUMER, "too slow; resume") from error

    async def receive(self) -> str:
        """Return the next text frame.

        Raises:
            CloseSocket: It is a binary one.
            WebSocketDisconnect: The client has gone.
        """
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        text: str | None = message.get("text")
        if text is None:
            raise CloseSocket(PROTOCOL, "clients send text frames only")
        return text

    async def receive_first(self) -> str:
        """Return the first text frame, which has to come soon.

        Raises:
            CloseSocket: It does not, or it is a binary one.
            WebSocketDisconnect: The client has gone.
        """
        try:
            async with asyncio.timeout(self._patience.start_s):
                return await self.receive()
        except TimeoutError as error:
            raise CloseSocket(PROTOCOL, "no start message") from error

    async def refuse(self, code: int, error: RhapsodeError) -> None:
        """Tell the client what is wrong, and close the socket."""
        with contextlib.suppress(CloseSocket, WebSocketDisconnect):
            await self.send(encode_refusal(error.code, error.message))
        await self.close(code, error.message)

    async def close(self, code: int, reason: str = "") -> None:
        """Close the socket, if its client is still there to hear it."""
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        short = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        # A client that takes nothing does not take the close frame either; the server drops the
        # connection when this returns.
        with contextlib.suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(self._patience.send_s):
                await self._socket.close(code, short)


async def leave_with_login(login: str | None, parts: Parts) -> NoReturn:
    """Wait until a login ends; one that nobody needs never does.

    Args:
        login: The access token by which a socket was opened; None where nobody logs in.
        parts: Whose accounts know.

    Raises:
        CloseSocket: The login has ended.
    """
    if login is None:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets this event")
    await parts.accounts.wait_logged_out(login)
    raise CloseSocket(NOT_AUTHENTICATED, "this login has ended")


def admit(
    ticket: str, session_id: str, tickets: Tickets, sessions: LiveSessions
) -> tuple[LiveSession, str | None]:
    """Return the session that a ticket opens, and the login by which somebody asked for it.

    The ticket is used up in any case.

    Raises:
        CloseSocket: The ticket is no good, the session is gone, or the two do not belong together.
    """
    try:
        admitted = tickets.redeem(ticket)
    except NotAuthenticatedError as error:
        raise CloseSocket(NOT_AUTHENTICATED, error.message) from error
    try:
        session = sessions.get(session_id, admitted.user_id)
    except NotFoundError as error:
        raise CloseSocket(UNKNOWN_SESSION, error.message) from error
    if admitted.session_id != session_id:
        raise CloseSocket(NOT_YOURS, "this ticket is for another session")
    return session, admitted.login
