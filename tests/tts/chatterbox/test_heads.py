"""Attention in few operations is attention."""

import pytest
import torch

from rhapsode.tts.chatterbox.heads import attention, joined_heads, split_heads


def mixed(batch, length, heads, width, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(batch, length, 3 * heads * width, generator=random)


@pytest.mark.parametrize(("dtype", "error"), [(torch.float32, 1e-6), (torch.bfloat16, 0.02)])
@pytest.mark.parametrize("known", [None, (9, 4)])
def test_attention_is_the_mean_of_values_by_likeness(dtype, error, known):
    query, keys, values = split_heads(mixed(2, 9, 4, 16).to(dtype), 4)
    mask = None
    if known:
        mask = torch.arange(9) < torch.tensor(known)[:, None, None, None]
    found = attention(query, keys, values, mask).float()
    likeness = query.double() @ keys.double().transpose(2, 3) / 4
    if mask is not None:
        likeness = likeness.masked_fill(~mask, -torch.inf)
    expected = likeness.softmax(dim=-1) @ values.double()
    assert found.shape == (2, 4, 9, 16)
    assert (found - expected).norm() / expected.norm() < error


def test_heads_are_split_and_joined_in_their_order():
    whole = mixed(2, 5, 4, 16)
    parts = split_heads(whole, 4)
    assert parts.shape == (3, 2, 4, 5, 16)
    joined = torch.cat([joined_heads(part) for part in parts], dim=-1)
    assert torch.equal(joined, whole)
