"""Finds language model servers on this machine."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import httpx2

PORTS: Mapping[int, str] = {
    11434: "Ollama",
    1234: "LM Studio",
    8080: "llama.cpp",
    8000: "vLLM",
    5001: "KoboldCpp",
    5000: "text-generation-webui",
}
"""Where each server listens unless told otherwise."""

PROBE_TIMEOUT_S = 0.6
MAX_ANSWER_BYTES = 1024 * 1024

_OWNERS = {
    "library": "Ollama",
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "koboldcpp": "KoboldCpp",
    "organization_owner": "LM Studio",
}
"""What servers put into the `owned_by` of their models."""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """An OpenAI-compatible server that answers on this machine."""

    name: str
    """The product where its answer shows it, otherwise `probably` and its port's usual one."""

    base_url: str
    models: tuple[str, ...]
    """Model names, sorted; empty when the server has none yet."""


@dataclass(frozen=True, slots=True)
class _Models:
    names: tuple[str, ...]
    owner: str


async def discover_servers(
    hosts: Sequence[str] = ("127.0.0.1",), ports: Mapping[int, str] = PORTS
) -> list[FoundServer]:
    """Ask the usual ports, all at once, who lists models there.

    Args:
        hosts: Names or addresses to look at.
        ports: Ports to ask, with the product that usually listens there.

    Returns:
        The servers that answered as OpenAI-compatible ones within 0.6 s, in the order of `ports`.
    """
    limits = httpx2.Timeout(PROBE_TIMEOUT_S)
    # Nothing here is encrypted; without `verify=False` the client reads every root certificate.
    async with httpx2.AsyncClient(timeout=limits, trust_env=False, verify=False) as http:
        found = await asyncio.gather(
            *(_probe(http, host, port, usual) for port, usual in ports.items() for host in hosts)
        )
    return [server for server in found if server is not None]


async def _probe(http: httpx2.AsyncClient, host: str, port: int, usual: str) -> FoundServer | None:
    root = f"http://{host}:{port}"
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            models = _read_models(await _get_json(http, f"{root}/v1/models"))
            if models is None:
                return None
            name = _OWNERS.get(models.owner) or await _recognize(http, root, usual)
    except (TimeoutError, httpx2.RequestError):
        return None
    return FoundServer(name, f"{root}/v1", models.names)


async def _recognize(http: httpx2.AsyncClient, root: str, usual: str) -> str:
    """Name a server whose models do not tell; only Ollama has a version under this path."""
    version = await _get_json(http, f"{root}/api/version")
    if isinstance(version, dict) and "version" in version:
        return "Ollama"
    return f"probably {usual}"


async def _get_json(http: httpx2.AsyncClient, url: str) -> object:
    """Return what a page says in JSON; None when it says anything else."""
    async with http.stream("GET", url) as response:
        if not response.is_success:
            return None
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MAX_ANSWER_BYTES:
                return None
    try:
        return json.loads(body)
    except ValueError:
        return None


def _read_models(answer: object) -> _Models | None:
    """Read a list of models; None when the answer is no such list."""
    entries = cast("dict[object, object]", answer).get("data") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        return None
    names: list[str] = []
    owner = ""
    for entry in cast("list[object]", entries):
        model = cast("dict[object, object]", entry) if isinstance(entry, dict) else {}
        name = model.get("id")
        if not isinstance(name, str):
            return None
        names.append(name)
        owner = str(model.get("owned_by", ""))
    return _Models(tuple(sorted(names)), owner.lower())
