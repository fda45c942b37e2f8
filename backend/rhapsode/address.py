"""The addresses of OpenAI-compatible servers, for text or for speech, as people type them."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from rhapsode.errors import InvalidInputError

_ENDPOINT = re.compile(r"/(chat/completions|completions|models|audio/speech|audio/voices)/*$")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?", re.IGNORECASE)
_EXAMPLE = "An address looks like http://localhost:11434/v1 or https://api.openai.com/v1."


def normalize_base_url(typed: str) -> str:
    """Turn what a person typed into a base URL without a trailing slash.

    A missing scheme becomes `http` for this machine, bare addresses and explicit ports, and `https`
    otherwise; a missing path becomes `/v1`; an endpoint's path is cut back to its base.

    Raises:
        InvalidInputError: It is no http or https address, or it carries a password, a query or a
            fragment, which would end up in messages (param `base_url`).
    """
    text = typed.strip()
    parts = _split(text if "://" in text else f"{_guess_scheme(text)}://{text}")
    if parts.scheme not in ("http", "https"):
        message = f"A server's address starts with http:// or https://. {_EXAMPLE}"
        raise InvalidInputError(message, param="base_url", allowed=["http", "https"])
    if parts.username is not None or parts.query or parts.fragment:
        message = f"Leave passwords, queries and fragments out of the address. {_EXAMPLE}"
        raise InvalidInputError(message, param="base_url")
    path = _ENDPOINT.sub("", parts.path).rstrip("/")
    return f"{parts.scheme}://{_authority(parts)}{path or '/v1'}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if port == 0 or not (_is_ip(host) or _HOST.fullmatch(host)):
        raise InvalidInputError(f"This is no address of a server. {_EXAMPLE}", param="base_url")
    return parts


def _authority(parts: SplitResult) -> str:
    host = parts.hostname or ""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if parts.port is None else f"{bracketed}:{parts.port}"


def _guess_scheme(text: str) -> str:
    authority = text.partition("/")[0]
    host = authority.rpartition(":")[0].strip("[]") or authority
    local = host == "localhost" or "." not in host or _is_ip(host)
    return "http" if local or ":" in authority else "https"


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
