"""EngineHost: where an engine runs, be it a thread of this process or a process of its own."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar, runtime_checkable

from rhapsode.errors import RhapsodeError, SynthesisError
from rhapsode.tts.engine import (
    EngineInfo,
    RemoteServer,
    Speech,
    SpeechOptions,
    TTSEngine,
    Voice,
)
from rhapsode.tts.settle import settle

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

Emit = Callable[[Speech], None]
"""Takes what an engine yields, at once; must not wait."""


class EngineHost(Protocol):
    """Runs one engine for asyncio code."""

    @property
    def sample_rate(self) -> int:
        """Samples per second (Hz) of every chunk; known once the engine has been started."""
        ...

    @property
    def concurrency(self) -> int:
        """How many sentences can be spoken at once."""
        ...

    async def start(self) -> None:
        """Load the engine.

        Raises:
            EngineUnavailableError: It cannot be loaded now; speaking tries again.
        """
        ...

    async def close(self) -> None:
        """Stop the engine and free what it holds."""
        ...

    def info(self) -> EngineInfo:
        """Return what is known about the engine, and whether it can be used now."""
        ...

    async def voices(self) -> list[Voice]:
        """Return the engine's voices.

        Raises:
            EngineUnavailableError: The engine cannot be loaded.
        """
        ...

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence, emitting sound and word times as the engine yields them.

        Cancelling this stops the engine, and returns only when the engine has left the sentence:
        whoever speaks next finds it free.

        Raises:
            SynthesisError: The sentence could not be spoken.
        """
        ...


@runtime_checkable
class RemoteHost(EngineHost, Protocol):
    """Runs an engine that is a server of each user's own.

    By itself it knows no server, and can only be asked for its information.
    """

    def at(self, server: RemoteServer) -> EngineHost:
        """Return the host that speaks with this server; it holds nothing that must be closed."""
        ...


@runtime_checkable
class PrivateVoices(Protocol):
    """Has voices that it does not list, because each belongs to one user.

    Who may use which is decided by whoever knows the user.
    """

    def is_private(self, voice: str) -> bool:
        """Tell whether a voice of that id is or was somebody's own."""
        ...

    async def language_of(self, voice: str) -> str | None:
        """Return what a voice that it does not list reads, as BCP 47 tag; None: no such voice."""
        ...


class ThreadHost:
    """Runs an engine in threads of this process."""

    def __init__(self, engine: TTSEngine) -> None:
        self._engine = engine
        # Threads of its own: a slow engine must not starve the event loop's default pool.
        self._threads = ThreadPoolExecutor(engine.max_concurrency, f"tts-{engine.name}")

    @property
    def sample_rate(self) -> int:
        """Samples per second (Hz) of every chunk."""
        return self._engine.sample_rate

    @property
    def concurrency(self) -> int:
        """How many sentences can be spoken at once."""
        return self._engine.max_concurrency

    async def start(self) -> None:
        """Do nothing: the engine came loaded."""

    async def close(self) -> None:
        """Wait for the threads to end."""
        await asyncio.to_thread(self._threads.shutdown)

    def info(self) -> EngineInfo:
        """Return the engine's own information."""
        return self._engine.info

    async def voices(self) -> list[Voice]:
        """Return the engine's voices."""
        return await self._in_thread(self._engine.voices)

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence; see `EngineHost.speak`."""
        try:
            speech = await self._in_thread(
                lambda: iter(self._engine.synthesize(text, voice, options))
            )
        except Exception as error:
            raise self._translated(error) from error
        try:
            while (piece := await self._next(speech)) is not None:
                emit(piece)
        finally:
            await self._in_thread(lambda: _close(speech))

    async def _next(self, speech: Iterator[Speech]) -> Speech | None:
        try:
            return await self._in_thread(lambda: next(speech, None))
        except Exception as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> RhapsodeError:
        """Turn whatever an engine raised into an error of this package.

        Engines are other people's code: what breaks in one costs a sentence, not the story.
        """
        if isinstance(error, RhapsodeError):
            return error
        _log.error("engine %s failed", self._engine.name, exc_info=error)
        return SynthesisError(f"{self._engine.info.label} failed: {error!r}")

    async def _in_thread(self, call: Callable[[], _Result]) -> _Result:
        """Run a blocking call. When cancelled, wait for it first: a thread cannot be stopped.

        Leaving at once would hand the engine to the next speaker while this one is still in it.
        """
        step = asyncio.get_running_loop().run_in_executor(self._threads, call)
        try:
            return await asyncio.shield(step)
        except asyncio.CancelledError:
            await settle(step)
            raise


def _close(speech: Iterator[Speech]) -> None:
    """Stop a generator; a plain iterator has nothing to stop."""
    close = getattr(speech, "close", None)
    if close is not None:
        close()
