"""WindowFlow and CachedFlow against upstream's flow of the whole sentence at once."""

import io
from contextlib import redirect_stderr, redirect_stdout

import pytest
import torch
import torch.nn.functional as F

from rhapsode.tts.chatterbox.flow import FlowWindow, WindowFlow
from rhapsode.tts.chatterbox.flow_cached import CachedFlow
from rhapsode.tts.chatterbox.schedule import StreamPlan
from rhapsode.tts.chatterbox.solver import Solver, frame_noise
from rhapsode.tts.chatterbox.variants import Variant
from tests.tts.chatterbox import tiny

SEED = 9


def noise_of(seed, numbers):
    return frame_noise(torch.tensor([seed]), torch.tensor([list(numbers)]))[0]


def upstream_mel(flow, voice, tokens, steps, chunk=0):
    """Upstream's encoder and solver over a whole sentence.

    `chunk` tokens see each other; 0 means all of them.
    """
    prompt = 2 * len(voice.prompt_tokens)
    every = torch.cat([voice.prompt_tokens, torch.tensor(tokens)])[None]
    noise = noise_of(SEED, range(-prompt, 2 * len(tokens)))[None]
    flow.encoder.static_chunk_size, flow.decoder.estimator.static_chunk_size = chunk, 2 * chunk
    try:
        hidden, _ = flow.encoder(flow.input_embedding(every), torch.tensor([every.shape[1]]))
        mean = flow.encoder_proj(hidden).transpose(1, 2).contiguous()
        given = torch.zeros_like(mean)
        given[:, :, :prompt] = voice.prompt_mel
        speaker = flow.spk_embed_affine_layer(F.normalize(voice.embedding[None], dim=1))
        times = torch.linspace(0, 1, steps + 1)
        arguments = (mean, torch.ones(1, 1, mean.shape[2]), speaker, given)
        # Upstream reports its progress to the terminal.
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            if flow.decoder.estimator.meanflow:
                mel = flow.decoder.basic_euler(noise, times, *arguments)
            else:
                times = 1 - torch.cos(times * 0.5 * torch.pi)
                mel = flow.decoder.solve_euler(noise, times, *arguments)
    finally:
        flow.encoder.static_chunk_size = flow.decoder.estimator.static_chunk_size = 0
    return mel[0, :, prompt:]


def cuts_of(plan, tokens):
    return [*filter(None, (plan.push() for _ in range(tokens))), plan.finish()]


def streamed(flow, voice, tokens, cuts, seed=SEED):
    stretches = [
        flow.mel([FlowWindow(voice, seed, tokens, cut.start, cut.end, cut.final)])[0]
        for cut in cuts
    ]
    return torch.cat(stretches, dim=1)


def whole(voice, tokens, seed=SEED):
    return FlowWindow(voice, seed, tokens, 0, len(tokens), final=True)


def relative(difference, reference):
    return float(difference.norm() / reference.norm())


@pytest.fixture(params=["ten steps, guided", "two steps"])
def flow_and_steps(request, s3gen, meanflow_s3gen):
    guided = request.param != "two steps"
    return (s3gen.flow, 10) if guided else (meanflow_s3gen.flow, 2)


def test_a_window_of_everything_is_what_upstream_computes(flow_and_steps, ada):
    flow, steps = flow_and_steps
    tokens = tiny.speech_tokens(60)
    mel = WindowFlow(flow, steps=steps, left_tokens=1000).mel([whole(ada.flow, tokens)])[0]
    assert mel.shape == (80, 120)
    assert relative(mel - upstream_mel(flow, ada.flow, tokens, steps), mel) < 1e-5


def test_streamed_frames_are_close_to_those_of_the_whole_sentence(flow_and_steps, ada):
    flow, steps = flow_and_steps
    tokens = tiny.speech_tokens(110)
    mel = streamed(WindowFlow(flow, steps=steps), ada.flow, tokens, cuts_of(StreamPlan(), 110))
    expected = upstream_mel(flow, ada.flow, tokens, steps)
    assert mel.shape == expected.shape
    assert relative(mel - expected, expected) < 0.025


def test_other_noise_is_another_reading(s3gen, ada):
    tokens = tiny.speech_tokens(40)
    flow = WindowFlow(s3gen.flow, steps=10)
    one, other = flow.mel([whole(ada.flow, tokens), whole(ada.flow, tokens, seed=SEED + 1)])
    assert relative(one - other, one) > 0.5


@pytest.mark.parametrize("buckets", [None, (48, 96, 160)])
def test_windows_in_one_batch_do_not_know_of_each_other(flow_and_steps, ada, buckets):
    flow, steps = flow_and_steps
    short = tiny.voice(seed=5, prompt_tokens=11).flow
    tokens = tiny.speech_tokens(80)
    windows = [
        FlowWindow(ada.flow, 1, tokens[:9], 0, 6, final=False),
        FlowWindow(short, 2, tokens, 55, 80, final=True),
        FlowWindow(ada.flow, 2**60, tokens[:70], 42, 67, final=False),
    ]
    exact = WindowFlow(flow, steps=steps)
    together = WindowFlow(flow, steps=steps, buckets=buckets, max_batch=2).mel(windows)
    assert [tuple(mel.shape) for mel in together] == [(80, 12), (80, 50), (80, 50)]
    for window, mel in zip(windows, together, strict=True):
        assert relative(mel - exact.mel([window])[0], mel) < 1e-5


def test_too_few_tokens_are_refused(s3gen, ada):
    window = FlowWindow(ada.flow, 1, tiny.speech_tokens(8), 0, 6, final=False)
    with pytest.raises(ValueError, match="8 tokens are too few for 6 \\+ 3"):
        WindowFlow(s3gen.flow, steps=10).mel([window])


def test_cached_frames_are_those_of_the_masked_flow(flow_and_steps):
    flow, steps = flow_and_steps
    voice = tiny.voice(seed=6, prompt_tokens=50).flow
    tokens = torch.tensor(tiny.speech_tokens(85))
    cached = CachedFlow(flow, steps=steps).start(voice, SEED, tokens[:3])
    frames = [
        cached.push(tokens[start : start + 25], tokens[start + 25 : start + 28])
        for start in range(0, 85, 25)
    ]
    mel = torch.cat(frames, dim=1)
    expected = upstream_mel(flow, voice, tokens.tolist(), steps, chunk=25)
    assert mel.shape == (80, 170)
    assert (mel - expected).abs().max() < 1e-5


def test_noise_belongs_to_its_frame():
    long = noise_of(SEED, range(-10, 50))
    assert torch.equal(noise_of(SEED, range(5, 25)), long[:, 15:35])
    assert abs(float(noise_of(3, range(2000)).std()) - 1) < 0.01


def test_the_estimator_alone_may_be_bfloat16(ada):
    flow = tiny.build_s3gen(Variant.ENGLISH).flow
    tokens = tiny.speech_tokens(40)
    exact = WindowFlow(flow, steps=10).mel([whole(ada.flow, tokens)])[0]
    flow.decoder.estimator.to(torch.bfloat16)
    rounded = WindowFlow(flow, steps=10).mel([whole(ada.flow, tokens)])[0]
    assert rounded.dtype == torch.float32
    assert 0 < relative(rounded - exact, exact) < 0.02


def test_the_solver_is_guided_unless_the_flow_was_distilled(s3gen, meanflow_s3gen):
    assert Solver(s3gen.flow, 10).guided
    assert not Solver(meanflow_s3gen.flow, 2).guided
