"""LiveSessions: every live session of this process."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

from rhapsode.errors import ConflictError, NotFoundError, RestartingError
from rhapsode.live.journal import Journal
from rhapsode.live.session import GOING_AWAY, LAST_SENTENCE_S, LiveSession
from rhapsode.narration.events import Failure

LAST_WORDS_S = 2.0
"""How long readers get to hear how their sessions ended before the server cuts them off."""


class LiveSessions:
    """Every session of this process: those going on, and those ended that can still be replayed."""

    def __init__(
        self,
        *,
        journal_bytes: int,
        grace_s: float,
        retention_s: float,
        max_per_user: int = 4,
    ) -> None:
        self._journal_bytes = journal_bytes
        self._grace_s = grace_s
        self._retention_s = retention_s
        self._max_per_user = max_per_user
        self._sessions: dict[str, LiveSession] = {}
        self.closing = False
        """True once the server is shutting down: nothing can be opened any more."""

    def open(
        self, user_id: int, story_id: int, run: Callable[[LiveSession], Coroutine[None, None, None]]
    ) -> LiveSession:
        """Start a generation.

        Args:
            user_id: Whose session it is.
            story_id: The story that grows by it.
            run: Emits events into the session it is given; see `LiveSession.start`.

        Raises:
            ConflictError: The user has too many sessions going on.
            RestartingError: The server is shutting down.
        """
        if self.closing:
            raise RestartingError
        going_on = sum(s.user_id == user_id and not s.journal.ended for s in self._all())
        if going_on >= self._max_per_user:
            raise ConflictError(
                f"{going_on} scenes are being written already, and {self._max_per_user} is the "
                "limit. Stop one of them, or wait until it is finished."
            )
        session = LiveSession(
            user_id, story_id, Journal(self._journal_bytes), self._grace_s, self._retire
        )
        self._sessions[session.id] = session
        session.start(run)
        return session

    def get(self, session_id: str, user_id: int) -> LiveSession:
        """Return a user's session.

        Raises:
            NotFoundError: There is none of that id, or it is somebody else's.
        """
        session = self._sessions.get(session_id)
        if session is None or session.user_id != user_id:
            raise NotFoundError("There is no such live session, or it ended some time ago.")
        return session

    def newest_for_story(self, user_id: int, story_id: int) -> LiveSession | None:
        """Return the session of this story that was opened last, if it can still be heard."""
        for session in reversed(self._all()):
            if session.user_id == user_id and session.story_id == story_id:
                return session
        return None

    def discard(self, user_id: int, reason: str, *, story_id: int | None = None) -> None:
        """Stop what is being written for a story, or a user, that is no more; keep nothing of it.

        Args:
            user_id: Whose sessions.
            reason: See `LiveSession.stop`.
            story_id: None means every story of the user.
        """
        for session in self._all():
            if session.user_id == user_id and story_id in (None, session.story_id):
                session.stop(reason, keep=False)

    async def close(self, drain_s: float = LAST_SENTENCE_S) -> None:
        """Let every session finish its sentence, for `drain_s` at most, and save what it has.

        No session can be opened from now on.
        """
        self.closing = True
        going_on = [session for session in self._all() if not session.journal.ended]
        for session in going_on:
            session.emit(
                Failure(
                    GOING_AWAY,
                    "The server is restarting; what was written so far is being saved.",
                    fatal=False,
                    retry_after_ms=1_000 * RestartingError.retry_after_s,
                )
            )
            session.stop_after_sentence(GOING_AWAY, drain_s)
        await asyncio.gather(*(session.wait_ended() for session in going_on))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await asyncio.gather(*(session.wait_unread() for session in going_on))

    def _all(self) -> list[LiveSession]:
        return list(self._sessions.values())

    def _retire(self, session: LiveSession) -> None:
        """Forget an ended session when nobody needs its replay any more."""
        asyncio.get_running_loop().call_later(
            self._retention_s, self._sessions.pop, session.id, None
        )
