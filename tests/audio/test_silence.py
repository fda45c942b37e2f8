import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.audio.silence import TrailingSilence

pieces = st.lists(
    st.lists(st.sampled_from([0.0, 0.5]), max_size=6).map(lambda p: np.array(p, np.float32)),
    max_size=8,
)


@given(pieces=pieces, keep=st.integers(0, 5))
def test_only_the_silence_at_the_end_is_shortened(pieces, keep):
    silence = TrailingSilence(keep)
    heard = np.concatenate([*(silence.push(piece) for piece in pieces), silence.flush()])
    whole = np.concatenate([*pieces, np.zeros(0, np.float32)])
    audible = np.flatnonzero(whole)
    sound_ends = int(audible[-1]) + 1 if len(audible) else 0
    assert np.array_equal(heard, whole[: sound_ends + keep])
