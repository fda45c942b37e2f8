"""Whether the engine's thread still gets anywhere, by a clock of the test's own."""

import pytest

from rhapsode.errors import EngineCrashedError
from rhapsode.tts.chatterbox.pulse import FAILED_TURNS, Pulse


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def told():
    return []


@pytest.fixture
def pulse(clock, told):
    return Pulse(30.0, lambda: told.append("over"), clock)


def turn(pulse, *, failed):
    pulse.begin_turn()
    pulse.end_turn(failed=failed)


def test_an_engine_at_rest_is_never_stuck(pulse, clock, told):
    turn(pulse, failed=False)
    clock.now_s += 1000
    pulse.check()
    assert told == []


def test_many_turns_may_take_longer_than_one_may(pulse, clock, told):
    for _ in range(5):
        pulse.begin_turn()
        clock.now_s += 29
        pulse.check()
        pulse.end_turn(failed=False)
    assert told == []


def test_a_turn_without_end_fails_everybody_and_asks_for_one_process_only(pulse, clock, told):
    pulse.begin_turn()
    clock.now_s += 31
    for _ in range(3):
        with pytest.raises(EngineCrashedError, match="more than 31 s"):
            pulse.check()
    assert told == ["over"]


def test_turns_that_keep_failing_ask_for_one_process_only(pulse, told):
    for _ in range(FAILED_TURNS - 1):
        turn(pulse, failed=True)
    assert told == []
    turn(pulse, failed=True)
    turn(pulse, failed=True)
    assert told == ["over"]


def test_a_turn_that_goes_well_forgives_those_before_it(pulse, told):
    for _ in range(3):
        for _ in range(FAILED_TURNS - 1):
            turn(pulse, failed=True)
        turn(pulse, failed=False)
    assert told == []
