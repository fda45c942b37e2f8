import threading

import pytest

from rhapsode.errors import SynthesisError
from rhapsode.tts.handoff import Handoff


def test_items_arrive_in_order_although_only_two_fit():
    handoff: Handoff[int] = Handoff(2)

    def give() -> None:
        for item in range(100):
            assert handoff.put(item)
        handoff.finish()

    thread = threading.Thread(target=give)
    thread.start()
    assert list(handoff) == list(range(100))
    thread.join()


def test_closing_frees_a_giver_who_waits_for_room():
    handoff: Handoff[int] = Handoff(1)
    answers: list[bool] = []

    def give() -> None:
        while handoff.put(1):
            answers.append(True)
        answers.append(False)

    thread = threading.Thread(target=give)
    thread.start()
    next(iter(handoff))
    handoff.close()
    thread.join(10)
    assert not thread.is_alive()
    assert answers[-1] is False


def test_the_taker_gets_the_givers_error_after_its_items():
    handoff: Handoff[int] = Handoff(2)
    handoff.put(1)
    handoff.fail(SynthesisError("broken"))
    taken = iter(handoff)
    assert next(taken) == 1
    with pytest.raises(SynthesisError, match="broken"):
        next(taken)
