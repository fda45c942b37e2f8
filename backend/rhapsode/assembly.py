"""Assembly: the one place where the parts of the server are built and handed out."""

from collections.abc import Mapping

from rhapsode.accounts.accounts import Accounts
from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.repository import AccountRepository
from rhapsode.accounts.secrets import SecretBox, load_secret_box
from rhapsode.api.parts import LlmTimeouts, Parts
from rhapsode.database import Database
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


def build_parts(settings: Settings, hosts: Mapping[str, EngineHost] | None) -> Parts:
    """Build what the server consists of. Nothing is opened yet except the secret key.

    Args:
        settings: The operator's choices.
        hosts: The speech engines by name; None means those of the registry.

    Raises:
        ConfigurationError: The data folder cannot be used, or the operator's secret keys are none.
    """
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
