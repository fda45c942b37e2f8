"""PerTh's mark, put on piece by piece."""

import numpy as np
import pytest

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.tts.chatterbox.watermark import RIGHT, MarkedStream, Perth
from tests.tts.chatterbox import tiny


@pytest.fixture(scope="module")
def perth():
    return Perth()


@pytest.fixture(scope="module")
def speech():
    return tiny.spoken(6.0)


def marked(perth, speech, lengths):
    """Mark a sound in pieces of these many frames, the last one repeated."""
    stream, out, start, lengths = MarkedStream(perth), [], 0, list(lengths)
    while start < len(speech):
        length = 480 * (lengths.pop(0) if len(lengths) > 1 else lengths[0])
        out.append(stream.push(speech[start : start + length]))
        start += length
    return [*out, stream.flush()]


CHUNKS = (6, 14, 24, 32, 50)
"""As the model's sound comes."""


def test_the_mark_is_found_in_the_stream_and_not_before(perth, speech):
    """Proves 000-H10 and 004-16."""
    assert perth.confidence(speech) < 0.1
    assert perth.confidence(np.concatenate(marked(perth, speech, CHUNKS))) > 0.99


def test_it_is_found_in_a_part_of_the_stream_too(perth, speech):
    stream = np.concatenate(marked(perth, speech, CHUNKS))
    for start in range(0, len(stream) - SAMPLE_RATE, SAMPLE_RATE):
        assert perth.confidence(stream[start : start + SAMPLE_RATE]) > 0.9


def test_marking_neither_adds_nor_loses_a_sample_and_holds_back_40_ms(perth, speech):
    pieces = marked(perth, speech, CHUNKS)
    assert len(pieces[0]) == 6 * 480 - RIGHT
    assert sum(map(len, pieces)) == len(speech)


def test_pieces_meet_without_a_step(perth, speech):
    pieces = marked(perth, speech, CHUNKS)
    stream = np.concatenate(pieces)
    joints = np.cumsum([len(piece) for piece in pieces])[:-2]
    steps = np.abs(np.diff(stream))
    usual = np.quantile(steps, 0.99)
    assert np.abs(stream[joints] - stream[joints - 1]).max() < 2 * usual


def test_a_sound_shorter_than_what_is_held_back_comes_out_at_the_end(perth):
    stream = MarkedStream(perth)
    assert len(stream.push(np.full(300, 0.1, np.float32))) == 0
    assert len(stream.flush()) == 300
    assert len(MarkedStream(perth).flush()) == 0
