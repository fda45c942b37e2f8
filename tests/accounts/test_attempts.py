import pytest

from rhapsode.accounts import attempts
from rhapsode.accounts.attempts import Attempts, network_of
from rhapsode.accounts.door import Door
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
    return Attempts(3, 60, "Too often.", clock)


def test_the_limit_holds_within_the_window(window, clock):
    for _ in range(3):
        window.check("ada")
        window.count("ada")
        clock.now_s += 10
    with pytest.raises(TooManyRequestsError, match=r"Too often\. Try again in 30 s") as refused:
        window.check("ada")
    assert refused.value.retry_after_s == 30


def test_the_window_slides(window, clock):
    for _ in range(3):
        window.count("ada")
        clock.now_s += 10
    clock.now_s += 30
    window.check("ada")
    window.count("ada")
    with pytest.raises(TooManyRequestsError):
        window.check("ada")


def test_keys_do_not_know_each_other(window):
    for _ in range(3):
        window.count("ada")
    window.check("bob")


def test_success_is_forgotten(window):
    for _ in range(3):
        window.count("ada")
    window.forget("ada")
    window.check("ada")


def test_long_waits_are_told_in_minutes(clock):
    window = Attempts(1, 3600, "Too often.", clock)
    window.count("ada")
    with pytest.raises(TooManyRequestsError, match="in 60 minutes"):
        window.check("ada")


def test_a_flood_of_keys_drops_the_quietest(monkeypatch, window):
    monkeypatch.setattr(attempts, "MAX_KEYS", 10)
    for _ in range(3):
        window.count("loud")
    for number in range(100):
        window.count(f"user {number}")
        window.count("loud")
    assert len(window) == 10
    with pytest.raises(TooManyRequestsError):
        window.check("loud")
    window.check("user 0")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_whoever_owns_a_network_is_one_place(address, place):
    assert network_of(address) == place


class WrongPasswordError(Exception):
    pass


def fail(door, username, address, times):
    for _ in range(times):
        with pytest.raises(WrongPasswordError), door.logging_in(username, address):
            raise WrongPasswordError


def enter(door, username, address):
    with door.logging_in(username, address):
        pass


def test_somebody_who_tries_many_names_from_one_place_has_to_wait():
    door = Door()
    for number in range(50):
        fail(door, f"user {number}", "192.0.2.7", 1)
    with pytest.raises(TooManyRequestsError):
        enter(door, "ada", "192.0.2.7")
    enter(door, "ada", "192.0.2.8")


def test_one_name_tried_from_many_places_has_to_wait():
    door = Door()
    for number in range(100):
        fail(door, "Ada", f"192.0.2.{number}", 1)
    with pytest.raises(TooManyRequestsError):
        enter(door, "ADA", "198.51.100.1")
    enter(door, "bob", "198.51.100.1")


def test_ones_own_logins_do_not_hide_that_one_tries_others():
    door = Door()
    for number in range(50):
        fail(door, f"user {number}", "192.0.2.7", 1)
        if number < 49:
            enter(door, "eve", "192.0.2.7")
    with pytest.raises(TooManyRequestsError):
        enter(door, "eve", "192.0.2.7")


def test_right_passwords_are_never_too_many():
    door = Door()
    for _ in range(200):
        enter(door, "ada", "192.0.2.7")
