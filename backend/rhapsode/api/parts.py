"""Parts: everything that `build_parts` builds and hands to the routes."""

from dataclasses import dataclass
from typing import Literal, cast

from starlette.requests import HTTPConnection

from rhapsode.accounts.accounts import Accounts
from rhapsode.accounts.preferences.repository import SettingsRepository
from rhapsode.accounts.repository import AccountRepository
from rhapsode.database import Database
from rhapsode.live.repository import UserEventLog
from rhapsode.live.sessions import LiveSessions
from rhapsode.live.tickets import Tickets
from rhapsode.live.user_events import UserEvents
from rhapsode.narrate_later.listening.repository import ListeningPositions
from rhapsode.narrate_later.narrations import Narrations
from rhapsode.network import Network
from rhapsode.stories.pronunciations.repository import PronunciationRepository
from rhapsode.stories.repository import StoryRepository
from rhapsode.tts.chatterbox.library import VoiceLibrary
from rhapsode.tts.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class LlmTimeouts:
    """How long a language model may keep us waiting."""

    first_token_s: float
    token_s: float


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each, shared by every request."""

    auth: Literal["single", "accounts"]
    db: Database
    people: AccountRepository
    accounts: Accounts
    preferences: SettingsRepository
    stories: StoryRepository
    pronunciations: PronunciationRepository
    synthesizer: Synthesizer
    voice_library: VoiceLibrary
    narrations: Narrations
    listening: ListeningPositions
    user_events: UserEvents
    user_event_log: UserEventLog
    sessions: LiveSessions
    tickets: Tickets
    llm_timeouts: LlmTimeouts
    network: Network
    """Which servers users may name."""

    metrics_token: str | None
    """What a collector of metrics must show; None when it must be an administrator."""

    max_ahead_s: float
    """How far speech may be generated ahead of the listener, in seconds."""


def parts_of(connection: HTTPConnection) -> Parts:
    """Return the parts of the application that serves this request or socket."""
    return cast(Parts, connection.app.state.parts)
