"""Settings: what the operator can set, by `RHAPSODE_*` environment variables.

Read by `cli` and `app` only; everything else is given plain values.
"""

import ipaddress
import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parents[2]


def _default_data_dir() -> Path:
    """Return the folder for user data that the XDG base directory specification names."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "rhapsode"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """The operator's choices. Every default works on a laptop with no services."""

    model_config = SettingsConfigDict(env_prefix="RHAPSODE_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=9876, ge=0, le=65535)
    data_dir: Path = Field(default_factory=_default_data_dir)
    auth: Literal["single", "accounts"] | None = None
    """None means: `single` on a loopback address, `accounts` elsewhere."""

    registration: Literal["open", "closed"] = "open"
    """Whether strangers may make an account; the first account always may be made."""

    secret_keys: SecretStr | None = None
    """Comma-separated Fernet keys that seal stored API keys, the newest first; None: a key file."""

    metrics_token: SecretStr | None = None
    """What a collector of metrics must show; None: only administrators may read them."""

    database_url: str | None = None
    """SQLAlchemy URL; None means SQLite in `data_dir`."""

    allowed_origins: list[str] = []
    """Origins of pages served elsewhere that may talk to this server: `https://stories.example`."""

    allowed_hosts: list[str] = []
    """Host names (without port) this server is reached by, besides its own address."""

    allowed_servers: list[str] = []
    """`host` or `host:port` of model and speech servers that users may name although they stand in
    a private network. Only `accounts` mode needs it."""

    frontend_dir: Path = REPOSITORY / "frontend" / "dist"
    migrations_dir: Path = REPOSITORY / "migrations"

    ticket_ttl_s: float = 30.0
    grace_s: float = 60.0
    """How long a session goes on when nobody is connected."""

    retention_s: float = 900.0
    """How long an ended session can still be replayed."""

    journal_bytes: int = 64 * 1024 * 1024
    max_ahead_s: float = 600.0
    """How far speech may be generated ahead of the listener."""

    audio_bytes: int = Field(default=2 * 1024**3, ge=0)
    """How much narrated sound is kept, in bytes; beyond that, what was not heard for longest goes
    and is made again when somebody wants it."""

    narration_retry_s: float = Field(default=2.0, ge=0)
    """Pause after a narration has failed for the first time; it grows with each failure."""

    chatterbox_python: Path = REPOSITORY / ".venv-chatterbox" / "bin" / "python"
    """The interpreter of Chatterbox's environment; `make chatterbox` makes it."""

    chatterbox_dir: Path | None = None
    """Holds Chatterbox's weights, in upstream's names; None means Hugging Face's cache."""

    chatterbox_device: Literal["auto", "cuda", "mps", "cpu"] = "auto"
    chatterbox_precision: Literal["auto", "bfloat16", "float32"] = "auto"
    """What Chatterbox's largest networks compute in; `auto` is bfloat16 where that is fast."""

    chatterbox_slots: int = Field(default=0, ge=0, le=64)
    """Sentences that Chatterbox writes at once; 0 means what half of the free GPU memory holds."""

    chatterbox_flow: Literal["window", "cached"] = "window"
    """How Chatterbox streams: `cached` is cheaper, and what it sounds like is not known."""

    chatterbox_watermark: bool = True
    """Whether Chatterbox's sound carries PerTh's inaudible mark."""

    chatterbox_idle_s: float = Field(default=600.0, gt=0)
    """After so long without a sentence, Chatterbox frees its memory."""

    espeak_workers: int = Field(default=2, ge=1, le=16)
    llm_first_token_timeout_s: float = 120.0
    llm_token_timeout_s: float = 60.0

    @property
    def resolved_auth(self) -> Literal["single", "accounts"]:
        """The account mode in force."""
        return self.auth or ("single" if is_loopback(self.host) else "accounts")

    @property
    def resolved_database_url(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.data_dir / 'rhapsode.db'}"

    @model_validator(mode="after")
    def _refuse_open_single(self) -> Self:
        if self.auth == "single" and not is_loopback(self.host):
            raise ValueError(
                f"RHAPSODE_AUTH=single lets everybody in who can reach {self.host}. "
                "Bind to 127.0.0.1, or set RHAPSODE_AUTH=accounts."
            )
        return self
