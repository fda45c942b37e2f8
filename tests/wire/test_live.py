"""Frames of protocol version 1: what is encoded can be decoded."""

import base64
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.narration.events import (
    Failure,
    GenerationComplete,
    GenerationStarted,
    SentenceAudio,
    SentenceExtended,
    SentenceFailed,
    SentenceFinished,
    SentenceSkipped,
    SentenceStarted,
    SentenceWords,
    Stopped,
    TextDelta,
    TimedWord,
)
from rhapsode.wire import live as wire

EVENTS = {
    "generation_started": GenerationStarted("Starting", voice="en-gb", engine="espeak", model="m"),
    "text_chunk": TextDelta("Once ", char_start=3),
    "sentence_started": SentenceStarted(1, "Once.", char_start=3, char_end=8, start=480),
    "sentence_extended": SentenceExtended(1, "Once upon.", char_end=13),
    "sentence_words": SentenceWords(1, (TimedWord(0, 100, 0, 4),), source="engine"),
    "sentence_finished": SentenceFinished(1, start=480, samples=960),
    "sentence_failed": SentenceFailed(1, "engine_crashed", "It crashed.", retryable=True),
    "sentence_skipped": SentenceSkipped(1),
    "stopped": Stopped("user", at_sample=1440, scene_id=5),
    "generation_complete": GenerationComplete(5, 2, 13, 1440, audio_url=None),
    "error": Failure("going_away", "Soon.", fatal=False, retry_after_ms=2_000, scene_id=5),
}

MESSAGES = {
    "generation_started": {
        "message": "Starting", "voice": "en-gb", "engine": "espeak", "model": "m",
    },
    "text_chunk": {"text": "Once ", "char_start": 3},
    "sentence_started": {
        "index": 1, "text": "Once.", "char_start": 3, "char_end": 8, "start": 480,
    },
    "sentence_extended": {"index": 1, "text": "Once upon.", "char_end": 13},
    "sentence_words": {
        "index": 1, "words": [{"t0": 0, "t1": 100, "c0": 0, "c1": 4}], "source": "engine",
    },
    "sentence_finished": {"index": 1, "start": 480, "samples": 960},
    "sentence_failed": {
        "index": 1, "code": "engine_crashed", "message": "It crashed.", "retryable": True,
    },
    "sentence_skipped": {"index": 1},
    "stopped": {"reason": "user", "at_sample": 1440, "scene_id": 5},
    "generation_complete": {
        "scene_id": 5, "total_sentences": 2, "total_length": 13, "samples": 1440, "audio_url": None,
    },
    "error": {
        "code": "going_away", "message": "Soon.", "fatal": False,
        "retry_after_ms": 2_000, "scene_id": 5,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_has_the_name_and_the_fields_of_the_protocol(name: str) -> None:
    message = json.loads(wire.encode(7, EVENTS[name]))
    assert message == {"type": name, "seq": 7, **MESSAGES[name]}


def test_optional_fields_are_left_out_when_there_is_nothing_to_say() -> None:
    assert "scene_id" not in json.loads(wire.encode(1, Stopped("user", 0, None)))
    failure = json.loads(wire.encode(1, Failure("internal", "Sorry.", fatal=True)))
    assert failure.keys() == {"type", "seq", "code", "message", "fatal"}


@given(st.text(), st.integers(0, 2**32 - 1))
def test_any_text_survives_the_wire(text: str, seq: int) -> None:
    message = json.loads(wire.encode(seq, TextDelta(text, 0)))
    assert (message["text"], message["seq"]) == (text, seq)


def test_half_a_surrogate_pair_does_not_break_a_frame() -> None:
    frame = wire.encode(1, TextDelta("\ud83d", 0))
    assert frame.encode()
    assert json.loads(frame)["text"] == "\ud83d"


@st.composite
def sounds(draw: st.DrawFn) -> SentenceAudio:
    samples = draw(st.lists(st.integers(-(2**15), 2**15 - 1), max_size=50))
    return SentenceAudio(
        index=draw(st.integers(0, 2**16 - 1)),
        start=draw(st.integers(0, 2**32 - 1)),
        samples=np.array(samples, np.int16),
        first=draw(st.booleans()),
        last=draw(st.booleans()),
    )


HEADER = struct.Struct("<BBHIII")


def decode_sound(frame: bytes) -> tuple[int, int, SentenceAudio, int, bytes]:
    """Return kind, seq, the event (without its samples), its sample count and the payload."""
    kind, flags, index, seq, start, samples = HEADER.unpack_from(frame)
    event = SentenceAudio(
        index, start, np.zeros(0, np.int16), first=bool(flags & 1), last=bool(flags & 2)
    )
    return kind, seq, event, samples, frame[HEADER.size :]


@given(sounds(), st.integers(1, 2**32 - 1))
def test_pcm_frames_decode_to_what_was_encoded(sound: SentenceAudio, seq: int) -> None:
    kind, got_seq, got, n_samples, payload = decode_sound(wire.encode_pcm(seq, sound))
    assert (kind, got_seq, n_samples) == (1, seq, len(sound.samples))
    assert (got.index, got.start, got.first, got.last) == (
        sound.index, sound.start, sound.first, sound.last,
    )  # fmt: skip
    assert np.array_equal(np.frombuffer(payload, "<i2"), sound.samples)


@given(sounds(), st.lists(st.binary(max_size=200), max_size=6))
def test_opus_frames_decode_to_their_packets(sound: SentenceAudio, packets: list[bytes]) -> None:
    kind, _, _, n_samples, payload = decode_sound(wire.encode_opus(9, sound, packets))
    assert (kind, n_samples) == (2, len(sound.samples))
    found = []
    while payload:
        size = int.from_bytes(payload[:2], "little")
        found.append(payload[2 : 2 + size])
        payload = payload[2 + size :]
    assert found == packets


def test_a_frame_is_laid_out_byte_by_byte_as_documented() -> None:
    sound = SentenceAudio(0x0102, 0x03040506, np.array([1, -2], np.int16), first=True, last=True)
    assert wire.encode_pcm(0x0708090A, sound) == bytes.fromhex(
        "01 03 0201 0a090807 06050403 02000000 0100 feff"
    )


def test_connected_says_what_a_decoder_needs() -> None:
    connected = json.loads(
        wire.encode_connected("id", next_seq=5, journal_from=2, opus_head=b"OpusHead")
    )
    assert connected == {
        "type": "connected",
        "v": 1,
        "session_id": "id",
        "sample_rate": 24_000,
        "codec": "opus",
        "next_seq": 5,
        "journal_from": 2,
        "opus_head": base64.b64encode(b"OpusHead").decode(),
    }
    with_pcm = json.loads(wire.encode_connected("id", next_seq=1, journal_from=1, opus_head=None))
    assert with_pcm["codec"] == "pcm_s16le"
    assert "opus_head" not in with_pcm
