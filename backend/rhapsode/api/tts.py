"""How you want to hear stories: the settings of speech."""

import contextlib
import json
from collections.abc import Generator
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)

from rhapsode.accounts.records import FavoriteVoice, TtsSettings
from rhapsode.accounts.voices import voice_choice
from rhapsode.address import normalize_base_url
from rhapsode.api.deps import CurrentUser, PartsOfApp
from rhapsode.api.own_voices import refuse_foreign_voice
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.errors import InvalidInputError

router = APIRouter(prefix="/api/tts", tags=["speech"], responses=problems(401, 422))

MAX_EXTRA_PARAMS = 20
MAX_EXTRA_CHARS = 4096
OWN_PARAMS = ("input", "voice", "speed")
"""What a request for speech is made of: set elsewhere, so not by extra parameters."""

FORMATS = ("pcm", "wav", "mp3", "opus", "flac", "aac")

_SETTING_NAMES = {
    "engine": "tts_provider_type",
    "voice": "default_voice",
    "speed": "speech_speed",
    "server": "tts_api_url",
    "base_url": "tts_api_url",
}
"""What the parts of a voice choice are called in the settings."""


def _check_text(text: str) -> str:
    """Refuse what a JSON column would keep and no answer could give back."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("has halves of characters")
    return text


def _check_extra_params(params: dict[str, JsonValue]) -> dict[str, JsonValue]:
    written = _check_text(json.dumps(params, ensure_ascii=False, allow_nan=False))
    if len(params) > MAX_EXTRA_PARAMS or len(written) > MAX_EXTRA_CHARS:
        raise ValueError(
            f"may have at most {MAX_EXTRA_PARAMS} parameters in {MAX_EXTRA_CHARS} characters"
        )
    if own := [name for name in OWN_PARAMS if name in params]:
        raise ValueError(f"cannot hold {own[0]!r}, which has a setting of its own")
    if not isinstance(params.get("model", ""), str):
        raise ValueError("needs a name as 'model'")
    if params.get("response_format", FORMATS[0]) not in FORMATS:
        raise ValueError(f"takes as 'response_format' one of {', '.join(FORMATS)}")
    return params


def _check_key(key: str) -> str:
    if not (key.isascii() and key.isprintable()):
        raise ValueError("has characters that no key can have; copy it again")
    return key


Speed = Annotated[
    float, Field(ge=0.25, le=4.0, description="Pace relative to the voice's own, 0.25 to 4.0.")
]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
ApiKey = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=1000),
    AfterValidator(_check_key),
]
TimeoutS = Annotated[int, Field(ge=5, le=120, description="Seconds to wait for the server.")]
ExtraParams = Annotated[
    dict[str, JsonValue],
    AfterValidator(_check_extra_params),
    Field(description="Sent with every request: `model`, `response_format`, or whatever it takes."),
]


class FavoriteVoiceBody(BaseModel):
    """A voice that you want to find again."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")

    engine: Annotated[str, AfterValidator(_check_text)] = Field(min_length=1, max_length=100)
    voice: Annotated[str, AfterValidator(_check_text)] = Field(min_length=1, max_length=200)


class TtsSettingsBody(BaseModel):
    """How you want to hear stories. The API key itself is never shown."""

    model_config = ConfigDict(from_attributes=True)

    tts_enabled: bool
    tts_provider_type: str = Field(description="The speech engine's name.")
    default_voice: str = Field(description="A voice of it; empty means the engine's default.")
    speech_speed: float
    realtime_tts_enabled: bool = Field(description="Narrate scenes while they are written.")
    min_sentence_length: int = Field(
        description="Characters that a piece needs before it is spoken by itself."
    )
    auto_play_last_scene: bool = Field(
        description="Narrate new scenes, and play them, once they are written."
    )
    chunk_size: int = Field(description="The most characters that an engine is given at once.")
    exaggeration: float = Field(description="How much feeling.")
    cfg_weight: float = Field(description="How closely the voice's own pace is kept.")
    temperature: float = Field(description="How much chance there is in the delivery.")
    tts_api_url: str | None = Field(description="Address of your own speech server.")
    has_api_key: bool
    tts_timeout: int
    tts_extra_params: dict[str, JsonValue]
    favorite_voices: list[FavoriteVoiceBody]


class TtsSettingsChanges(BaseModel):
    """Changes of the settings; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    tts_enabled: bool = True
    tts_provider_type: str = ""
    default_voice: str = Field(default="", max_length=200)
    speech_speed: Speed = 1.0
    realtime_tts_enabled: bool = Field(
        default=False,
        validation_alias=AliasChoices("realtime_tts_enabled", "realtime_tts"),
        description="Also accepted as `realtime_tts`.",
    )
    min_sentence_length: int = Field(default=20, ge=1, le=200)
    auto_play_last_scene: bool = False
    chunk_size: int = Field(default=280, ge=100, le=500)
    exaggeration: float = Field(default=0.5, ge=0.25, le=2.0)
    cfg_weight: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=0.8, ge=0.05, le=5)
    tts_api_url: Address | None = None
    tts_api_key: ApiKey | None = Field(
        default=None,
        description="Null or empty removes it. It is also removed when `tts_api_url` changes "
        "without it: a key is never sent to another server than the one it was entered for.",
    )
    tts_timeout: TimeoutS = 30
    tts_extra_params: ExtraParams = {}
    favorite_voices: list[FavoriteVoiceBody] = Field(default=[], max_length=200)


@router.get("/settings")
def get_tts_settings(user: CurrentUser, parts: PartsOfApp) -> TtsSettingsBody:
    """Read how you want to hear stories."""
    return TtsSettingsBody.model_validate(parts.preferences.tts(user.id))


@router.put("/settings", responses=problems(503))
async def update_tts_settings(
    changes: TtsSettingsChanges, user: CurrentUser, parts: PartsOfApp
) -> TtsSettingsBody:
    """Change how you want to hear stories. An engine or voice that does not exist is refused."""
    after = None
    while after is None:
        after = await _change(changes, user.id, parts)
    return TtsSettingsBody.model_validate(after)


async def _change(changes: TtsSettingsChanges, user_id: int, parts: Parts) -> TtsSettings | None:
    """Change what is set; None when it was changed meanwhile, and so was not what was checked."""
    before = await parts.db.run(lambda: parts.preferences.tts(user_id))
    after = apply_changes(before, changes.model_dump(exclude_unset=True))
    with in_setting_names():
        await _check(before, after, user_id, parts)
    saved = await parts.db.run(
        lambda: parts.preferences.save_tts(user_id, after, instead_of=before)
    )
    return after if saved else None


def apply_changes(before: TtsSettings, changes: dict[str, Any]) -> TtsSettings:
    """Return the settings with changes; a key stays with the address it was entered for.

    Raises:
        InvalidInputError: The address of the speech server can be none.
    """
    if changes.get("tts_api_url"):
        with in_setting_names():
            changes["tts_api_url"] = normalize_base_url(changes["tts_api_url"])
    if "tts_api_url" in changes and (changes["tts_api_url"] or None) != before.tts_api_url:
        changes.setdefault("tts_api_key", None)
    for name in ("tts_api_url", "tts_api_key"):
        if name in changes:
            changes[name] = changes[name] or None
    if "favorite_voices" in changes:
        favorites = [FavoriteVoice(**voice) for voice in changes["favorite_voices"]]
        changes["favorite_voices"] = tuple(dict.fromkeys(favorites))
    return replace(before, **changes)


@contextlib.contextmanager
def in_setting_names() -> Generator[None]:
    """Let errors name fields of the settings, where they name parts of a voice choice."""
    try:
        yield
    except InvalidInputError as error:
        error.param = _SETTING_NAMES.get(error.param or "", error.param)
        raise


async def _check(before: TtsSettings, after: TtsSettings, user_id: int, parts: Parts) -> None:
    """Refuse a choice that cannot be spoken, unless it was made before: an engine can go away.

    A speech server is not asked: it need not run while somebody changes settings.
    """
    if after.tts_api_url and after.tts_api_url != before.tts_api_url:
        await parts.network.check(after.tts_api_url)
    wanted = voice_choice(after)
    if wanted.server is None and wanted != voice_choice(before):
        await refuse_foreign_voice(wanted, user_id, parts)
        await parts.synthesizer.check(wanted)
