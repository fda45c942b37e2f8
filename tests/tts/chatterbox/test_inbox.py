"""What the callers' threads leave for the engine's."""

import queue
import threading

import pytest

from rhapsode.tts.chatterbox.inbox import Inbox
from rhapsode.tts.chatterbox.pulse import Pulse
from rhapsode.tts.chatterbox.ticket import Ticket


def test_what_has_come_is_taken_once_and_in_order():
    inbox = Inbox()
    tickets = [Ticket(inbox.cancel, Pulse(1.0, lambda: None)) for _ in range(2)]
    inbox.put("a")
    tickets[1].cancel()
    inbox.put("b")
    tickets[0].cancel()
    assert inbox.take() == (["a", "b"], [tickets[1], tickets[0]])
    assert inbox.take() == ([], [])


@pytest.mark.parametrize("come", ["a job", "a cancelled ticket", "the end"])
def test_whoever_waits_wakes_when_something_comes(come):
    inbox, woken = Inbox(), queue.SimpleQueue()
    thread = threading.Thread(target=lambda: woken.put(inbox.wait(busy=False)))
    thread.start()
    match come:
        case "a job":
            inbox.put("a")
        case "a cancelled ticket":
            Ticket(inbox.cancel, Pulse(1.0, lambda: None)).cancel()
        case "the end":
            inbox.close()
    assert woken.get(timeout=10) is (come != "the end")
    thread.join()


def test_whoever_is_busy_does_not_wait():
    inbox = Inbox()
    assert inbox.wait(busy=True)
    inbox.close()
    assert not inbox.wait(busy=True)
