"""Attention in few operations: one matrix for queries, keys and values, and their heads."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def fused(linears: Sequence[nn.Linear]) -> Tensor:
    """Return the matrices stacked, and let upstream's modules be views of it: memory for one."""
    matrix = torch.cat([linear.weight.data for linear in linears])
    start = 0
    for linear in linears:
        rows = linear.weight.shape[0]
        linear.weight.data = matrix[start : start + rows]
        start += rows
    return matrix


def split_heads(mixed: Tensor, heads: int) -> Tensor:
    """Return queries, keys and values, shape (3, B, heads, T, D), of shape (B, T, 3 heads D)."""
    batch, length, width = mixed.shape
    return mixed.view(batch, length, 3, heads, width // (3 * heads)).permute(2, 0, 3, 1, 4)


def joined_heads(attended: Tensor) -> Tensor:
    """Return shape (B, T, heads D) of shape (B, heads, T, D)."""
    batch, _, length, _ = attended.shape
    return attended.transpose(1, 2).reshape(batch, length, -1)
