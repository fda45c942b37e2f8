"""Users, logins and settings as the rest of the product sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class FavoriteVoice:
    """A voice that somebody wants to find again."""

    engine: str
    voice: str


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

    auto_play_last_scene: bool = False
    """Whether new scenes are narrated, and played by themselves, once they are written."""

    chunk_size: int = 280
    """The most characters that an engine is given at once, 100 to 500."""

    exaggeration: float = 0.5
    """How much feeling, 0.25 to 2.0."""

    cfg_weight: float = 0.5
    """How closely the voice's own pace is kept, 0 to 1."""

    temperature: float = 0.8
    """How much chance there is in the delivery, 0.05 to 5."""

    tts_api_url: str | None = None
    """Base URL of the user's own speech server."""

    tts_api_key: str | None = field(default=None, repr=False)
    """In clear: never log it, never return it."""

    tts_timeout: int = 30
    """Patience with that server, 5 to 120 seconds."""

    tts_extra_params: Mapping[str, object] = field(default_factory=dict[str, object])
    """JSON that goes with every request to it, such as `model`."""

    favorite_voices: tuple[FavoriteVoice, ...] = ()

    @property
    def has_api_key(self) -> bool:
        """Whether there is a key for the speech server."""
        return self.tts_api_key is not None


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
