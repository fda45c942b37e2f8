"""Noise that depends on a seed and a place only.

A generator's next number depends on how many were drawn before it, so on neighbours in a batch
and on how an utterance was cut. Here every number is a hash of its seed and its coordinates:
token 12 of a request, frame 300 of its mel and sample 9,000 of its wave meet the same noise in
every batch, on every device, and inside CUDA graphs.

Source: the mixing function is the finalizer of MurmurHash3 (32 bit), by Austin Appleby.
"""

import math

import torch
from torch import Tensor

_LOW = 0xFFFFFFFF
_STRIDE = 0x9E3779B1


def _mixed(state: Tensor) -> Tensor:
    """Scramble 32-bit numbers held in int64; its products wrap, but their low half is right."""
    state = state ^ (state >> 16)
    state = (state * 0x85EBCA6B) & _LOW
    state = state ^ (state >> 13)
    state = (state * 0xC2B2AE35) & _LOW
    return state ^ (state >> 16)


def uniform(seed: Tensor, *place: Tensor) -> Tensor:
    """Return float32 numbers in the open interval (0, 1).

    Args:
        seed: int64, any value.
        place: int64 coordinates; seed and coordinates broadcast to the shape of the result.
    """
    state = _mixed(_mixed(seed & _LOW) ^ ((seed >> 32) & _LOW))
    for coordinate in place:
        state = _mixed((state + (coordinate + 1) * _STRIDE) & _LOW)
    # 23 bits and a half: with 24 the largest would round to 1.
    return ((state >> 9).float() + 0.5) * 2.0**-23


def normal(seed: Tensor, *place: Tensor) -> Tensor:
    """Return float32 numbers of the standard normal distribution; arguments as for `uniform`.

    Source: the transform of Box and Muller.
    """
    zero = torch.zeros((), dtype=torch.int64, device=seed.device)
    radius = torch.sqrt(-2.0 * torch.log(uniform(seed, *place, zero)))
    return radius * torch.cos(2.0 * math.pi * uniform(seed, *place, zero + 1))
