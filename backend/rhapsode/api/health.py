"""Whether the server lives, and what it can do."""

from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from rhapsode.api.deps import PartsOfApp
from rhapsode.api.problems import problems
from rhapsode.errors import RestartingError

router = APIRouter(tags=["health"])

VERSION = version("rhapsode")


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class EngineHealth(BaseModel):
    """Whether one speech engine can be used."""

    name: str
    available: bool
    unavailable_reason: str | None = Field(description="What is missing, and how to get it.")


class Health(BaseModel):
    """What the server can do."""

    status: Literal["ok"] = "ok"
    version: str
    engines: list[EngineHealth]


@router.head("/livez", include_in_schema=False)
@router.get("/livez")
async def livez() -> Alive:
    """Tell that the process answers."""
    return Alive()


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses=problems(503))
def readyz(parts: PartsOfApp) -> Alive:
    """Tell that requests can be served: the database answers. Voices may still be loading.

    While the server shuts down it finishes what it has begun, but should be given nothing new.
    """
    if parts.sessions.closing:
        raise RestartingError
    parts.people.has_accounts()
    return Alive()


@router.head("/health", include_in_schema=False)
@router.get("/health")
async def health(parts: PartsOfApp) -> Health:
    """Tell the version, and which speech engines work."""
    engines = await parts.synthesizer.engines()
    return Health(
        version=VERSION,
        engines=[
            EngineHealth(
                name=engine.name,
                available=engine.available,
                unavailable_reason=engine.unavailable_reason,
            )
            for engine in engines
        ],
    )
