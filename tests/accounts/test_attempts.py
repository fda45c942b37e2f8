import pytest

from rhapsode.accounts import attempts
from rhapsode.accounts.attempts import LoginAttempts
from rhapsode.errors import TooManyRequestsError


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def window(clock):
    return LoginAttempts(limit=3, window_s=60, clock=clock)


def test_the_limit_holds_within_the_window(window, clock):
    for _ in range(3):
        window.admit("ada")
        clock.now_s += 10
    with pytest.raises(TooManyRequestsError) as refused:
        window.admit("ada")
    assert refused.value.retry_after_s == 30


def test_the_window_slides(window, clock):
    for _ in range(3):
        window.admit("ada")
        clock.now_s += 10
    clock.now_s += 30
    window.admit("ada")
    with pytest.raises(TooManyRequestsError):
        window.admit("ada")


def test_keys_do_not_know_each_other(window):
    for _ in range(3):
        window.admit("ada")
    window.admit("bob")


def test_success_forgives(window):
    for _ in range(3):
        window.admit("ada")
    window.forgive("ada")
    window.admit("ada")


def test_stale_keys_do_not_pile_up(monkeypatch, clock):
    monkeypatch.setattr(attempts, "_SWEEP_AT", 10)
    window = LoginAttempts(limit=3, window_s=60, clock=clock)
    for number in range(100):
        window.admit(f"user {number}")
        clock.now_s += 10
    assert len(window._times) <= 11
