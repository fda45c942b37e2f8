"""Synthesizer: the one door to every engine. Processes, turns and sample rates end here."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

from rhapsode.errors import (
    EngineUnavailableError,
    InvalidInputError,
    UnknownEngineError,
    UnknownVoiceError,
)
from rhapsode.tts.engine import (
    EngineInfo,
    RemoteServer,
    Speech,
    Voice,
    VoiceChoice,
    deleted_voice,
)
from rhapsode.tts.host import EngineHost, PrivateVoices, RemoteHost
from rhapsode.tts.lanes import Lanes
from rhapsode.tts.pace import Pace
from rhapsode.tts.speaking import Effort, Turn
from rhapsode.tts.turns import Priority

UNKNOWN_LANGUAGE = "und"

_log = logging.getLogger(__name__)


class Synthesizer:
    """Speaks sentences with any engine, never letting background work delay live speech.

    An async context manager: entering starts the engines, leaving stops them. An engine that cannot
    start does not keep the others from starting.
    """

    def __init__(
        self, hosts: Mapping[str, EngineHost], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Take the hosts by engine name, and a clock that counts seconds."""
        self._hosts = hosts
        self._clock = clock
        self._lanes = Lanes()

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(self._start(name, host) for name, host in self._hosts.items()))
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(host.close() for host in self._hosts.values()))

    async def engines(self) -> list[EngineInfo]:
        """Return every engine, also those that are not available, with the reason."""
        return [host.info() for host in self._hosts.values()]

    async def voices(self, engine: str, server: RemoteServer | None = None) -> list[Voice]:
        """Return an engine's voices, the featured ones first.

        Args:
            engine: Its name.
            server: Where it is, for an engine that needs a server.

        Raises:
            UnknownEngineError: There is no such engine.
            InvalidInputError: It needs a server, and none is named.
            SynthesisError: The engine cannot be loaded, or its server does not answer.
        """
        return await self._ready_host(engine, server).voices()

    async def check(self, choice: VoiceChoice) -> VoiceChoice:
        """Return a choice that can be spoken: an empty voice becomes the engine's default.

        Raises:
            UnknownEngineError: There is no such engine.
            UnknownVoiceError: The engine has no such voice.
            InvalidInputError: The engine cannot speak at that speed, or needs a server.
            SynthesisError: The engine cannot be loaded, or its server does not answer.
        """
        host = self._ready_host(choice.engine, choice.server)
        info = host.info()
        if not info.min_speed <= choice.options.speed <= info.max_speed:
            raise InvalidInputError(
                f"{info.label} speaks at speeds from {info.min_speed:g} to {info.max_speed:g}.",
                param="speed",
            )
        return replace(choice, voice=await _find_voice(choice.voice, host))

    async def language(self, choice: VoiceChoice) -> str:
        """Return the BCP 47 tag of what a voice reads; `und` where nobody knows.

        Nobody knows what the voices of a user's own server read; it is not asked.

        Args:
            choice: An empty voice means the engine's default.

        Raises:
            InvalidInputError: There is no such engine, or it needs a server.
            SynthesisError: The engine cannot be loaded.
        """
        host = self._ready_host(choice.engine, choice.server)
        if host.info().needs_server:
            return UNKNOWN_LANGUAGE
        voices = await host.voices()
        wanted = choice.voice or host.info().default_voice or voices[0].id
        for voice in voices:
            if voice.id == wanted:
                return voice.language
        known = isinstance(host, PrivateVoices) and await host.language_of(wanted)
        return known or UNKNOWN_LANGUAGE

    async def speak(
        self, text: str, choice: VoiceChoice, priority: Priority, emit: Callable[[Speech], None]
    ) -> Effort:
        """Speak one sentence, emitting each piece as soon as it exists; return what it took.

        Sound is at `SAMPLE_RATE`, and word times count its samples. A word's time may come before
        or after its sound. Cancelling stops the engine before its turn is given on.

        Args:
            text: One sentence, speakable (no markup), not empty.
            choice: Who speaks, and how.
            priority: Who goes first when engines are busy.
            emit: Must not wait: whoever waits here holds an engine that others need.

        Raises:
            InvalidInputError: The choice cannot be spoken; see `check`.
            SynthesisError: The sentence could not be spoken, or not to its end.
        """
        async with self.turn(choice, priority) as turn:
            return await turn.speak(text, emit)

    @asynccontextmanager
    async def turn(self, choice: VoiceChoice, priority: Priority) -> AsyncGenerator[Turn]:
        """Wait until the engine is free, and hold it for one sentence.

        Whoever does not know yet what to say when they begin to wait, says it when their turn
        comes.

        Args:
            choice: Who speaks, and how.
            priority: Who goes first when engines are busy.

        Raises:
            InvalidInputError: The choice cannot be spoken; see `check`.
            SynthesisError: The engine cannot be loaded, or its server does not answer.
        """
        choice = await self.check(choice)
        host = self._ready_host(choice.engine, choice.server)
        lane = self._lanes.of(choice.engine, choice.server)
        asked_at_s = self._clock()
        async with lane.turns_of(host).take(priority):
            waited_s = self._clock() - asked_at_s
            yield Turn(host, lane, choice, priority, waited_s, self._clock)

    def pace(self, choice: VoiceChoice) -> Pace:
        """Return how fast a voice has been lately.

        Counted from its turn: what waits for one is mostly the look-ahead of the same narration,
        which costs its listener nothing.

        Raises:
            UnknownEngineError: There is no such engine.
        """
        self._host(choice.engine)
        return self._lanes.of(choice.engine, choice.server).paces.of(choice.voice)

    def concurrency(self, engine: str) -> int:
        """Return how many sentences an engine can speak at once.

        Raises:
            UnknownEngineError: There is no such engine.
        """
        return self._host(engine).concurrency

    async def _start(self, name: str, host: EngineHost) -> None:
        try:
            await host.start()
        except EngineUnavailableError as error:
            _log.warning("engine %s is not available: %s", name, error.message)

    def _host(self, engine: str) -> EngineHost:
        host = self._hosts.get(engine)
        if host is None:
            allowed = list(self._hosts)
            raise UnknownEngineError(
                f"There is no speech engine {engine!r}.", param="engine", allowed=allowed
            )
        return host

    def _ready_host(self, engine: str, server: RemoteServer | None) -> EngineHost:
        """Return the host that speaks, at the user's server where the engine needs one."""
        host = self._host(engine)
        if not host.info().needs_server:
            return host
        assert isinstance(host, RemoteHost)
        if server is None:
            raise InvalidInputError("Enter the speech server's address first.", param="server")
        return host.at(server)


async def _find_voice(wanted: str, host: EngineHost) -> str:
    """Return the voice that is wanted, or the engine's own.

    Raises:
        UnknownVoiceError: The engine has no such voice.
        SynthesisError: The engine cannot be loaded, or its server does not answer.
    """
    info = host.info()
    if wanted and info.needs_server:
        return wanted  # Such servers list some of their voices or none; they refuse by themselves.
    known = [voice.id for voice in await host.voices()]
    voice = wanted or info.default_voice or known[0]
    if voice in known:
        return voice
    if isinstance(host, PrivateVoices) and host.is_private(voice):
        if await host.language_of(voice):
            return voice
        raise deleted_voice(known)
    raise UnknownVoiceError(f"{info.label} has no voice {voice!r}.", param="voice", allowed=known)
