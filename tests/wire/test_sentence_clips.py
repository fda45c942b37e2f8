"""The plain dialect: one clip per sentence, numbered without holes, and a clear ending."""

import json
from collections.abc import Iterable

import numpy as np
import pytest

from rhapsode.narration.events import (
    Failure,
    GenerationComplete,
    GenerationStarted,
    NarrationEvent,
    SentenceAudio,
    SentenceExtended,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    SentenceWords,
    Stopped,
    TextDelta,
)
from rhapsode.wire.sentence_clips import Clip, Message, SentenceClips, encode_connected


def audio(index: int, value: int, n_samples: int = 480) -> SentenceAudio:
    return SentenceAudio(index, 0, np.full(n_samples, value, np.int16), first=False, last=False)


def sentence(index: int, text: str) -> list[NarrationEvent]:
    return [
        SentenceStarted(index, text, 0, len(text), start=0),
        audio(index, index),
        audio(index, -index),
        SentenceFinished(index, 0, 960),
    ]


def push_all(events: Iterable[NarrationEvent]) -> list[Message | Clip]:
    dialect = SentenceClips()
    results = [dialect.push(seq, event) for seq, event in enumerate(events, start=1)]
    return [result for result in results if result is not None]


def body(result: Message | Clip) -> dict[str, object]:
    assert isinstance(result, Message)
    return json.loads(result.text)


def test_connected_names_the_session() -> None:
    """Proves 003-G4."""
    assert json.loads(encode_connected("id")) == {"type": "connected", "session_id": "id"}


def test_start_and_text_pass_at_once() -> None:
    """Proves 003-G5 and 003-G6."""
    started, text = push_all(
        [GenerationStarted("Starting", "voice", "engine", "model"), TextDelta("Once", 0)]
    )
    assert body(started)["type"] == "generation_started"
    assert body(started)["message"] == "Starting"
    assert body(text) == {"type": "text_chunk", "text": "Once", "char_start": 0, "seq": 2}


def test_a_finished_sentence_becomes_one_clip_with_all_its_sound() -> None:
    (clip,) = push_all(sentence(3, "Once."))
    assert isinstance(clip, Clip)
    assert (clip.number, clip.text) == (0, "Once.")
    assert np.array_equal(clip.samples, [3] * 480 + [-3] * 480)


def test_a_clip_s_message_has_the_fields_of_the_protocol() -> None:
    """Proves 003-G7."""
    (clip,) = push_all(sentence(0, "Once."))
    assert isinstance(clip, Clip)
    assert json.loads(clip.message(b"mp3")) == {
        "type": "audio_chunk",
        "audio": "bXAz",
        "sentence_number": 0,
        "sentence_text": "Once.",
        "format": "mp3",
        "seq": 4,
        "duration_ms": 40,
    }


def test_a_sentence_that_grew_while_it_was_spoken_has_its_whole_text() -> None:
    started, *sound = sentence(0, "Once")
    (clip,) = push_all([started, SentenceExtended(0, "Once upon.", 10), *sound])
    assert isinstance(clip, Clip)
    assert clip.text == "Once upon."


def test_lost_sentences_leave_no_hole_in_the_numbers() -> None:
    """Proves 003-G12."""
    results = push_all(
        [
            *sentence(0, "One."),
            *sentence(1, "Two.")[:2],
            SentenceFailed(1, "synthesis_failed", "No.", retryable=True),
            SentenceSkipped(2),
            *sentence(3, "Four."),
            SentenceFailed(4, "synthesis_failed", "Never began.", retryable=True),
            GenerationComplete(9, 4, 20, 1920, None),
        ]
    )
    clips = [(clip.number, clip.text) for clip in results if isinstance(clip, Clip)]
    assert clips == [(0, "One."), (1, "Four.")]
    assert body(results[-1])["total_sentences"] == 2


def test_a_sentence_without_sound_makes_no_clip() -> None:
    assert push_all([SentenceStarted(0, "—", 0, 1, 0), SentenceFinished(0, 0, 0)]) == []


def test_complete_counts_the_clips_and_the_characters() -> None:
    """Proves 003-G8."""
    complete = push_all([*sentence(0, "One."), GenerationComplete(9, 1, 4, 960, None)])[-1]
    assert isinstance(complete, Message)
    assert complete.ending
    assert body(complete) | {"seq": 0} == {
        "type": "generation_complete",
        "scene_id": 9,
        "total_sentences": 1,
        "total_length": 4,
        "samples": 960,
        "audio_url": None,
        "seq": 0,
    }


@pytest.mark.parametrize(
    "ending", [Failure("llm_timeout", "Too slow.", fatal=True), Stopped("user", 0, 5)]
)
def test_failures_and_stops_end_with_an_error(ending: NarrationEvent) -> None:
    """Proves 003-G9."""
    (message,) = push_all([ending])
    assert isinstance(message, Message)
    assert message.ending
    assert body(message)["type"] == "error"
    assert body(message)["message"]


def test_a_stop_says_whether_the_text_is_saved() -> None:
    saved, dropped = (push_all([Stopped("user", 0, scene_id)])[0] for scene_id in (5, None))
    assert "saved" in str(body(saved)["message"])
    assert "saved" not in str(body(dropped)["message"])


def test_warnings_and_word_times_are_not_for_this_dialect() -> None:
    assert (
        push_all([Failure("going_away", "Soon.", fatal=False), SentenceWords(0, (), "engine")])
        == []
    )
