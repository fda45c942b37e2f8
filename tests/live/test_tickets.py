"""A ticket opens one socket, once, within its time."""

import pytest

from rhapsode.errors import NotAuthenticatedError
from rhapsode.live.tickets import Tickets


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tickets(clock: Clock) -> Tickets:
    return Tickets(ttl_s=30, clock=clock)


def test_a_ticket_says_whom_it_admits_and_where(tickets: Tickets) -> None:
    ticket = tickets.redeem(tickets.issue(7, "session"))
    assert (ticket.user_id, ticket.session_id) == (7, "session")


def test_a_ticket_works_once(tickets: Tickets) -> None:
    token = tickets.issue(7, "session")
    tickets.redeem(token)
    with pytest.raises(NotAuthenticatedError):
        tickets.redeem(token)


def test_a_ticket_expires(tickets: Tickets, clock: Clock) -> None:
    in_time, too_late = tickets.issue(7, "session"), tickets.issue(7, "session")
    clock.now_s += 29.9
    tickets.redeem(in_time)
    clock.now_s += 0.1
    with pytest.raises(NotAuthenticatedError):
        tickets.redeem(too_late)


def test_a_made_up_ticket_is_refused(tickets: Tickets) -> None:
    for token in ("", "guess"):
        with pytest.raises(NotAuthenticatedError):
            tickets.redeem(token)


def test_tickets_cannot_be_guessed(tickets: Tickets) -> None:
    """Proves 003-D6."""
    tokens = {tickets.issue(7, "session") for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 22 for token in tokens)  # 128 bits in base64


def test_expired_tickets_take_no_memory(tickets: Tickets, clock: Clock) -> None:
    for _ in range(10):
        tickets.issue(7, "session")
    clock.now_s += 15
    tickets.issue(7, "session")
    assert len(tickets) == 11
    clock.now_s += 15
    assert len(tickets) == 1
