"""The language model: which one writes, which ones there are, and whether one answers."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rhapsode.accounts.records import LlmProvider, LlmSettings, User
from rhapsode.address import normalize_base_url
from rhapsode.api.deps import CurrentUser, PartsOfApp
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.api.writers import require_server
from rhapsode.errors import InvalidInputError
from rhapsode.llm.client import list_models, test_connection
from rhapsode.llm.discover import discover_servers

router = APIRouter(prefix="/api/llm", tags=["language model"], responses=problems(401, 422))

Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
ModelName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
ApiKey = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]

_LLM_PROBLEMS = problems(502, 503, 504)


class LlmSettingsBody(BaseModel):
    """Who writes your stories. The API key itself is never shown."""

    provider: LlmProvider = Field(
        description="`builtin`: the storyteller without AI. `openai`: a server that speaks "
        "OpenAI's protocol, here or elsewhere."
    )
    base_url: str | None
    model: str | None
    has_api_key: bool
    max_tokens: int
    temperature: float


class LlmSettingsChanges(BaseModel):
    """Changes of the settings; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid")

    provider: LlmProvider = "builtin"
    base_url: Address | None = None
    model: ModelName | None = None
    api_key: ApiKey | None = Field(
        default=None,
        description="Null or empty removes it. It is also removed when `base_url` changes without "
        "it: a key is never sent to another server than the one it was entered for.",
    )
    max_tokens: int = Field(default=1500, ge=50, le=8000)
    temperature: float = Field(default=0.8, ge=0, le=2)


class ModelList(BaseModel):
    """The models of a server."""

    models: list[str]


class ServerBody(BaseModel):
    """A language model server on this machine."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    base_url: str
    models: list[str]


class ConnectionTest(BaseModel):
    """What to try."""

    model_config = ConfigDict(extra="forbid")

    base_url: Address
    model: ModelName
    api_key: ApiKey | None = Field(
        default=None, description="Absent: the saved one, if it belongs to this address."
    )


class ConnectionAnswer(BaseModel):
    """The model answered."""

    ok: Literal[True] = True
    model: str
    latency_ms: int = Field(description="From the request to the first text.")
    sample: str = Field(description="What it said.")


@router.get("/settings")
def get_llm_settings(user: CurrentUser, parts: PartsOfApp) -> LlmSettingsBody:
    """Read who writes your stories."""
    return _body(parts.preferences.llm(user.id))


@router.put("/settings")
async def update_llm_settings(
    changes: LlmSettingsChanges, user: CurrentUser, parts: PartsOfApp
) -> LlmSettingsBody:
    """Change who writes your stories."""
    after = None
    while after is None:
        after = await _change(changes, user.id, parts)
    return _body(after)


@router.get("/models", responses=_LLM_PROBLEMS)
async def list_llm_models(
    user: CurrentUser,
    parts: PartsOfApp,
    base_url: Annotated[Address | None, Query(description="Absent: the saved one.")] = None,
) -> ModelList:
    """List the models of a server."""
    address, key = await _address_and_key(user, parts, base_url)
    return ModelList(models=await list_models(address, key, parts.network))


@router.get("/servers")
async def find_llm_servers(user: CurrentUser) -> list[ServerBody]:
    """Look for language model servers on the machine that this server runs on.

    Where there are accounts, only an administrator finds any: it is their machine.
    """
    if not user.is_admin:
        return []
    return [ServerBody.model_validate(server) for server in await discover_servers()]


@router.post("/test", responses=_LLM_PROBLEMS)
async def test_llm_connection(
    test: ConnectionTest, user: CurrentUser, parts: PartsOfApp
) -> ConnectionAnswer:
    """Ask a model for a few words."""
    address, saved_key = await _address_and_key(user, parts, test.base_url)
    key = test.api_key or saved_key
    report = await test_connection(address, key, test.model, parts.network)
    return ConnectionAnswer(model=report.model, latency_ms=report.latency_ms, sample=report.sample)


async def _change(changes: LlmSettingsChanges, user_id: int, parts: Parts) -> LlmSettings | None:
    """Change what is set; None when it was changed meanwhile, and so was not what was checked."""
    before = await parts.db.run(lambda: parts.preferences.llm(user_id))
    after = _apply(before, changes.model_dump(exclude_unset=True))
    if after.provider == "openai":
        require_server(after)
    if after.base_url and after.base_url != before.base_url:
        await parts.network.check(after.base_url)
    saved = await parts.db.run(
        lambda: parts.preferences.save_llm(user_id, after, instead_of=before)
    )
    return after if saved else None


def _apply(before: LlmSettings, changes: dict[str, Any]) -> LlmSettings:
    if changes.get("base_url"):
        changes["base_url"] = normalize_base_url(changes["base_url"])
    moved = "base_url" in changes and (changes["base_url"] or None) != before.base_url
    if moved:
        changes.setdefault("api_key", None)
    for name in ("base_url", "model", "api_key"):
        if name in changes:
            changes[name] = changes[name] or None
    return replace(before, **changes)


def _body(settings: LlmSettings) -> LlmSettingsBody:
    return LlmSettingsBody(
        provider=settings.provider,
        base_url=settings.base_url,
        model=settings.model,
        has_api_key=settings.api_key is not None,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
    )


async def _address_and_key(
    user: User, parts: Parts, base_url: str | None
) -> tuple[str, str | None]:
    """Return the address to talk to, and the saved key if it is that address's."""
    saved = await parts.db.run(lambda: parts.preferences.llm(user.id))
    address = base_url or saved.base_url
    if not address:
        raise InvalidInputError("Enter the language model's address first.", param="base_url")
    address = normalize_base_url(address)
    await parts.network.check(address)
    return address, saved.api_key if address == saved.base_url else None
