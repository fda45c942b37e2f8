"""`rhapsode tell` and `rhapsode speak`: the river with a terminal and a file at its end."""

import asyncio
import math
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from rhapsode.assembly import chatterbox_options
from rhapsode.audio.encode import write_audio
from rhapsode.cli.configuration import load_settings
from rhapsode.cli.recording import Recording
from rhapsode.errors import InvalidInputError, RhapsodeError
from rhapsode.llm.client import OpenAIWriter, list_models
from rhapsode.llm.prompt import ScenePrompt
from rhapsode.llm.storyteller import Storyteller
from rhapsode.llm.writer import Writer
from rhapsode.narration.listener import Listener
from rhapsode.narration.pipeline import narrate
from rhapsode.narration.plan import SpeechPlan
from rhapsode.network import OWN_MACHINE
from rhapsode.settings import Settings
from rhapsode.text.speakable import Diction
from rhapsode.tts.engine import SpeechOptions, VoiceChoice
from rhapsode.tts.registry import build_hosts
from rhapsode.tts.synthesizer import Synthesizer

READING_TOKENS_PER_S = 40.0
"""Pace of the built-in storyteller where somebody reads along: quick, but still to be followed."""

SHOWN_VALUES = 12
"""How many allowed values an error lists."""


@dataclass(frozen=True, slots=True)
class VoiceRequest:
    """Who shall speak, as typed."""

    engine: str
    voice: str
    speed: float

    @property
    def choice(self) -> VoiceChoice:
        """The same in the words of the engines; not checked yet."""
        return VoiceChoice(self.engine, self.voice, SpeechOptions(speed=self.speed))


@dataclass(frozen=True, slots=True)
class WriterRequest:
    """Who shall write, as typed. Without an address it is the built-in storyteller."""

    llm_url: str | None
    model: str | None
    api_key: str | None


@dataclass(frozen=True, slots=True)
class SceneRequest:
    """What shall be written, as typed."""

    prompt: str
    premise: str
    seed: int | None


def tell_scene(
    scene: SceneRequest, writer: WriterRequest, voice: VoiceRequest, out: Path | None, quiet: bool
) -> None:
    """Write a scene, show it as it comes, and read it into `out` (None: text only).

    What was written and spoken before a failure or Ctrl+C is kept.

    Raises:
        click.UsageError: Something that was typed cannot be.
        click.ClickException: The text could not be written to its end, or not be spoken.
    """
    _run(_tell(scene, writer, voice, out, Recording(show_text=True, quiet=quiet)))


def speak_text(text: str, voice: VoiceRequest, out: Path, quiet: bool) -> None:
    """Read `text` into `out`.

    Raises:
        click.UsageError: Something that was typed cannot be.
        click.ClickException: The text could not be spoken.
    """
    if not text.strip():
        raise click.UsageError("There is nothing to say: TEXT is empty.")
    _run(_speak(text, voice, out, Recording(show_text=False, quiet=quiet)))


def _run(command: Coroutine[None, None, None]) -> None:
    try:
        asyncio.run(command)
    except InvalidInputError as error:
        raise click.UsageError(_with_allowed(error)) from error
    except RhapsodeError as error:
        raise click.ClickException(error.message) from error


def _with_allowed(error: InvalidInputError) -> str:
    allowed = error.allowed or []
    if not allowed or all(value in error.message for value in allowed):
        return error.message
    rest = len(allowed) - SHOWN_VALUES
    more = f" and {rest} more" if rest > 0 else ""
    return f"{error.message}\nAllowed: {', '.join(allowed[:SHOWN_VALUES])}{more}"


async def _tell(
    scene: SceneRequest,
    request: WriterRequest,
    voice: VoiceRequest,
    out: Path | None,
    recording: Recording,
) -> None:
    settings = load_settings()
    if out:
        _check_out(out)
    writer = await _choose_writer(request, settings)
    async with aclosing(writer.write(_prompt(scene))) as deltas:
        if out:
            await _record(deltas, voice, out, recording, settings)
        else:
            try:
                await narrate(deltas, None, recording.emit)
            finally:
                recording.end()
            recording.say("No sound was made. To hear it, name a file: --out scene.wav")
    recording.say(f"Written by: {writer.label}")


async def _speak(text: str, voice: VoiceRequest, out: Path, recording: Recording) -> None:
    _check_out(out)
    await _record(_whole(text), voice, out, recording, load_settings())


async def _record(
    deltas: AsyncGenerator[str, None],
    voice: VoiceRequest,
    out: Path,
    recording: Recording,
    settings: Settings,
) -> None:
    hosts = build_hosts(settings.espeak_workers, OWN_MACHINE, chatterbox_options(settings))
    async with Synthesizer(hosts) as synthesizer:
        # Nobody is listening who could be kept waiting, so nothing has to be cut short.
        listener = Listener()
        listener.hear(0)
        choice = await synthesizer.check(voice.choice)
        plan = SpeechPlan(
            synthesizer,
            choice,
            diction=Diction(await synthesizer.language(choice)),
            listener=listener,
            max_ahead_s=math.inf,
        )
        try:
            await narrate(deltas, plan, recording.emit)
        finally:
            recording.end()
            recording.save(out)
    _report(out, recording)


def _report(out: Path, recording: Recording) -> None:
    if recording.failures:
        first = recording.failures[0].message
        recording.say(f"{len(recording.failures)} sentences could not be spoken: {first}")
    if not recording.duration_s:
        raise click.ClickException(f"Nothing could be spoken, so {out} was not written.")
    recording.say(f"{out}: {recording.summary()}")


async def _choose_writer(request: WriterRequest, settings: Settings) -> Writer:
    if request.llm_url is None:
        if request.model:
            raise click.UsageError("--model needs --llm-url, the server that has it.")
        # Into a file or a pipe nobody reads along.
        return Storyteller(READING_TOKENS_PER_S if sys.stdout.isatty() else None)
    return OpenAIWriter(
        request.llm_url,
        request.api_key,
        request.model or await _only_model(request.llm_url, request.api_key),
        network=OWN_MACHINE,
        first_token_timeout_s=settings.llm_first_token_timeout_s,
        token_timeout_s=settings.llm_token_timeout_s,
    )


async def _only_model(base_url: str, api_key: str | None) -> str:
    models = await list_models(base_url, api_key, OWN_MACHINE)
    if len(models) == 1:
        return models[0]
    if not models:
        raise click.UsageError(f"{base_url} has no models. Load one there first.")
    message = f"{base_url} has several models: choose one with --model."
    raise InvalidInputError(message, param="model", allowed=models)


def _prompt(scene: SceneRequest) -> ScenePrompt:
    return ScenePrompt(
        title="",
        premise=scene.premise,
        genre="",
        style="",
        earlier=(),
        instruction=scene.prompt,
        scene_number=1,
        seed=secrets.randbits(32) if scene.seed is None else scene.seed,
    )


def _check_out(out: Path) -> None:
    """Refuse a file that could not be written in the end, before anything is told for it."""
    with tempfile.TemporaryDirectory() as folder:
        write_audio(Path(folder) / out.name, np.zeros(0, np.int16))
    if not os.access(out.parent, os.W_OK):
        raise InvalidInputError(f"{out.parent} is no folder that this user can write to.")


async def _whole(text: str) -> AsyncGenerator[str, None]:
    yield text
