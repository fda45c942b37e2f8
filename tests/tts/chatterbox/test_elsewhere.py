"""Everything that computes finds its tensors on the model's device, and never waits for it."""

import pytest
import torch

from rhapsode.tts.chatterbox import t3
from rhapsode.tts.chatterbox.flow import FlowWindow, WindowFlow
from rhapsode.tts.chatterbox.flow_cached import CachedFlow
from rhapsode.tts.chatterbox.sampling import TURBO_SAMPLING, Sampling
from rhapsode.tts.chatterbox.t3 import T3Decoder, T3Request
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.vocoder import Piece, Vocoder
from rhapsode.tts.chatterbox.voice import FlowVoice, T3Voice
from tests.tts.chatterbox import tiny
from tests.tts.chatterbox.elsewhere import DEVICE, elsewhere

TEXT, TOKENS = tiny.text_tokens(20).tolist(), tiny.speech_tokens(9)


@pytest.fixture
def there():
    with elsewhere() as there:
        yield there


@pytest.fixture
def flow_voice(there, ada):
    parts = (ada.flow.prompt_tokens, ada.flow.prompt_mel, ada.flow.embedding)
    return FlowVoice(*map(there.tensor, parts))


def test_places_do_not_mix_and_values_cannot_be_asked_for(there):
    one = there.tensor(torch.ones(2))
    with there.working():
        assert (one + torch.ones(2, device=DEVICE)).device == DEVICE
        with pytest.raises(RuntimeError, match="same device"):
            one + torch.ones(2)
        with pytest.raises(RuntimeError, match="_local_scalar_dense"):
            one.sum().item()


@pytest.mark.parametrize("variant", list(Variant))
def test_t3_reads_a_text_and_writes_a_token(there, ada, variant, monkeypatch):
    # Only what comes after a step asks for its tokens.
    monkeypatch.setattr(t3, "PendingTokens", lambda tokens: tokens)
    turbo = variant is Variant.TURBO
    heads = tiny.ALIGNED_HEADS if variant is Variant.MULTILINGUAL else ()
    network = there.network(tiny.build_t3(variant))
    voice = T3Voice(there.tensor(ada.t3.speaker), there.tensor(ada.t3.prompt_tokens))
    with there.working():
        decoder = T3Decoder(network, slots=2, max_positions=512, aligned_heads=heads)
        prefix = decoder.voice_prefix(voice)
        sampling = TURBO_SAMPLING if turbo else Sampling(top_p=0.9)
        decoder.prefill(0, T3Request(prefix, torch.tensor(TEXT), sampling, max_new_tokens=100))
        decoder.prefill(1, T3Request(prefix, torch.tensor(TEXT), sampling, max_new_tokens=100))
        tokens = decoder.step()
        assert (tokens.device, tokens.shape) == (DEVICE, (2,))
        decoder.release(0)


@pytest.mark.parametrize("variant", [Variant.ENGLISH, Variant.TURBO])
def test_tokens_become_frames_and_frames_become_sound(there, flow_voice, variant):
    s3gen = there.network(tiny.build_s3gen(variant))
    window = FlowWindow(flow_voice, 1, TOKENS, 0, 6, final=False)
    with there.working():
        flow = WindowFlow(s3gen.flow, steps=2, buckets=(64,), max_batch=4)
        mels = flow.mel([window, window])
        vocoder = Vocoder(s3gen.mel2wav, s3gen.trim_fade)
        streams = [vocoder.stream(seed) for seed in (1, 2)]
        pairs = zip(streams, mels, strict=True)
        sounds = vocoder.advance([Piece(stream, mel, 6, final=False) for stream, mel in pairs])
        assert [(sound.device, sound.shape) for sound in sounds] == 2 * [(DEVICE, (6 * 480,))]
        rest = vocoder.advance([Piece(stream, mels[0], 0, final=True) for stream in streams])
        assert [sound.shape for sound in rest] == 2 * [(18 * 480,)]


def test_frames_that_are_remembered_are_made_there_too(there, flow_voice):
    s3gen = there.network(tiny.build_s3gen(Variant.TURBO))
    with there.working():
        tokens = torch.tensor(TOKENS, device=DEVICE)
        stream = CachedFlow(s3gen.flow, steps=2).start(flow_voice, 1, tokens[:3])
        mel = stream.push(tokens[:6], tokens[6:9])
        assert (mel.device, mel.shape) == (DEVICE, (80, 12))
