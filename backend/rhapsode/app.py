"""create_app: the one place where parts are built and handed out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from rhapsode.accounts.accounts import Accounts
from rhapsode.accounts.repository import AccountRepository, SettingsRepository
from rhapsode.accounts.secrets import SecretBox, load_secret_box
from rhapsode.api import auth, health, live, llm, scenes, stories, tts
from rhapsode.api.frontend import add_frontend
from rhapsode.api.guard import BodyLimit, HostGuard, OriginGuard, SecurityHeaders
from rhapsode.api.parts import LlmTimeouts, Parts
from rhapsode.api.problems import LastResort, add_problems, problems
from rhapsode.database import Database, migrate
from rhapsode.errors import ConfigurationError
from rhapsode.live.sessions import LiveSessions
from rhapsode.live.tickets import Tickets
from rhapsode.settings import Settings
from rhapsode.stories.repository import StoryRepository
from rhapsode.tts.registry import build_hosts
from rhapsode.tts.synthesizer import Synthesizer

_ROUTERS = (
    auth.router,
    stories.router,
    scenes.router,
    live.router,
    tts.router,
    llm.router,
    health.router,
)


def create_app(settings: Settings) -> FastAPI:
    """Build the server.

    Nothing is opened yet except the secret key; the database is migrated and the speech engines are
    started when the application starts, and closed when it ends.

    Raises:
        ConfigurationError: The data folder cannot be used, or the operator's secret keys are none.
    """
    parts = _build_parts(settings)

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
    _add_guards(app, settings)
    return app


def _build_parts(settings: Settings) -> Parts:
    secret_box = _open_data_dir(settings)
    db = Database(settings.resolved_database_url)
    people = AccountRepository(db)
    return Parts(
        auth=settings.resolved_auth,
        db=db,
        people=people,
        accounts=Accounts(db, people, settings.registration),
        preferences=SettingsRepository(db, secret_box),
        stories=StoryRepository(db),
        synthesizer=Synthesizer(build_hosts(settings.espeak_workers)),
        sessions=LiveSessions(
            journal_bytes=settings.journal_bytes,
            grace_s=settings.grace_s,
            retention_s=settings.retention_s,
        ),
        tickets=Tickets(settings.ticket_ttl_s),
        llm_timeouts=LlmTimeouts(
            first_token_s=settings.llm_first_token_timeout_s, token_s=settings.llm_token_timeout_s
        ),
        max_ahead_s=settings.max_ahead_s,
    )


def _open_data_dir(settings: Settings) -> SecretBox:
    """Make the data folder if need be, and open the secret box in it."""
    keys = settings.secret_keys.get_secret_value() if settings.secret_keys else None
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return load_secret_box(settings.data_dir, keys)
    except OSError as error:
        raise ConfigurationError(
            f"The data folder cannot be used: {error.filename}: {error.strerror}. "
            "Set RHAPSODE_DATA_DIR to a folder that this user can write to."
        ) from error


@asynccontextmanager
async def _running(settings: Settings, parts: Parts) -> AsyncGenerator[None, None]:
    """Migrate, run, and close everything in the opposite order."""
    await parts.db.run(lambda: migrate(settings.resolved_database_url, settings.migrations_dir))
    async with AsyncExitStack() as closing:
        closing.callback(parts.db.close)
        closing.callback(parts.accounts.close)
        await closing.enter_async_context(_warming(parts.synthesizer))
        # Last in, first out: a scene that is being told still needs its voice and its database.
        closing.push_async_callback(parts.sessions.close)
        yield


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
