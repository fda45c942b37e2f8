"""Access tokens: `prefix.secret`. The prefix finds the row, the secret proves the owner."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

_PREFIX_BYTES = 9
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token in clear, as only its owner holds it."""

    prefix: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.prefix}.{self.secret}"

    @property
    def secret_hash(self) -> str:
        """What is stored. A plain SHA-256 is enough: nobody can guess 256 random bits."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def matches(self, secret_hash: str) -> bool:
        """Tell, in constant time, whether `secret_hash` was made from this token."""
        return hmac.compare_digest(self.secret_hash, secret_hash)


def mint_token() -> AccessToken:
    """Return a new random token."""
    return AccessToken(secrets.token_urlsafe(_PREFIX_BYTES), secrets.token_urlsafe(_SECRET_BYTES))


def parse_token(text: str) -> AccessToken | None:
    """Read a token as a client sent it; None when it cannot be one."""
    prefix, dot, secret = text.partition(".")
    return AccessToken(prefix, secret) if prefix and dot and secret else None
