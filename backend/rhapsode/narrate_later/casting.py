"""Casting: who reads a scene, from what its owner has set, and whether they still can."""

import hashlib
import json
from dataclasses import replace

from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.records import TtsSettings
from rhapsode.accounts.voices import voice_choice
from rhapsode.database import Database
from rhapsode.errors import InvalidInputError, SynthesisError
from rhapsode.narrate_later.records import Delivery, Narration, voice_parameters
from rhapsode.text.speakable import Diction
from rhapsode.text.speakable.pronunciations import NO_PRONUNCIATIONS, Pronunciations
from rhapsode.tts.engine import EngineInfo, RemoteServer, SpeechOptions, VoiceChoice
from rhapsode.tts.synthesizer import UNKNOWN_LANGUAGE, Synthesizer


class Casting:
    """Chooses readers."""

    def __init__(
        self, db: Database, preferences: SettingsRepository, synthesizer: Synthesizer
    ) -> None:
        self._db = db
        self._preferences = preferences
        self._synthesizer = synthesizer

    async def check(self, settings: TtsSettings) -> None:
        """Make sure that a user's voice can be spoken with now.

        Raises:
            InvalidInputError: There is no such engine or voice.
            SynthesisError: The engine cannot be used.
        """
        await self._synthesizer.check(voice_choice(settings))

    async def delivery(
        self, settings: TtsSettings, pronunciations: Pronunciations = NO_PRONUNCIATIONS
    ) -> Delivery:
        """Return how a user wants a scene to be read, whether or not that is possible now."""
        choice = voice_choice(settings)
        info = await self._info(choice.engine)
        language = await self._language(choice)
        return Delivery(
            choice=_named(choice, info),
            engine_version=_version(info, choice.server),
            min_sentence_length=settings.min_sentence_length,
            chunk_size=settings.chunk_size,
            diction=Diction(language, pronunciations),
        )

    async def reader(self, narration: Narration) -> VoiceChoice:
        """Return who speaks a narration, with the speech server that they need, if any.

        Raises:
            InvalidInputError: The engine or the voice is not there any more, or the owner has
                another speech server by now.
            SynthesisError: The engine cannot be used.
        """
        server = await self._server_of(narration)
        return await self._synthesizer.check(replace(narration.delivery.choice, server=server))

    async def _server_of(self, narration: Narration) -> RemoteServer | None:
        """Return a narration's server; it and its key are kept in the owner's settings only."""
        delivery = narration.delivery
        info = await self._info(delivery.choice.engine)
        if info is None or not info.needs_server:
            return None
        settings = await self._db.run(lambda: self._preferences.tts(narration.user_id))
        server = voice_choice(settings).server
        if server is None or _version(info, server) != delivery.engine_version:
            raise InvalidInputError(
                "Your speech server is another one by now. Narrate the scene again."
            )
        return server

    async def _language(self, choice: VoiceChoice) -> str:
        try:
            return await self._synthesizer.language(choice)
        except (InvalidInputError, SynthesisError):
            # Whoever makes the narration finds out that the voice is not there, and says so.
            return UNKNOWN_LANGUAGE

    async def _info(self, engine: str) -> EngineInfo | None:
        infos = {info.name: info for info in await self._synthesizer.engines()}
        return infos.get(engine)


def _named(choice: VoiceChoice, info: EngineInfo | None) -> VoiceChoice:
    """Name the voice, and forget what makes no difference to the sound."""
    followed = voice_parameters(choice.options, info.parameters if info else None)
    voice = choice.voice or (info.default_voice if info else "")
    return VoiceChoice(choice.engine, voice, SpeechOptions(**followed))


def _version(info: EngineInfo | None, server: RemoteServer | None) -> str:
    """Return what tells an engine from its earlier versions, and one server from another."""
    if info is None:
        return ""
    if server is None:
        return info.version
    identity = json.dumps([server.base_url, dict(server.extra_params)], sort_keys=True)
    return f"{info.version}@{hashlib.sha256(identity.encode()).hexdigest()}"
