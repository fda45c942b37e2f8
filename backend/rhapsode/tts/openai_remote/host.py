"""OpenAIHost: sentences spoken by any server that knows OpenAI's `/audio/speech`."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from typing import assert_never

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.errors import EngineUnavailableError, NoSpeechError, SpeechRefusedError
from rhapsode.network import Network
from rhapsode.tts.engine import EngineInfo, RemoteServer, SpeechOptions, Voice
from rhapsode.tts.host import Emit, EngineHost
from rhapsode.tts.openai_remote.decoding import Decoder, Sink
from rhapsode.tts.openai_remote.failures import silence
from rhapsode.tts.openai_remote.files import FileDecoder
from rhapsode.tts.openai_remote.formats import HEAD_BYTES, Declared, Kind, recognize
from rhapsode.tts.openai_remote.listing import list_voices
from rhapsode.tts.openai_remote.request import FORMATS, Answer, ask
from rhapsode.tts.openai_remote.samples import PcmDecoder, WavDecoder

CONCURRENCY = 4
"""Sentences that one user's server is given at once."""

DEFAULT_MODEL = "tts-1"
"""What servers with a single model take for it."""

PATIENCE = 4
"""A whole sentence may take this many times the patience with a single silence."""

_MAX_THREADS = 64
"""Compressed answers that are decoded at once, over all users; raw samples need no thread."""

_FORMAT_REFUSALS = frozenset({400, 406, 415, 422})
"""What servers answer that do not know a format, among other things."""

_MAX_REMEMBERED = 256

INFO = EngineInfo(
    name="openai",
    label="Speech server",
    description=(
        "A server of your own choice that speaks OpenAI's protocol, on this machine or elsewhere: "
        "Kokoro, Chatterbox, Speaches, OpenAI and many others."
    ),
    available=True,
    unavailable_reason=None,
    word_times=False,
    needs_server=True,
)


class OpenAIHost:
    """Knows no server by itself: `at` gives the host of a user's one."""

    sample_rate = SAMPLE_RATE
    concurrency = CONCURRENCY

    def __init__(self, network: Network) -> None:
        """Connect only where `network` allows it."""
        self._network = network
        self._threads = ThreadPoolExecutor(_MAX_THREADS, "tts-openai")
        self._formats = _KnownFormats()

    def at(self, server: RemoteServer) -> EngineHost:
        """Return the host of a user's server; see `RemoteHost.at`."""
        return ServerHost(server, self._network, self._threads, self._formats)

    async def start(self) -> None:
        """Do nothing: the servers run already."""

    async def close(self) -> None:
        """Wait for the threads to end."""
        await asyncio.to_thread(self._threads.shutdown)

    def info(self) -> EngineInfo:
        """Return what all such servers have in common."""
        return INFO

    async def voices(self) -> list[Voice]:
        """Raise `EngineUnavailableError`: without a server there are no voices."""
        raise _no_server()

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Raise `EngineUnavailableError`: without a server nobody speaks."""
        raise _no_server()


class ServerHost:
    """Speaks with one user's server. Holds no connection between two sentences."""

    sample_rate = SAMPLE_RATE
    concurrency = CONCURRENCY

    def __init__(
        self,
        server: RemoteServer,
        network: Network,
        threads: Executor,
        formats: "_KnownFormats",
    ) -> None:
        self._server = server
        self._network = network
        self._threads = threads
        self._formats = formats

    async def start(self) -> None:
        """Do nothing: the server runs already."""

    async def close(self) -> None:
        """Do nothing: nothing is held."""

    def info(self) -> EngineInfo:
        """Return what all such servers have in common."""
        return INFO

    async def voices(self) -> list[Voice]:
        """Return the server's voices, or the usual names, described as guesses.

        Raises:
            SpeechServerError: The server cannot be reached, or refuses the key.
        """
        try:
            async with asyncio.timeout(self._server.timeout_s):
                return await list_voices(self._network, self._server)
        except TimeoutError as error:
            raise silence(self._server) from error

    async def speak(self, text: str, voice: str, options: SpeechOptions, emit: Emit) -> None:
        """Speak one sentence; see `EngineHost.speak`. Cancelling closes the connection.

        Raises:
            SpeechServerError: One of its subclasses.
        """
        try:
            async with asyncio.timeout(self._server.timeout_s * PATIENCE):
                await self._speak(_body(text, voice, options, self._server), emit)
        except TimeoutError as error:
            raise silence(self._server) from error

    async def _speak(self, body: Mapping[str, object], emit: Emit) -> None:
        """Ask for the best format, and for the next one if the server does not know it."""
        formats = self._formats.to_try(self._server)
        for format in formats:
            try:
                request = {**body, "response_format": format}
                async with ask(self._network, self._server, request) as answer:
                    self._formats.remember(self._server, format)
                    await self._play(answer, emit)
                    return
            except SpeechRefusedError as error:
                if error.status not in _FORMAT_REFUSALS or format == formats[-1]:
                    raise

    async def _play(self, answer: Answer, emit: Emit) -> None:
        async with aclosing(answer.parts) as parts:
            head, kind = b"", None
            async for part in parts:
                head += part
                kind = recognize(head, complete=len(head) > HEAD_BYTES)
                if kind is not None:
                    break
            kind = kind or recognize(head, complete=True)
            decoder = self._decoder(
                kind, head, answer, lambda samples: emit(AudioChunk(samples, SAMPLE_RATE))
            )
            try:
                decoder.push(head)
                async for part in parts:
                    decoder.push(part)
                await decoder.finish()
            finally:
                await decoder.close()

    def _decoder(self, kind: Kind | None, head: bytes, answer: Answer, sink: Sink) -> Decoder:
        """Return what reads the answer.

        Raises:
            NoSpeechError: It is no sound, or sound that nobody can read.
        """
        match kind:
            case "pcm" if head and _is_plausible_pcm(answer):
                return PcmDecoder(answer.declared.sample_rate or SAMPLE_RATE, sink)
            case "wav":
                return WavDecoder(sink)
            case "mp3" | "aac" | "flac" | "ogg":
                return FileDecoder(kind, sink, self._threads)
            case "pcm" | "text" | "unknown" | None:
                raise NoSpeechError(_no_sound(kind, head, answer.declared, self._server))
            case _:
                assert_never(kind)


class _KnownFormats:
    """Which format each server takes, so that it is not asked for another one again and again."""

    def __init__(self) -> None:
        self._formats: dict[RemoteServer, str] = {}

    def to_try(self, server: RemoteServer) -> tuple[str, ...]:
        wanted = server.extra_params.get("response_format")
        if isinstance(wanted, str):
            return (wanted,)
        known = self._formats.get(server)
        return (known,) if known else FORMATS

    def remember(self, server: RemoteServer, format: str) -> None:
        self._formats[server] = format
        if len(self._formats) > _MAX_REMEMBERED:
            del self._formats[next(iter(self._formats))]


def _body(text: str, voice: str, options: SpeechOptions, server: RemoteServer) -> dict[str, object]:
    return {
        "model": DEFAULT_MODEL,
        **server.extra_params,
        "input": text,
        "voice": voice,
        "speed": options.speed,
    }


def _is_plausible_pcm(answer: Answer) -> bool:
    """Tell whether bytes without a mark are samples: played by mistake, other bytes are noise."""
    named = any(name in answer.declared.content_type for name in ("pcm", "l16", "raw"))
    return named or (answer.asked == "pcm" and answer.declared.may_be_pcm)


def _no_sound(kind: Kind | None, head: bytes, declared: Declared, server: RemoteServer) -> str:
    where = server.base_url
    if not head:
        return f"{where} answered without any sound."
    if kind == "text":
        what = "a web page" if b"<" in head[:64] else "text"
        return (
            f"{where} answered with {what} instead of sound. Is it the address of a speech server?"
        )
    if kind == "unknown":
        return f"{where} sent sound in a format that cannot be read. Ask it for wav or mp3."
    said = declared.content_type.partition(";")[0] or "nothing"
    return f"{where} announced {said}, and sent something else."


def _no_server() -> EngineUnavailableError:
    return EngineUnavailableError(
        "Enter the speech server's address first, under “Speech server” in the settings."
    )
