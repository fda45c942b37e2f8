"""Passwords: argon2id, off the event loop, and in the same time for users that do not exist."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash

T = TypeVar("T")

_THREADS = 2
"""One verification takes 160 ms of a core: a crowd at the door must not silence the audio."""


class Passwords:
    """Hashes and verifies passwords in its own two threads."""

    def __init__(self) -> None:
        self._hasher = PasswordHash.recommended()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return a salted hash of `password`."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, password_hash: str | None) -> tuple[bool, str | None]:
        """Check `password`.

        Args:
            password: What the person typed.
            password_hash: The stored hash; None when there is no such user, which takes as long.

        Returns:
            Whether it is right, and a new hash to store if the old one has weaker parameters.
        """
        if password_hash is None:
            await self._run(lambda: self._hasher.verify(password, self._hash_of_nobody()))
            return False, None
        return await self._run(lambda: self._hasher.verify_and_update(password, password_hash))

    def close(self) -> None:
        """Wait for running verifications."""
        self._threads.shutdown(wait=True)

    def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        return self._nobody

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
