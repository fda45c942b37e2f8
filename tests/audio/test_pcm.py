import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.audio.pcm import Resampler, to_s16


def test_to_s16_clips_and_never_wraps():
    samples = np.array([-9.0, -1.0, 0.0, 0.5, 1.0, 1.0001, 9.0], np.float32)
    assert to_s16(samples).tolist() == [-32767, -32767, 0, 16384, 32767, 32767, 32767]
    assert to_s16(samples).dtype == np.int16


@given(
    lengths=st.lists(st.integers(0, 3000), max_size=8),
    from_rate=st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100]),
)
def test_resampling_a_stream_keeps_its_duration_to_the_sample(lengths, from_rate):
    resampler = Resampler(from_rate, 24_000)
    out = sum(len(resampler.push(np.zeros(n, np.float32))) for n in lengths)
    out += len(resampler.flush())
    assert abs(out - sum(lengths) * 24_000 / from_rate) <= 0.5


@given(cuts=st.lists(st.integers(0, 22_050), max_size=6).map(sorted))
def test_resampling_gives_the_same_samples_however_the_stream_is_cut(cuts):
    tone = np.sin(np.arange(22_050) * 0.05).astype(np.float32)
    whole = Resampler(22_050, 24_000)
    expected = np.concatenate([whole.push(tone), whole.flush()])
    resampler = Resampler(22_050, 24_000)
    pieces = [resampler.push(piece) for piece in np.split(tone, cuts)]
    np.testing.assert_allclose(np.concatenate([*pieces, resampler.flush()]), expected, atol=1e-6)


def test_resampling_keeps_a_tone_and_its_position():
    at_s = np.arange(22_050) / 22_050
    resampler = Resampler(22_050, 24_000)
    tone = np.sin(2 * np.pi * 440 * at_s).astype(np.float32)
    out = np.concatenate([resampler.push(tone), resampler.flush()])
    expected = np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000)
    np.testing.assert_allclose(out[500:-500], expected[500:-500], atol=1e-3)


def test_resampling_to_the_same_rate_changes_nothing():
    samples = np.random.default_rng(1).uniform(-1, 1, 500).astype(np.float32)
    resampler = Resampler(24_000, 24_000)
    assert np.array_equal(resampler.push(samples), samples)
    assert len(resampler.flush()) == 0
