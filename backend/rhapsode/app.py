"""create_app: the server as a web application, and what runs while it does."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from rhapsode import metrics
from rhapsode.api import (
    auth,
    health,
    listening,
    live,
    llm,
    monitoring,
    narration_audio,
    narrations,
    own_account,
    own_voices,
    pronunciations,
    scenes,
    stories,
    tts,
    voices,
)
from rhapsode.api.frontend import add_frontend
from rhapsode.api.guard import BodyLimit, HostGuard, OriginGuard, SecurityHeaders
from rhapsode.api.parts import Parts
from rhapsode.api.problems import LastResort, add_problems, problems
from rhapsode.api.user_events import EventSockets
from rhapsode.assembly import build_parts
from rhapsode.migration import migrate
from rhapsode.settings import Settings
from rhapsode.tts.host import EngineHost
from rhapsode.tts.synthesizer import Synthesizer

LOOK_AT_LOOP_EVERY_S = 1.0

_ROUTERS = (
    auth.router,
    own_account.router,
    stories.router,
    pronunciations.router,
    scenes.router,
    narrations.router,
    narration_audio.router,
    listening.router,
    live.router,
    tts.router,
    voices.router,
    own_voices.router,
    llm.router,
    health.router,
    monitoring.router,
)


def create_app(settings: Settings, hosts: Mapping[str, EngineHost] | None = None) -> FastAPI:
    """Build the server.

    Nothing is opened yet except the secret key; the database is migrated and the speech engines are
    started when the application starts, and closed when it ends.

    Args:
        settings: The operator's choices.
        hosts: The speech engines by name; None means those of the registry.

    Raises:
        ConfigurationError: The data folder cannot be used, or the operator's secret keys are none.
    """
    parts = build_parts(settings, hosts)

    def lifespan(_app: FastAPI) -> AbstractAsyncContextManager[None]:
        return _running(settings, parts)

    app = FastAPIOffline(
        title="Rhapsode",
        summary="Writes a story with a language model and reads it aloud meanwhile.",
        version=health.VERSION,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        responses=problems(422),
    )
    app.state.parts = parts
    add_problems(app)
    for router in _ROUTERS:
        app.include_router(router)
    add_frontend(app, settings.frontend_dir)
    app.add_middleware(EventSockets, parts=parts)
    _add_guards(app, settings)
    return app


@asynccontextmanager
async def _running(settings: Settings, parts: Parts) -> AsyncGenerator[None, None]:
    """Migrate, run, and close everything in the opposite order."""
    await parts.db.run(lambda: migrate(settings.resolved_database_url, settings.migrations_dir))
    async with AsyncExitStack() as closing:
        closing.callback(parts.db.close)
        closing.callback(parts.accounts.close)
        await closing.enter_async_context(_watching_the_loop())
        await closing.enter_async_context(_warming(parts.synthesizer))
        await closing.enter_async_context(parts.narrations.running())
        # Last in, first out: a scene that is being told still needs its voice and its database.
        closing.push_async_callback(parts.sessions.close)
        yield


@asynccontextmanager
async def _watching_the_loop() -> AsyncGenerator[None, None]:
    """Measure how late the event loop is: whatever blocks it delays every listener."""

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_AT_LOOP_EVERY_S
            await asyncio.sleep(LOOK_AT_LOOP_EVERY_S)
            metrics.EVENT_LOOP_LAG.set(max(0.0, loop.time() - due))

    watching = asyncio.create_task(watch(), name="watch-loop")
    try:
        yield
    finally:
        watching.cancel()


@asynccontextmanager
async def _warming(synthesizer: Synthesizer) -> AsyncGenerator[None, None]:
    """Start the voices meanwhile: pages and texts need none, and whoever needs one waits for it."""
    starting = asyncio.create_task(synthesizer.__aenter__(), name="start-voices")
    try:
        yield
    finally:
        await asyncio.wait([starting])
        await synthesizer.__aexit__(None, None, None)


def _add_guards(app: FastAPI, settings: Settings) -> None:
    """Put the middleware around the routes; what is added last is met first."""
    app.add_middleware(LastResort)
    app.add_middleware(BodyLimit)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.add_middleware(OriginGuard, allowed_origins=settings.allowed_origins)
    if settings.resolved_auth == "single":
        app.add_middleware(HostGuard, allowed_hosts=settings.allowed_hosts)
    app.add_middleware(SecurityHeaders)


def _operation_id(route: APIRoute) -> str:
    """Name operations after their functions: generated clients get `listStories`, not a path."""
    return route.name
