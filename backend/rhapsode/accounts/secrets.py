"""SecretBox: seals API keys, so that a copy of the database is worth nothing by itself."""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from rhapsode.errors import ConfigurationError

KEY_FILE = "secret.key"


class SecretBox:
    """Seals with the first key, opens with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys, the newest first.

        Raises:
            ConfigurationError: There is none, or one is no Fernet key.
        """
        if not keys:
            raise ConfigurationError("At least one secret key is needed.")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise ConfigurationError(
                "A secret key is 32 random bytes in URL-safe base64; make one with "
                "`openssl rand -base64 32 | tr '+/' '-_'`."
            ) from error

    def seal(self, secret: str) -> str:
        """Return `secret` encrypted."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            ConfigurationError: It was sealed with a key that is gone.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ConfigurationError(
                "A stored API key was sealed with a secret key that is gone. Bring the key back "
                f"({KEY_FILE} or RHAPSODE_SECRET_KEYS), or enter the API key again."
            ) from error


def load_secret_box(data_dir: Path, configured_keys: str | None) -> SecretBox:
    """Open the box with the operator's keys, or with a key file that is made on first use.

    Args:
        data_dir: Where the key file lies.
        configured_keys: Comma-separated keys, the newest first; None to use the key file.

    Raises:
        ConfigurationError: A key is no Fernet key.
    """
    if configured_keys:
        return SecretBox([key.strip() for key in configured_keys.split(",") if key.strip()])
    return SecretBox([_key_from_file(data_dir / KEY_FILE)])


def _key_from_file(path: Path) -> str:
    if not path.exists():
        _create_key_file(path)
    return path.read_text(encoding="ascii").strip()


def _create_key_file(path: Path) -> None:
    # Written whole under another name, then linked: a second process that starts at the same
    # moment reads a complete key, and the first link wins for both.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
