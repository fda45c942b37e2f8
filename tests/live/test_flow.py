"""A socket sends sound so far ahead of the listener, and no further."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.live.flow import Window

SECOND = 24_000


def test_the_window_is_thirty_seconds_unless_said_otherwise() -> None:
    window = Window()
    assert window.may_send(30 * SECOND - 1)
    assert not window.may_send(30 * SECOND)


def test_playing_moves_the_window() -> None:
    window = Window()
    window.acknowledge(played_sample=5 * SECOND)
    assert window.may_send(35 * SECOND - 1)
    assert not window.may_send(35 * SECOND)


def test_the_window_never_moves_back() -> None:
    window = Window(played_sample=5 * SECOND)
    window.acknowledge(played_sample=0)
    assert window.may_send(35 * SECOND - 1)


def test_the_client_sets_the_window() -> None:
    window = Window(window_ms=1_000)
    assert not window.may_send(SECOND)
    window.acknowledge(0, window_ms=3_600_000)
    assert window.may_send(3_600 * SECOND - 1)


@pytest.mark.parametrize("window_ms", [0, 999, 3_600_001])
def test_a_window_out_of_range_is_refused(window_ms: int) -> None:
    with pytest.raises(ValueError, match="1000 to 3600000"):
        Window(window_ms=window_ms)


@given(
    chunks=st.lists(st.integers(1, 20 * SECOND), min_size=1, max_size=20),
    window_ms=st.integers(1_000, 60_000),
)
def test_a_listener_who_plays_on_always_gets_everything(chunks: list[int], window_ms: int) -> None:
    window, sent = Window(window_ms=window_ms), 0
    for samples in chunks:
        if not window.may_send(sent):
            window.acknowledge(sent)
        assert window.may_send(sent)
        sent += samples
