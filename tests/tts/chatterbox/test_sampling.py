"""The filters of many requests at once against those of `transformers`, one by one."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.generation.logits_process import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from rhapsode.errors import InvalidInputError
from rhapsode.tts.chatterbox.noise import uniform
from rhapsode.tts.chatterbox.sampler import NOT_FINITE, Sampler
from rhapsode.tts.chatterbox.sampling import TURBO_SAMPLING, Sampling

VOCABULARY = 60
START = 57
CPU = torch.device("cpu")
SAMPLINGS = st.builds(
    Sampling,
    temperature=st.floats(0.2, 3.0),
    min_p=st.floats(0.0, 0.9),
    top_p=st.sampled_from([0.1, 0.5, 0.9, 1.0]),
    top_k=st.sampled_from([0, 1, 5, 1000]),
    repetition_penalty=st.floats(1.0, 3.0),
    seed=st.integers(0, 2**63 - 1),
)


def upstream(sampling, order):
    temperature = TemperatureLogitsWarper(sampling.temperature)
    penalty = RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty)
    top_p = TopPLogitsWarper(sampling.top_p)
    if order == "llama":
        return LogitsProcessorList([penalty, temperature, MinPLogitsWarper(sampling.min_p), top_p])
    top_k = [TopKLogitsWarper(sampling.top_k)] if sampling.top_k else []
    return LogitsProcessorList([temperature, *top_k, top_p, penalty])


@pytest.mark.parametrize("order", ["llama", "turbo"])
@settings(deadline=None, max_examples=60)
@given(samplings=st.lists(SAMPLINGS, min_size=1, max_size=4), seed=st.integers(0, 1000))
def test_requests_are_filtered_as_upstream_filters_each(order, samplings, seed):
    random = torch.Generator().manual_seed(seed)
    sampler = Sampler(len(samplings), VOCABULARY, START, order, CPU)
    for slot, sampling in enumerate(samplings):
        sampler.assign(slot, sampling)
    sort = any(sampler.sorts(slot) for slot in range(len(samplings)))
    drawn = [[START] for _ in samplings]
    active = torch.ones(len(samplings), dtype=torch.bool)
    for number in range(4):
        logits = 3 * torch.randn(len(samplings), VOCABULARY, generator=random)
        count = torch.full((len(samplings),), number)
        filtered = sampler.filtered(logits, count, sort)
        for slot, sampling in enumerate(samplings):
            # Turbo's loop forgets the start token after the first draw.
            before = drawn[slot][1:] if order == "turbo" and number else drawn[slot]
            row = logits[slot][None].clone()
            expected = upstream(sampling, order)(torch.tensor([before]), row)
            # What is drawn with probability 0 may be left in or taken out.
            drawable = (filtered[slot].softmax(-1) > 0) | (expected[0].softmax(-1) > 0)
            assert torch.allclose(filtered[slot][drawable], expected[0][drawable], atol=1e-5)
        for slot, token in enumerate(sampler.draw(logits, count, active, sort).tolist()):
            assert filtered[slot, token] > -math.inf
            drawn[slot].append(token)


def test_tokens_are_drawn_as_often_as_they_are_likely():
    draws = 20_000
    sampler = Sampler(1, 4, 3, "turbo", CPU)
    sampler.assign(0, Sampling(temperature=1.0, repetition_penalty=1.0, seed=3))
    probability = torch.tensor([[0.5, 0.3, 0.15, 0.05]])
    active = torch.ones(1, dtype=torch.bool)
    tokens = [
        int(sampler.draw(probability.log(), torch.tensor([number]), active, sort=False))
        for number in range(draws // 10)
    ]
    shares = torch.bincount(torch.tensor(tokens), minlength=4) / len(tokens)
    assert torch.allclose(shares, probability[0], atol=0.04)


def test_guidance_of_nothing_takes_the_row_with_text():
    sampler = Sampler(2, VOCABULARY, START, "llama", CPU)
    sampler.assign(0, Sampling(cfg_weight=0.0))
    sampler.assign(1, Sampling(cfg_weight=0.5))
    rows = torch.randn(4, VOCABULARY)
    guided = sampler.guide(rows)
    assert torch.equal(guided[0], rows[0])
    assert torch.allclose(guided[1], rows[2] + 0.5 * (rows[2] - rows[3]))


def test_a_broken_row_gives_no_token():
    sampler = Sampler(2, VOCABULARY, START, "llama", CPU)
    logits = torch.randn(2, VOCABULARY)
    logits[0, 3] = math.nan
    active = torch.ones(2, dtype=torch.bool)
    tokens = sampler.draw(logits, torch.zeros(2, dtype=torch.int64), active, sort=False)
    assert tokens[0] == NOT_FINITE
    assert tokens[1] >= 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0.0),
        ("temperature", math.nan),
        ("cfg_weight", -0.1),
        ("min_p", 1.5),
        ("top_p", 0.0),
        ("top_k", -1),
        ("repetition_penalty", 0.0),
    ],
)
def test_a_figure_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(InvalidInputError, match=f"{name} must be") as caught:
        Sampling(**{name: value})
    assert caught.value.param == name


def test_turbo_has_no_guidance():
    assert TURBO_SAMPLING.cfg_weight == 0
    assert TURBO_SAMPLING.top_k == 1000


def test_noise_is_even_and_never_at_its_ends():
    numbers = uniform(torch.tensor(7), torch.arange(1000)[:, None], torch.arange(200))
    assert numbers.min() > 0
    assert numbers.max() < 1
    shares = torch.histc(numbers, bins=20, min=0, max=1) / numbers.numel()
    assert torch.allclose(shares, torch.full((20,), 0.05), atol=0.003)


@pytest.mark.parametrize("other", [1, 2**32, 2**62, -5])
def test_seeds_that_differ_anywhere_give_unrelated_noise(other):
    place = torch.arange(20_000)
    one, two = uniform(torch.tensor(0), place), uniform(torch.tensor(other), place)
    assert abs(float(torch.corrcoef(torch.stack([one, two]))[0, 1])) < 0.03


def test_neighbouring_places_have_unrelated_noise():
    numbers = uniform(torch.tensor(0), torch.arange(20_001))
    pair = torch.stack([numbers[1:], numbers[:-1]])
    assert abs(float(torch.corrcoef(pair)[0, 1])) < 0.03
