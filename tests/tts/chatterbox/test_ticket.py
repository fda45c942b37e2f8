"""What a caller holds while the engine's thread works for it."""

import numpy as np
import pytest

from rhapsode.errors import EngineCrashedError, SynthesisError
from rhapsode.tts.chatterbox.pulse import Pulse
from rhapsode.tts.chatterbox.ticket import Ticket


def ticket(pulse=None, cancel=lambda _ticket: None):
    return Ticket(cancel, pulse or Pulse(0.05, on_hang=lambda: None))


def test_sound_comes_out_in_order_up_to_the_end():
    held = ticket()
    for value in (1.0, 2.0):
        held.send(np.full(3, value, np.float32))
    held.finish()
    assert np.concatenate(list(held)).tolist() == [1, 1, 1, 2, 2, 2]


def test_an_error_comes_after_the_sound_before_it():
    held = ticket()
    held.send(np.ones(2, np.float32))
    held.fail(SynthesisError("out of luck"))
    sounds = iter(held)
    assert len(next(sounds)) == 2
    with pytest.raises(SynthesisError, match="out of luck"):
        next(sounds)


def test_a_sentence_that_waits_shows_that_the_engine_lives():
    """Else its host would take a long queue for a hang."""
    held = ticket()
    assert len(next(iter(held))) == 0


def test_a_sentence_in_a_hung_engine_is_given_up():
    times_s = iter([0.0, 40.0])
    pulse = Pulse(0.05, on_hang=lambda: None, clock=lambda: next(times_s))
    pulse.begin_turn()
    with pytest.raises(EngineCrashedError, match="more than 40 s"):
        next(iter(ticket(pulse)))


def test_cancelling_tells_the_engine_whose_sentence_it_is():
    told = []
    held = ticket(cancel=told.append)
    held.cancel()
    assert told == [held]
