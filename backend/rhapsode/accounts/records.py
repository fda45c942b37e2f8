"""Users, logins and settings as the rest of the product sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LlmProvider = Literal["builtin", "openai"]
"""`builtin` is the storyteller without AI, `openai` any server that speaks OpenAI's protocol."""


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    id: int
    username: str
    is_admin: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and the hash that their password must match."""

    user: User
    password_hash: str


@dataclass(frozen=True, slots=True)
class TtsSettings:
    """How a user wants to hear stories."""

    tts_enabled: bool = True
    tts_provider_type: str = "espeak"
    """The engine's name."""

    default_voice: str = ""
    """A voice of that engine; empty means the engine's own default."""

    speech_speed: float = 1.0
    """Pace relative to the voice's own, 0.25 to 4.0."""

    realtime_tts_enabled: bool = False
    """Whether scenes are narrated while they are written."""

    min_sentence_length: int = 20
    """Characters that a piece needs before it is spoken by itself, 1 to 200."""


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Who writes a user's stories."""

    provider: LlmProvider = "builtin"
    base_url: str | None = None
    model: str | None = None
    api_key: str | None = None
    """In clear: never log it, never return it."""

    max_tokens: int = 1500
    """Where a scene is cut off, in tokens, 50 to 8000."""

    temperature: float = 0.8
    """0 to 2."""

    def __repr__(self) -> str:
        key = "set" if self.api_key else "none"
        return f"LlmSettings({self.provider}, {self.base_url}, {self.model}, api_key: {key})"
