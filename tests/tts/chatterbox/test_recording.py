"""What is recorded and replayed, as on a GPU, says the same as what is called."""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch

from rhapsode.tts.chatterbox.flow import LEFT_TOKENS, TOKEN_BUCKETS, WindowFlow
from rhapsode.tts.chatterbox.job import Sentence
from rhapsode.tts.chatterbox.load import load
from rhapsode.tts.chatterbox.sampling import TURBO_SAMPLING, Sampling
from rhapsode.tts.chatterbox.schedule import TOKENS_PER_SECOND
from rhapsode.tts.chatterbox.scheduler import Scheduler
from rhapsode.tts.chatterbox.shapes import Graphs
from rhapsode.tts.chatterbox.speakers import Speaker
from rhapsode.tts.chatterbox.utterance import TURBO_TAIL, Utterance
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.vocoder import Vocoder
from rhapsode.tts.chatterbox.voice import MAX_PROMPT_S
from rhapsode.tts.engine import Demand
from tests.tts.chatterbox import tiny
from tests.tts.chatterbox.recording import OperationRecorder

LONGEST_PROMPT = int(MAX_PROMPT_S * TOKENS_PER_SECOND)


def test_what_a_recording_gave_is_gone_after_the_next(recorded):
    graphs = Graphs(torch.device("cpu"))
    (one,) = graphs.run("double", lambda x: (2 * x,), torch.ones(2))
    assert one.tolist() == [2, 2]
    (other,) = graphs.run("triple", lambda x: (3 * x,), torch.ones(2))
    assert other.tolist() == [3, 3]
    assert one.isnan().all()
    (again,) = graphs.run("double", lambda x: (2 * x,), torch.full((2,), 5.0))
    assert again.tolist() == [10, 10]


def test_a_recording_remembers_where_its_values_lie_and_what_python_decided(recorded):
    state, double = torch.zeros(1), True

    def count(x):
        state.add_(x * (2 if double else 1))
        return (state.clone(),)

    graphs = Graphs(torch.device("cpu"))
    graphs.prepare("count", count, torch.zeros(1))
    state.fill_(100.0)
    double = False
    assert graphs.run("count", count, torch.ones(1))[0].tolist() == [102]


def test_a_recording_may_not_ask_for_a_value(recorded):
    graphs = Graphs(torch.device("cpu"))
    with pytest.raises(RuntimeError, match="asks the device for a value"):
        graphs.run("ask", lambda x: (x * float(x.sum()),), torch.ones(2))


@pytest.mark.parametrize("tail", [(), TURBO_TAIL], ids=["English", "Turbo"])
def test_an_utterance_of_any_length_fits_into_the_widths_of_a_gpu(meanflow_s3gen, tail):
    voice = tiny.voice(prompt_tokens=LONGEST_PROMPT).flow
    silence = Vocoder(meanflow_s3gen.mel2wav, meanflow_s3gen.trim_fade).stream(0)
    flow = WindowFlow(meanflow_s3gen.flow, steps=2, buckets=TOKEN_BUCKETS)
    last = {}
    for tokens in range(60, 140):
        utterance = Utterance(voice, 0, silence, tail=tail)
        for token in tiny.speech_tokens(tokens):
            utterance.push(token)
        window = utterance.window(utterance.finish())
        last[window.end - max(0, window.start - LEFT_TOKENS)] = window
    # The widest is all there is to compute; the others are narrower.
    assert flow.mel([last[max(last)]])[0].isfinite().all()


@pytest.fixture(scope="session")
def turbo_model(tmp_path_factory):
    folder = tiny.write_weights(tmp_path_factory.mktemp("tiny") / "turbo", Variant.TURBO)
    return load(Variant.TURBO, folder=folder, device="cpu", architecture=tiny.TINY)


@contextmanager
def running(model):
    scheduler = Scheduler(
        model, slots=3, max_positions=256, patience_s=60, on_hang=lambda: None, render_batch=2
    )
    try:
        yield scheduler
    finally:
        scheduler.close()


def spoken(scheduler, voices, sampling):
    """Let sentences of many lengths be spoken, two at a time and one for a listener."""
    speakers = [Speaker(scheduler.decoder.voice_prefix(v.t3), v.flow) for v in voices]
    asked = [(40, False), (71, False), (18, True), (5, False), (50, False)]
    tickets = [
        scheduler.speak(
            Sentence(
                tiny.text_tokens(8 + number, number),
                speakers[number % 2],
                replace(sampling, seed=number),
                0.5,
                tokens,
                Demand(live=live),
            )
        )
        for number, (tokens, live) in enumerate(asked)
    ]
    return [np.concatenate(list(ticket)) for ticket in tickets]


def likeness_db(one, other):
    return 10 * np.log10(np.sum(one**2) / max(np.sum((one - other) ** 2), 1e-20))


@pytest.mark.parametrize(
    ("model", "sampling"), [("tiny_model", Sampling()), ("turbo_model", TURBO_SAMPLING)]
)
def test_listeners_hear_the_same_from_an_engine_that_records(
    model, sampling, ada, bob, request, monkeypatch
):
    model = request.getfixturevalue(model)
    with running(model) as scheduler:
        expected = spoken(scheduler, (ada, bob), sampling)
    request.getfixturevalue("recorded")
    with running(model) as scheduler:
        # All that is recorded is recorded by now: no listener waits for it.
        monkeypatch.delattr(OperationRecorder, "record")
        heard = spoken(scheduler, (ada, bob), sampling)
    for ours, plain in zip(heard, expected, strict=True):
        assert len(ours) == len(plain) > 0
        # Rows and padding change the order of additions.
        assert likeness_db(plain, ours) > 60
