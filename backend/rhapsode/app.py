"""create_app: the one place where parts are built and handed out."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from rhapsode import metrics
from rhapsode.accounts.accounts import Accounts
from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.secrets import SecretBox, load_secret_box
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
from rhapsode.api.parts import LlmTimeouts, Parts
from rhapsode.api.problems import LastResort, add_problems, problems
from rhapsode.api.user_events import EventSockets
from rhapsode.database import Database, migrate
from rhapsode.errors import ConfigurationError
from rhapsode.live.repository import UserEventLog
from rhapsode.live.sessions import LiveSessions
from rhapsode.live.tickets import Tickets
from rhapsode.live.user_events import UserEvents
from rhapsode.narrate_later.casting import Casting
from rhapsode.narrate_later.listening.repository import ListeningPositions
from rhapsode.narrate_later.narrations import Narrations
from rhapsode.narrate_later.queue.repository import NarrationQueue
from rhapsode.narrate_later.recordings.repository import RecordingStore
from rhapsode.narrate_later.renditions import Renditions
from rhapsode.narrate_later.repository import NarrationRepository
from rhapsode.narrate_later.studio import Studio
from rhapsode.narrate_later.worker import NarrationWorker
from rhapsode.network import Network
from rhapsode.settings import Settings
from rhapsode.stories.pronunciations.repository import PronunciationRepository
from rhapsode.stories.repository import StoryRepository
from rhapsode.tts.chatterbox.library import VoiceLibrary
from rhapsode.tts.chatterbox.offers import ChatterboxOptions
from rhapsode.tts.host import EngineHost
from rhapsode.tts.registry import build_hosts
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
    parts = _build_parts(settings, hosts)

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


def _build_parts(settings: Settings, hosts: Mapping[str, EngineHost] | None) -> Parts:
    secret_box = _open_data_dir(settings)
    db = Database(settings.resolved_database_url)
    people = AccountRepository(db)
    # A user with an account is not the owner of the machine, nor of the network it stands in.
    network = Network(
        public_only=settings.resolved_auth == "accounts", allowed=settings.allowed_servers
    )
    preferences = SettingsRepository(db, secret_box)
    chatterbox = chatterbox_options(settings)
    synthesizer = Synthesizer(hosts or build_hosts(settings.espeak_workers, network, chatterbox))
    user_events = UserEvents()
    return Parts(
        auth=settings.resolved_auth,
        db=db,
        people=people,
        accounts=Accounts(db, people, settings.registration),
        preferences=preferences,
        stories=StoryRepository(db),
        pronunciations=PronunciationRepository(db),
        synthesizer=synthesizer,
        voice_library=VoiceLibrary(chatterbox.voices_dir),
        narrations=_build_narrations(
            settings, db, Casting(db, preferences, synthesizer), synthesizer, user_events
        ),
        listening=ListeningPositions(db),
        user_events=user_events,
        user_event_log=UserEventLog(db),
        sessions=LiveSessions(
            journal_bytes=settings.journal_bytes,
            grace_s=settings.grace_s,
            retention_s=settings.retention_s,
        ),
        tickets=Tickets(settings.ticket_ttl_s),
        llm_timeouts=LlmTimeouts(
            first_token_s=settings.llm_first_token_timeout_s, token_s=settings.llm_token_timeout_s
        ),
        network=network,
        metrics_token=(
            settings.metrics_token.get_secret_value() if settings.metrics_token else None
        ),
        max_ahead_s=settings.max_ahead_s,
    )


def chatterbox_options(settings: Settings) -> ChatterboxOptions:
    """Return how Chatterbox is to run."""
    return ChatterboxOptions(
        voices_dir=settings.data_dir / "voices",
        weights_dir=settings.chatterbox_dir,
        device=settings.chatterbox_device,
        precision=settings.chatterbox_precision,
        slots=settings.chatterbox_slots,
        flow=settings.chatterbox_flow,
        watermark=settings.chatterbox_watermark,
        idle_s=settings.chatterbox_idle_s,
        python=settings.chatterbox_python,
    )


def _build_narrations(
    settings: Settings,
    db: Database,
    casting: Casting,
    synthesizer: Synthesizer,
    user_events: UserEvents,
) -> Narrations:
    store = RecordingStore(db, settings.audio_bytes)
    studio = Studio(db, store, synthesizer)
    worker = NarrationWorker(
        db,
        NarrationQueue(db),
        casting,
        studio,
        user_events.publish,
        retry_s=settings.narration_retry_s,
    )
    return Narrations(
        db=db,
        rows=NarrationRepository(db),
        store=store,
        renditions=Renditions(settings.data_dir / "renditions"),
        casting=casting,
        pronunciations=PronunciationRepository(db),
        studio=studio,
        worker=worker,
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
