"""Live scenes: start one, follow it on a socket, stop it."""

import contextlib
import secrets
from collections.abc import Callable, Coroutine
from typing import Annotated

from fastapi import APIRouter, Depends, Form, WebSocket
from pydantic import BaseModel, ConfigDict, Field

from rhapsode.accounts.records import TtsSettings
from rhapsode.accounts.voices import voice_choice
from rhapsode.api.deps import CurrentLogin, CurrentUser, PartsOfApp, StoryId
from rhapsode.api.live_dialects import STOPPED_BY_USER, converse
from rhapsode.api.live_socket import (
    CloseSocket,
    LiveSocket,
    Patience,
    admit,
    default_patience,
    leave_with_login,
)
from rhapsode.api.narration_audio import audio_url
from rhapsode.api.parts import Parts
from rhapsode.api.problems import problems
from rhapsode.api.scenes import MAX_PROMPT
from rhapsode.api.writers import writer_for
from rhapsode.errors import LLMError, NotFoundError
from rhapsode.live.session import GOING_AWAY, LiveSession
from rhapsode.llm.writer import Writer
from rhapsode.narration.events import Emit, NarrationEvent
from rhapsode.narration.listener import Listener
from rhapsode.narration.plan import SpeechPlan
from rhapsode.stories.context import CONTEXT_TOKENS
from rhapsode.stories.keeping import KeepSound
from rhapsode.stories.records import Scene, SceneTask
from rhapsode.stories.scenes import StopRequest, tell_scene
from rhapsode.text.speakable import Diction
from rhapsode.wire.live import SUBPROTOCOL

router = APIRouter(tags=["live"], responses=problems(401, 404))

Prompt = Annotated[
    str, Form(max_length=MAX_PROMPT, description="What is to happen, in your own words.")
]
PlanFor = Callable[[Listener], SpeechPlan]
Run = Callable[[LiveSession], Coroutine[None, None, None]]


class LiveScene(BaseModel):
    """Where to follow a scene that is being written."""

    session_id: str
    websocket_url: str = Field(
        description="Relative to this server; opens one socket, within 30 seconds. For another "
        "socket ask for another ticket."
    )


class FoundScene(LiveScene):
    """A live scene that a page can join."""

    generating: bool = Field(description="False when it is only replayed.")


class TicketBody(BaseModel):
    """Where to connect again."""

    websocket_url: str


class StopBody(BaseModel):
    """What is to become of the text so far."""

    model_config = ConfigDict(extra="forbid")

    keep: bool = Field(default=True, description="Save it as a scene.")


@router.post(
    "/api/stories/{story_id}/scenes/generate-with-tts-stream", responses=problems(409, 422, 503)
)
async def generate_with_tts_stream(
    story_id: StoryId,
    user: CurrentUser,
    login: CurrentLogin,
    parts: PartsOfApp,
    custom_prompt: Prompt = "",
    enable_tts_stream: Annotated[bool, Form(description="False: text only.")] = True,
) -> LiveScene:
    """Start writing the next scene, and reading it aloud while it is being written."""
    story = await parts.db.run(lambda: parts.stories.get_story(user.id, story_id))
    task = SceneTask(
        user_id=user.id,
        story=story,
        prompt=custom_prompt,
        seed=secrets.randbits(32),
        context_tokens=CONTEXT_TOKENS,
    )
    writer = await writer_for(user, parts)
    settings = await parts.db.run(lambda: parts.preferences.tts(user.id))
    if enable_tts_stream and settings.tts_enabled:
        plan_for = await _choose_speech(settings, task, parts)
        run = _telling_aloud(task, writer, plan_for, settings, parts)
    else:
        run = _telling_silently(task, writer, settings, parts)
    session = parts.sessions.open(user.id, story_id, run)
    return LiveScene(session_id=session.id, websocket_url=_address(session, login, parts))


@router.get("/api/stories/{story_id}/session")
async def find_session(
    story_id: StoryId, user: CurrentUser, login: CurrentLogin, parts: PartsOfApp
) -> FoundScene | None:
    """Find the scene that is being written for a story, or was some minutes ago; null if none."""
    await parts.db.run(lambda: parts.stories.get_story(user.id, story_id))
    session = parts.sessions.newest_for_story(user.id, story_id)
    if session is None:
        return None
    return FoundScene(
        session_id=session.id,
        websocket_url=_address(session, login, parts),
        generating=not session.journal.ended,
    )


@router.post("/api/sessions/{session_id}/ticket")
async def issue_ticket(
    session_id: str, user: CurrentUser, login: CurrentLogin, parts: PartsOfApp
) -> TicketBody:
    """Get an address for one more socket, such as after a connection was lost."""
    session = parts.sessions.get(session_id, user.id)
    return TicketBody(websocket_url=_address(session, login, parts))


@router.post("/api/sessions/{session_id}/stop", status_code=202, responses=problems(422))
async def stop_session(
    session_id: str, user: CurrentUser, parts: PartsOfApp, body: StopBody | None = None
) -> dict[str, str]:
    """Stop writing and speaking. The session's sockets are told when it is done."""
    keep = body is None or body.keep
    parts.sessions.get(session_id, user.id).stop(STOPPED_BY_USER, keep=keep)
    return {}


@router.websocket("/ws/scene-generation/{session_id}")
async def follow(
    socket: WebSocket,
    session_id: str,
    parts: PartsOfApp,
    patience: Annotated[Patience, Depends(default_patience)],
    ticket: str = "",
) -> None:
    """Send the events of a session. `rhapsode.v1` asks for frames; without it, clips are sent."""
    frames = SUBPROTOCOL in socket.scope["subprotocols"]
    # Accepted first: a browser is told why a socket was closed, but not why a handshake failed.
    await socket.accept(subprotocol=SUBPROTOCOL if frames else None)
    live_socket = LiveSocket(socket, patience)
    try:
        session, login = admit(ticket, session_id, parts.tickets, parts.sessions)
    except CloseSocket as refusal:
        await live_socket.close(refusal.code, refusal.reason)
        return
    await converse(live_socket, session, leave_with_login(login, parts), frames=frames)


def _address(session: LiveSession, login: str | None, parts: Parts) -> str:
    ticket = parts.tickets.issue(session.user_id, session.id, login)
    return f"/ws/scene-generation/{session.id}?ticket={ticket}"


async def _choose_speech(settings: TtsSettings, task: SceneTask, parts: Parts) -> PlanFor:
    """Check the user's engine and voice now, while there is still a status code to refuse with."""
    choice = await parts.synthesizer.check(voice_choice(settings))
    pronunciations = await parts.db.run(
        lambda: parts.pronunciations.of_story(task.user_id, task.story.id)
    )
    diction = Diction(await parts.synthesizer.language(choice), pronunciations)
    return lambda listener: SpeechPlan(
        synthesizer=parts.synthesizer,
        choice=choice,
        diction=diction,
        listener=listener,
        min_sentence_length=settings.min_sentence_length,
        chunk_size=settings.chunk_size,
        max_ahead_s=parts.max_ahead_s,
    )


def _telling_aloud(
    task: SceneTask, writer: Writer, plan_for: PlanFor, settings: TtsSettings, parts: Parts
) -> Run:
    """Tell a scene to those who listen, and keep what they hear."""

    async def tell(session: LiveSession) -> None:
        plan = plan_for(session.listener)
        async with parts.narrations.keeping(settings, plan.diction) as keeper:

            async def keep_sound(scene: Scene) -> str | None:
                heard = await keeper.make_narration(task.user_id, scene)
                return audio_url(scene.id) if heard else None

            def emit(event: NarrationEvent) -> None:
                keeper.emit(event)
                session.emit(event)

            await _tell(task, writer, plan, session, emit, keep_sound, parts)

    return tell


def _telling_silently(task: SceneTask, writer: Writer, settings: TtsSettings, parts: Parts) -> Run:
    """Write a scene before the reader's eyes; it is read aloud afterwards, if they wish."""

    async def tell(session: LiveSession) -> None:
        async def narrate_later(scene: Scene) -> None:
            await parts.narrations.order_if_wished(task.user_id, scene, settings)

        await _tell(task, writer, None, session, session.emit, narrate_later, parts)

    return tell


async def _tell(
    task: SceneTask,
    writer: Writer,
    speech: SpeechPlan | None,
    session: LiveSession,
    emit: Emit,
    keep_sound: KeepSound,
    parts: Parts,
) -> None:
    # Of these two the listeners have been told by the time they are raised.
    with contextlib.suppress(LLMError, NotFoundError):
        await tell_scene(
            task,
            writer=writer,
            speech=speech,
            stories=parts.stories,
            db=parts.db,
            emit=emit,
            stop_request=lambda: StopRequest(session.stop_reason or GOING_AWAY, session.keep),
            keep_sound=keep_sound,
        )
