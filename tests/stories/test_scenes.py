"""tell_scene(): written, spoken and saved, whatever happens on the way."""

import asyncio
import logging
from dataclasses import replace

import pytest

from rhapsode.errors import LLMEmptyError, LLMInterruptedError, LLMRateLimitedError, NotFoundError
from rhapsode.llm.client import OpenAIWriter
from rhapsode.llm.storyteller import Storyteller
from rhapsode.narration.events import (
    Failure,
    GenerationComplete,
    GenerationStarted,
    Stopped,
    TextDelta,
)
from rhapsode.network import OWN_MACHINE
from rhapsode.stories.context import CONTEXT_TOKENS
from rhapsode.stories.records import SceneTask
from rhapsode.stories.scenes import StopRequest, tell_scene
from tests.doubles import STORY, ScriptedLLM, Tells, cut, empty, refuses, slow


class Events(list):
    """Everything that was emitted, with an event for the first text."""

    def __init__(self) -> None:
        self.text_came = asyncio.Event()

    def emit(self, event) -> None:
        self.append(event)
        if isinstance(event, TextDelta):
            self.text_came.set()

    @property
    def text(self) -> str:
        return "".join(e.text for e in self if isinstance(e, TextDelta))


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def telling(ada, stories, db, events):
    story = stories.create_story(ada.id, title="The Door", premise="", genre=None, style=None)
    task = SceneTask(ada.id, story, "a door opens", seed=1, context_tokens=CONTEXT_TOKENS)

    def tell(writer, **options):
        return tell_scene(
            task,
            writer=writer,
            speech=None,
            stories=stories,
            db=db,
            emit=events.emit,
            **options,
        )

    tell.story = story
    tell.saved = lambda: stories.list_scenes(ada.id, story.id)
    tell.delete_story = lambda: stories.delete_story(ada.id, story.id)
    return tell


def writer_of(llm: ScriptedLLM) -> OpenAIWriter:
    return OpenAIWriter(llm.base_url, None, "scripted", network=OWN_MACHINE)


async def test_the_scene_is_saved_before_its_completion_is_told(telling, events):
    """Proves 003-G5, 003-G8 and 003-G13."""
    async with ScriptedLLM(Tells.text(STORY)) as llm:
        scene = await telling(writer_of(llm))
    assert isinstance(events[0], GenerationStarted)
    assert replace(events[-1], timings=None) == GenerationComplete(scene.id, 0, len(STORY), 0, None)
    assert events.text == STORY == scene.content
    [saved] = telling.saved()
    assert (saved.content, saved.status, saved.prompt) == (STORY, "complete", "a door opens")


async def test_text_before_a_failure_is_saved_and_marked(telling, events):
    """Proves 003-G9 and 003-G15."""
    async with ScriptedLLM(cut(STORY)) as llm:
        with pytest.raises(LLMInterruptedError):
            await telling(writer_of(llm))
    [saved] = telling.saved()
    assert saved.status == "failed"
    assert saved.content == events.text
    assert STORY.startswith(saved.content)
    failure = events[-1]
    assert isinstance(failure, Failure)
    assert (failure.code, failure.fatal, failure.scene_id) == ("llm_interrupted", True, saved.id)


async def test_a_server_that_asks_to_wait_says_for_how_long(telling, events):
    async with ScriptedLLM(refuses(429)) as llm:
        with pytest.raises(LLMRateLimitedError) as caught:
            await telling(writer_of(llm))
    assert caught.value.retry_after_s == 7
    assert events[-1].retry_after_ms == 7000


async def test_a_writer_that_says_nothing_leaves_no_scene(telling, events):
    async with ScriptedLLM(empty()) as llm:
        with pytest.raises(LLMEmptyError):
            await telling(writer_of(llm))
    assert telling.saved() == []
    assert events[-1].code == "llm_empty"
    assert events[-1].scene_id is None


@pytest.mark.parametrize("keep", [True, False])
async def test_a_stop_ends_the_request_and_keeps_the_text_if_wanted(telling, events, keep):
    """Forbids defect D12."""
    async with ScriptedLLM(slow(STORY * 20)) as llm:
        run = asyncio.create_task(
            telling(writer_of(llm), stop_request=lambda: StopRequest("user", keep))
        )
        await events.text_came.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await llm.wait_disconnected()
    saved = telling.saved()
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.reason == "user"
    assert [scene.status for scene in saved] == (["stopped"] if keep else [])
    assert stopped.scene_id == (saved[0].id if keep else None)


async def test_a_story_deleted_meanwhile_ends_the_scene_with_a_plain_word(telling, events):
    async with ScriptedLLM(Tells.text(STORY)) as llm:
        writer = writer_of(llm)
        telling.delete_story()
        with pytest.raises(NotFoundError):
            await telling(writer)
    assert events[-1].code == "not_found"
    assert events[-1].fatal


async def test_a_failure_in_a_deleted_story_is_told_as_what_it_is(telling, events):
    async with ScriptedLLM(replace(cut(STORY, after=2), stepped=True)) as llm:
        run = asyncio.create_task(telling(writer_of(llm)))
        llm.step()
        await events.text_came.wait()
        telling.delete_story()
        llm.step()
        with pytest.raises(LLMInterruptedError):
            await run
    assert (events[-1].code, events[-1].scene_id) == ("llm_interrupted", None)


async def test_a_stop_in_a_deleted_story_is_a_stop(telling, events):
    async with ScriptedLLM(slow(STORY * 20)) as llm:
        run = asyncio.create_task(telling(writer_of(llm)))
        await events.text_came.wait()
        telling.delete_story()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert isinstance(events[-1], Stopped)
    assert events[-1].scene_id is None


async def test_names_of_earlier_scenes_reach_the_writer(telling, events):
    async with ScriptedLLM(Tells.text("Mara Quill opened the door. ")) as llm:
        await telling(writer_of(llm))
        await telling(writer_of(llm))
        assert "Mara Quill" in str(llm.completions[1].body)


async def test_the_built_in_storyteller_tells_a_scene(telling):
    scene = await telling(Storyteller(tokens_per_s=None))
    assert scene.model == "Built-in storyteller (no AI model)"
    assert 150 <= len(scene.content.split()) <= 400


async def test_the_log_says_what_a_scene_took_and_no_word_of_it(telling, caplog):
    caplog.set_level(logging.INFO, "rhapsode.stories.scenes")
    async with ScriptedLLM(Tells.text(STORY)) as llm:
        await telling(writer_of(llm))
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"scene complete: {len(STORY)} characters, first_text_s 0.")
    assert not any(word in line for word in STORY.split() if len(word) > 5)
