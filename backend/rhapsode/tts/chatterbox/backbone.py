"""The transformers inside T3, as one function over any kind of key/value cache.

Upstream calls them through `transformers`, which starts some 1,260 operations per token and
grows its cache by copying it. The weights are upstream's own: the fused matrices take their place.
"""

from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from rhapsode.tts.chatterbox.heads import fused, joined_heads, split_heads
from rhapsode.tts.chatterbox.upstream import T3, GPT2Model, LlamaModel

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""Layer, queries, keys, values of the new positions -> attended values; all (B, heads, T, D)."""


class Backbone(Protocol):
    """A stack of transformer layers."""

    layers: int
    heads: int
    head_dim: int

    def forward(self, x: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Return hidden states after the last norm.

        Args:
            x: Shape (B, T, C): embeddings.
            positions: Shape (B, T), int64: where in their sequence they stand.
            attend: Knows the cache.

        Returns:
            Shape (B, T, C).
        """
        ...


class LlamaBackbone:
    """The Llama of the English and the multilingual model."""

    def __init__(self, model: LlamaModel, max_positions: int) -> None:
        """Fuse the weights of a model, and tabulate the rotations of `max_positions` positions."""
        config = model.config
        self.layers = config.num_hidden_layers
        self.heads = config.num_attention_heads
        self.head_dim = config.head_dim
        self._epsilon = config.rms_norm_eps
        self._modules = list(model.layers)
        self._qkv: list[Tensor] = []
        self._gate_up: list[Tensor] = []
        for layer in self._modules:
            attention, mlp = layer.self_attn, layer.mlp
            self._qkv.append(fused([attention.q_proj, attention.k_proj, attention.v_proj]))
            self._gate_up.append(fused([mlp.gate_proj, mlp.up_proj]))
        self._norm = model.norm.weight
        like = torch.zeros(1, 1, 1, device=self._norm.device, dtype=self._norm.dtype)
        every = torch.arange(max_positions, device=self._norm.device)[None]
        cosine, sine = model.rotary_emb(like, every)
        self._cosine, self._sine = cosine[0], sine[0]
        # The minus of a rotation, here instead of at every turn.
        self._sine[:, : self.head_dim // 2].neg_()

    def forward(self, x: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Return hidden states; see `Backbone.forward`."""
        cosine, sine = self._cosine[positions][:, None], self._sine[positions][:, None]
        for index, layer in enumerate(self._modules):
            mixed = F.linear(self._normed(x, layer.input_layernorm.weight), self._qkv[index])
            parts = split_heads(mixed, self.heads)
            query, key = _rotated(parts[:2], cosine, sine)
            attended = joined_heads(attend(index, query, key, parts[2]))
            x = x + F.linear(attended, layer.self_attn.o_proj.weight)
            normed = self._normed(x, layer.post_attention_layernorm.weight)
            gate, up = F.linear(normed, self._gate_up[index]).chunk(2, dim=-1)
            x = x + F.linear(F.silu(gate) * up, layer.mlp.down_proj.weight)
        return self._normed(x, self._norm)

    def _normed(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), weight, self._epsilon)


def _rotated(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    # Not `roll`, which copies first what does not lie in one piece.
    swapped = torch.cat((x[..., half:], x[..., :half]), dim=-1)
    return x * cosine + swapped * sine


class Gpt2Backbone:
    """The GPT-2 of the Turbo model; its positions are learned."""

    def __init__(self, model: GPT2Model) -> None:
        """Take the weights of a model, whose query, key and value are fused already."""
        config = model.config
        self.layers = config.n_layer
        self.heads = config.n_head
        self.head_dim = config.n_embd // config.n_head
        self._blocks = list(model.h)
        self._norm = model.ln_f
        self._places = model.wpe.weight

    def forward(self, x: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Return hidden states; see `Backbone.forward`."""
        x = x + self._places[positions]
        for index, block in enumerate(self._blocks):
            mixed = block.attn.c_attn(block.ln_1(x))
            query, key, value = split_heads(mixed, self.heads)
            x = x + block.attn.c_proj(joined_heads(attend(index, query, key, value)))
            # Upstream's activation, which is written out there in eight operations.
            inner = F.gelu(block.mlp.c_fc(block.ln_2(x)), approximate="tanh")
            x = x + block.mlp.c_proj(inner)
        return self._norm(x)


def backbone_of(t3: T3, max_positions: int) -> Backbone:
    """Return the backbone of a T3 for sequences of up to `max_positions`."""
    model = t3.tfmr
    if isinstance(model, GPT2Model):
        return Gpt2Backbone(model)
    return LlamaBackbone(model, max_positions)
