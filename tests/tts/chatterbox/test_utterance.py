"""From text to samples through all three parts, as they will run together."""

import pytest
import torch

from rhapsode.tts.chatterbox.flow import FlowWindow, WindowFlow
from rhapsode.tts.chatterbox.sampling import TURBO_SAMPLING, Sampling
from rhapsode.tts.chatterbox.schedule import SAMPLES_PER_FRAME
from rhapsode.tts.chatterbox.t3 import T3Decoder, T3Request
from rhapsode.tts.chatterbox.utterance import TURBO_TAIL, Utterance
from rhapsode.tts.chatterbox.vocoder import Piece, Vocoder
from tests.tts.chatterbox import tiny

SAMPLES_PER_TOKEN = 2 * SAMPLES_PER_FRAME


class Chain:
    """One utterance after the other through a flow and a vocoder."""

    def __init__(self, s3gen, steps):
        self.flow = WindowFlow(s3gen.flow, steps=steps)
        self.vocoder = Vocoder(s3gen.mel2wav, s3gen.trim_fade)

    def begin(self, voice, seed, tail=()):
        return Utterance(voice.flow, seed, self.vocoder.stream(seed), tail=tail)

    def sound(self, utterance, cut):
        mel = torch.zeros(80, 0)
        if cut.end > cut.start:
            mel = self.flow.mel([utterance.window(cut)])[0]
        return self.vocoder.advance([utterance.piece(cut, mel)])[0]


@pytest.fixture
def chain(s3gen):
    return Chain(s3gen, steps=10)


def test_the_first_sound_leaves_after_nine_tokens(chain, ada):
    utterance = chain.begin(ada, 1)
    cuts = [utterance.push(token) for token in tiny.speech_tokens(9)]
    assert cuts[:8] == [None] * 8
    sound = chain.sound(utterance, cuts[8])
    assert len(sound) == 6 * SAMPLES_PER_FRAME
    assert sound.abs().max() > 0.001


def test_an_utterance_sounds_as_long_as_its_tokens(chain, ada):
    utterance = chain.begin(ada, 1)
    sounds = [
        chain.sound(utterance, cut)
        for token in tiny.speech_tokens(71)
        if (cut := utterance.push(token))
    ]
    sounds.append(chain.sound(utterance, utterance.finish()))
    assert sum(map(len, sounds)) == 71 * SAMPLES_PER_TOKEN
    assert all(torch.isfinite(sound).all() for sound in sounds)


def test_the_streamed_sound_is_that_of_its_frames_at_once(chain, ada):
    tokens = tiny.speech_tokens(90)
    utterance = chain.begin(ada, 3)
    cuts = [*filter(None, map(utterance.push, tokens)), utterance.finish()]
    mels = [chain.flow.mel([utterance.window(cut)])[0] for cut in cuts]
    streamed = [
        chain.vocoder.advance([utterance.piece(cut, mel)])[0]
        for cut, mel in zip(cuts, mels, strict=True)
    ]
    stream = chain.vocoder.stream(3)
    whole = chain.vocoder.advance([Piece(stream, torch.cat(mels, 1), 0, final=True)])[0]
    error = torch.cat(streamed) - whole
    assert 10 * torch.log10(whole.square().sum() / error.square().sum()) > 60


def test_marks_of_t3_have_no_sound(chain, ada):
    utterance = chain.begin(ada, 1)
    assert [utterance.push(token) for token in [6561, 6562, *tiny.speech_tokens(8)]] == [None] * 10
    sound = chain.sound(utterance, utterance.finish())
    assert len(sound) == 8 * SAMPLES_PER_TOKEN


def test_an_utterance_without_tokens_has_no_sound(chain, ada):
    utterance = chain.begin(ada, 1)
    assert len(chain.sound(utterance, utterance.finish())) == 0


def spoken(t3, chain, sampling, voice, tail, number):
    decoder = T3Decoder(t3, slots=1, max_positions=512)
    prefix = decoder.voice_prefix(voice.t3)
    asked = T3Request(prefix, tiny.text_tokens(12), sampling, max_new_tokens=number)
    decoder.prefill(0, asked)
    utterance = chain.begin(voice, sampling.seed, tail)
    sounds = []
    for _ in range(number):
        token = decoder.step().read()[0]
        if token == decoder.stop_token:
            break
        if cut := utterance.push(token):
            sounds.append(chain.sound(utterance, cut))
    sounds.append(chain.sound(utterance, utterance.finish()))
    return torch.cat(sounds)


def test_text_becomes_the_same_sound_every_time(english, chain, ada):
    sampling = Sampling(seed=5, temperature=1.2)
    sound = spoken(english, chain, sampling, ada, (), 40)
    assert len(sound) >= 20 * SAMPLES_PER_TOKEN
    assert torch.equal(sound, spoken(english, chain, sampling, ada, (), 40))


def test_turbo_ends_in_silence_of_its_own(turbo, meanflow_s3gen, ada):
    chain = Chain(meanflow_s3gen, steps=2)
    plain = spoken(turbo, chain, TURBO_SAMPLING, ada, (), 40)
    ended = spoken(turbo, chain, TURBO_SAMPLING, ada, TURBO_TAIL, 40)
    assert len(ended) == len(plain) + 3 * SAMPLES_PER_TOKEN


def test_the_window_of_a_stretch_knows_all_tokens_so_far(chain, ada):
    tokens = tiny.speech_tokens(20)
    utterance = chain.begin(ada, 8)
    first, second = filter(None, map(utterance.push, tokens))
    window = utterance.window(second)
    assert (first.end, window.start, window.end) == (6, 6, 14)
    assert window == FlowWindow(ada.flow, 8, tokens, 6, 14, final=False)
