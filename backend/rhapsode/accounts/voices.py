"""voice_choice(): what a user has set, as the speech engines take it."""

from rhapsode.accounts.records import TtsSettings
from rhapsode.tts.engine import RemoteServer, SpeechOptions, VoiceChoice

REMOTE_ENGINE = "openai"
"""The engine that is a server of its user."""


def voice_choice(settings: TtsSettings) -> VoiceChoice:
    """Return who speaks for a user, and how."""
    return VoiceChoice(
        settings.tts_provider_type,
        settings.default_voice,
        SpeechOptions(
            speed=settings.speech_speed,
            exaggeration=settings.exaggeration,
            cfg_weight=settings.cfg_weight,
            temperature=settings.temperature,
        ),
        speech_server(settings) if settings.tts_provider_type == REMOTE_ENGINE else None,
    )


def speech_server(settings: TtsSettings) -> RemoteServer | None:
    """Return the user's own speech server; None when no address is set."""
    if not settings.tts_api_url:
        return None
    return RemoteServer(
        settings.tts_api_url,
        settings.tts_api_key,
        float(settings.tts_timeout),
        settings.tts_extra_params,
    )
