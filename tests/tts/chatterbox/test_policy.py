"""Who goes next: pure decisions, so no model, no thread and no clock is needed."""

import random
from collections import Counter

import pytest

from rhapsode.errors import SynthesisError
from rhapsode.tts.chatterbox.policy import Admission, Playhead, is_time, most_urgent
from rhapsode.tts.engine import Demand

BACKGROUND = Demand(live=False)


def live(session=""):
    return Demand(session=session)


def test_sentences_are_admitted_in_the_order_of_arrival():
    admission = Admission(2)
    for job in "abc":
        admission.add(job, live())
    assert [admission.next() for _ in range(3)] == ["a", "b", None]
    admission.leave("a")
    assert admission.next() == "c"


def test_a_listener_goes_before_background_work_that_came_first():
    admission = Admission(2)
    admission.add("book", BACKGROUND)
    admission.add("scene", live())
    assert admission.next() == "scene"


def test_background_work_never_takes_the_last_slot():
    admission = Admission(3)
    for number in range(9):
        admission.add(number, BACKGROUND)
    assert [admission.next() for _ in range(4)] == [0, 1, None, None]
    admission.add("scene", live())
    assert admission.next() == "scene"


def test_a_single_slot_serves_background_work_too():
    admission = Admission(1)
    admission.add("book", BACKGROUND)
    assert admission.next() == "book"


def test_a_session_that_asks_for_much_does_not_delay_another():
    admission = Admission(4)
    for number in range(50):
        admission.add(("greedy", number), live("greedy"))
    admission.add(("modest", 0), live("modest"))
    assert [admission.next() for _ in range(2)] == [("greedy", 0), ("modest", 0)]


def test_a_session_has_three_slots_at_most():
    admission = Admission(8)
    for number in range(8):
        admission.add(number, live("one"))
    assert [admission.next() for _ in range(4)] == [0, 1, 2, None]


def test_who_belongs_to_no_session_shares_with_nobody():
    admission = Admission(8)
    for number in range(8):
        admission.add(number, live())
    assert [admission.next() for _ in range(8)] == list(range(8))


def test_sessions_get_equal_shares_over_time():
    admission = Admission(4, max_waiting=1000)
    for session, wanted in {"a": 400, "b": 100, "c": 100, "d": 100}.items():
        for number in range(wanted):
            admission.add((session, number), live(session))
    served, running = Counter(), []
    for _ in range(300):
        while (job := admission.next()) is not None:
            running.append(job)
            served[job[0]] += 1
        admission.leave(running.pop(0))
    assert max(served.values()) - min(served.values()) <= 4


def test_too_many_waiting_are_refused_in_words():
    admission = Admission(1, max_waiting=2)
    for job in "ab":
        admission.add(job, live())
    with pytest.raises(SynthesisError, match="busy: 2 sentences are waiting"):
        admission.add("c", live())
    assert admission.next() == "a"
    admission.add("c", live())


def test_who_leaves_the_queue_is_never_admitted():
    admission = Admission(1)
    for job in "abc":
        admission.add(job, live("s"))
    admission.leave("b")
    admission.leave("b")
    assert admission.next() == "a"
    admission.leave("a")
    assert admission.next() == "c"
    admission.leave("unknown")
    assert admission.waiting == 0


def shuffled(seed, slots):
    """Let sentences come, run and leave in any order; return what is left to do."""
    chance = random.Random(seed)
    admission, known, running = Admission(slots), [], set()
    for number in range(300):
        event = chance.choice(["add", "next", "leave"])
        if event == "add":
            session = chance.choice(["", "a", "b"])
            admission.add(number, Demand(session, live=chance.random() < 0.6))
            known.append(number)
        elif event == "next":
            running |= {admission.next()} - {None}
        elif known:
            job = known.pop(chance.randrange(len(known)))
            running.discard(job)
            admission.leave(job)
        assert running <= set(known)
        assert len(running) <= slots
        assert admission.waiting == len(known) - len(running)
    return admission, known


@pytest.mark.parametrize("seed", range(20))
def test_slots_are_neither_lost_nor_invented(seed):
    admission, known = shuffled(seed, slots=3)
    for job in known:
        admission.leave(job)
    for number in range(1000, 1004):
        admission.add(number, live())
    assert [admission.next() for _ in range(4)] == [1000, 1001, 1002, None]


def heard(*, live=True, slack_s=0.0, began=0.0, first=None, sent=0.0):
    return Playhead(live, slack_s, began, first, sent)


def test_sound_is_due_when_the_last_of_it_has_been_heard():
    head = heard(began=10.0)
    assert head.due_at_s == 10.0
    head.send(0.12, now_s=10.5)
    head.send(0.3, now_s=10.6)
    assert head.due_at_s == pytest.approx(10.92)


def test_what_the_listener_still_has_to_hear_comes_first():
    head = heard(began=10.0, slack_s=5.0)
    head.send(1.0, now_s=10.2)
    assert head.due_at_s == pytest.approx(16.0)


def test_who_runs_dry_first_is_served_first_and_background_work_last():
    heads = [
        heard(live=False),
        heard(first=1.0, sent=2.0),
        heard(began=1.5),
        heard(first=1.0, sent=0.1),
    ]
    assert most_urgent(heads, 3) == [3, 2, 1]


def test_a_batch_fills_while_nobody_runs_dry():
    rich = heard(first=0.0, sent=10.0)
    assert not is_time([rich, heard(live=False)], now_s=1.0, most=16, writing=True)
    assert is_time([rich] * 16, now_s=1.0, most=16, writing=True)
    assert is_time([rich], now_s=1.0, most=16, writing=False)
    assert is_time([rich, heard(began=1.0)], now_s=1.0, most=16, writing=True)
    assert not is_time([], now_s=1.0, most=16, writing=False)
