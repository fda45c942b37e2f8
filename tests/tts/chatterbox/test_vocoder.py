"""The vocoder's pieces against upstream's vocoder over the whole utterance at once."""

import pytest
import torch
from chatterbox.models.s3gen import hifigan

from rhapsode.tts.chatterbox.harmonics import HarmonicSource
from rhapsode.tts.chatterbox.hift import HiftNet
from rhapsode.tts.chatterbox.schedule import SAMPLES_PER_FRAME
from rhapsode.tts.chatterbox.vocoder import Piece, Vocoder

SEED = 4


def smooth_mel(frames, seed=0):
    """Mel frames that change as slowly as speech does, shape (80, frames)."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.randn(1, 80, frames // 4 + 2, generator=random)
    return torch.nn.functional.interpolate(coarse, size=frames, mode="linear")[0] - 2


@pytest.fixture
def vocoder(s3gen):
    return Vocoder(s3gen.mel2wav, s3gen.trim_fade)


@pytest.fixture
def upstream_wave(s3gen, monkeypatch):
    """Upstream's own inference, its random numbers replaced by those of the request's seed."""

    def wave(mel, seed=SEED):
        source = HarmonicSource(s3gen.mel2wav.m_source)
        samples = mel.shape[1] * SAMPLES_PER_FRAME

        class Offsets:
            def __init__(self, **_range):
                pass

            def sample(self, sample_shape):
                return source.offsets(torch.tensor([seed])).clone().reshape(sample_shape)

        def noise(like):
            known = like.shape == (1, source.harmonics, samples)
            if not known:
                return torch.zeros_like(like)
            return source.noise(torch.tensor([seed]), torch.arange(samples)[None])

        monkeypatch.setattr(hifigan, "Uniform", Offsets)
        monkeypatch.setattr(torch, "randn_like", noise)
        waves, _ = s3gen.mel2wav.inference(mel[None])
        faded = waves[0].clone()
        faded[: len(s3gen.trim_fade)] *= s3gen.trim_fade
        return faded

    return wave


def streamed(vocoder, mel, cuts, hold, first_hold=None, seed=SEED):
    stream, pieces, start = vocoder.stream(seed), [], 0
    for number, end in enumerate([*cuts, mel.shape[1]]):
        final = end == mel.shape[1]
        kept = 0 if final else hold if number or first_hold is None else first_hold
        pieces += vocoder.advance([Piece(stream, mel[:, start:end], kept, final)])
        start = end
    return pieces


def snr_db(heard, expected):
    return float(10 * torch.log10(expected.square().sum() / (heard - expected).square().sum()))


def test_one_piece_is_what_upstream_computes(vocoder, upstream_wave):
    mel = smooth_mel(100)
    heard = torch.cat(streamed(vocoder, mel, [], hold=0))
    expected = upstream_wave(mel)
    assert heard.shape == (100 * SAMPLES_PER_FRAME,)
    assert 0.01 < expected.abs().mean() < 0.5
    assert snr_db(heard, expected) > 60


def test_pieces_join_without_a_seam(vocoder, upstream_wave):
    mel = smooth_mel(220)
    cuts = [12, 28, 52, 84, 134, 184]
    pieces = streamed(vocoder, mel, cuts, hold=8, first_hold=6)
    assert [len(piece) // SAMPLES_PER_FRAME for piece in pieces] == [6, 14, 24, 32, 50, 50, 44]
    assert snr_db(torch.cat(pieces), upstream_wave(mel)) > 60


@pytest.mark.parametrize(("hold", "least_db"), [(12, 70), (8, 65), (6, 55)])
def test_the_longer_frames_are_held_the_closer_they_come(vocoder, upstream_wave, hold, least_db):
    mel = smooth_mel(150, seed=3)
    heard = torch.cat(streamed(vocoder, mel, range(15, 150, 15), hold))
    assert snr_db(heard, upstream_wave(mel)) > least_db


def test_utterances_in_one_batch_do_not_know_of_each_other(vocoder):
    mels = [smooth_mel(60, seed) for seed in range(3)]
    alone = [streamed(vocoder, mel, [20, 40], 8, seed=seed) for seed, mel in enumerate(mels)]
    streams = [vocoder.stream(seed) for seed in range(3)]
    for number, (start, end) in enumerate([(0, 20), (20, 40), (40, 60)]):
        hold = 0 if end == 60 else 8
        together = vocoder.advance(
            [
                Piece(stream, mel[:, start:end], hold, final=end == 60)
                for stream, mel in zip(streams, mels, strict=True)
            ]
        )
        for pieces, heard in zip(alone, together, strict=True):
            assert heard.shape == pieces[number].shape
            assert snr_db(heard, pieces[number]) > 80


def test_an_end_without_frames_lets_go_what_was_held(vocoder):
    mel = smooth_mel(40)
    stream = vocoder.stream(SEED)
    first, *_ = vocoder.advance([Piece(stream, mel, 8, final=False)])
    rest, *_ = vocoder.advance([Piece(stream, mel[:, :0], 0, final=True)])
    assert len(first) == 32 * SAMPLES_PER_FRAME
    assert len(rest) == 8 * SAMPLES_PER_FRAME


def test_an_utterance_of_nothing_is_silent(vocoder):
    stream = vocoder.stream(SEED)
    assert len(vocoder.advance([Piece(stream, torch.zeros(80, 0), 0, final=True)])[0]) == 0


def test_memory_does_not_grow_with_the_utterance(vocoder):
    stream = vocoder.stream(SEED)
    for seed in range(20):
        vocoder.advance([Piece(stream, smooth_mel(20, seed), 8, final=False)])
    assert stream.mel.shape[1] <= 28
    assert stream.emitted == 392


def test_the_network_is_that_of_upstream(s3gen):
    random = torch.Generator().manual_seed(0)
    mel = torch.randn(2, 80, 30, generator=random)
    source = 0.1 * torch.randn(2, 30 * SAMPLES_PER_FRAME, generator=random)
    expected = s3gen.mel2wav.decode(mel, source[:, None])
    decoded = HiftNet(s3gen.mel2wav).decode(mel, source)
    assert decoded.shape == expected.shape
    assert torch.allclose(decoded, expected, atol=1e-5)
