"""How the engine is doing."""

import pytest

from rhapsode.tts.chatterbox.figures import Smoothed


def test_a_figure_begins_with_its_first_value_and_follows_slowly():
    figure = Smoothed()
    assert figure.value == 0.0
    figure.follow(2.0)
    assert figure.value == 2.0
    figure.follow(1.0)
    assert figure.value == pytest.approx(1.8)
    for _ in range(50):
        figure.follow(1.0)
    assert figure.value == pytest.approx(1.0, abs=1e-3)
