"""The layers of the flow, driven frame by frame or window by window.

Upstream's modules and weights, but not its `forward` functions: those take full sentences only,
ask the device 14 times per solver step whether a mask is empty, and compute masks anew each time.
What a layer needs of its surroundings it asks a `Context` for, so that the same drivers serve a
window that is computed again and a stream that remembers.
"""

import math
from collections.abc import Iterable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhapsode.tts.chatterbox.heads import attention, fused, joined_heads, split_heads
from rhapsode.tts.chatterbox.schedule import FRAMES_PER_TOKEN, LOOKAHEAD_TOKENS
from rhapsode.tts.chatterbox.upstream import (
    BasicTransformerBlock,
    CausalBlock1D,
    CausalMaskedDiffWithXvec,
    CausalResnetBlock1D,
    ConditionalDecoder,
    ConformerEncoderLayer,
    RelPositionMultiHeadedAttention,
)


class Context(Protocol):
    """What is around the positions that are being computed.

    Layers ask in the same order every time, so a context that remembers needs no names.
    """

    mask: Tensor | None
    """Shape (B, 1, 1, S), bool: keys that may be seen; None means all."""

    def before(self, x: Tensor, width: int) -> Tensor:
        """Return `x`, shape (B, C, T), with the `width` positions on its left."""
        ...

    def attended(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return all keys and values, (B, heads, S, D), the given ones last."""
        ...


class Window:
    """A context of its own: nothing on its left, and padding on its right that nobody sees."""

    def __init__(self, mask: Tensor | None) -> None:
        """Take the mask of keys; see `Context.mask`."""
        self.mask = mask

    def before(self, x: Tensor, width: int) -> Tensor:
        """Return `x` with silence on its left."""
        return F.pad(x, (width, 0))

    def attended(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return what was given."""
        return keys, values


class Encoder:
    """Speech tokens to the mean of their mel frames."""

    def __init__(self, flow: CausalMaskedDiffWithXvec) -> None:
        """Take the flow whose encoder it is."""
        self._flow = flow
        self._upstream = flow.encoder
        table = flow.encoder.embed.pos_enc.pe
        self._places = table[0].to(flow.encoder_proj.weight.device)
        self._scale = flow.encoder.embed.pos_enc.xscale

    def embed(self, tokens: Tensor) -> Tensor:
        """Return embeddings, shape (B, T, 512), of tokens, shape (B, T), int64."""
        return self._upstream.embed.out(self._flow.input_embedding(tokens)) * self._scale

    def encode(self, x: Tensor, ahead: Tensor, context: Context, fine: Context) -> Tensor:
        """Return the mean of mel frames.

        Args:
            x: Shape (B, T, 512): embedded tokens, zero where there is padding.
            ahead: Shape (B, a, 512): up to three that follow; missing ones are silence.
            context: At the rate of tokens.
            fine: At the rate of frames.

        Returns:
            Shape (B, 80, 2 T).
        """
        encoder = self._upstream
        x = self._looked_ahead(x, ahead, context)
        for layer in encoder.encoders:
            x = self._layer(layer, x, context)
        x = F.interpolate(x.transpose(1, 2), scale_factor=float(FRAMES_PER_TOKEN), mode="nearest")
        convolution = encoder.up_layer.conv
        x = convolution(fine.before(x, 2 * FRAMES_PER_TOKEN)).transpose(1, 2)
        x = encoder.up_embed.out(x) * self._scale
        for layer in encoder.up_encoders:
            x = self._layer(layer, x, fine)
        return self._flow.encoder_proj(encoder.after_norm(x)).transpose(1, 2)

    def _looked_ahead(self, x: Tensor, ahead: Tensor, context: Context) -> Tensor:
        layer = self._upstream.pre_lookahead_layer
        wide = torch.cat([x, ahead], dim=1).transpose(1, 2)
        wide = F.leaky_relu(layer.conv1(F.pad(wide, (0, LOOKAHEAD_TOKENS - ahead.shape[1]))))
        return layer.conv2(context.before(wide, 2)).transpose(1, 2) + x

    def _layer(self, layer: ConformerEncoderLayer, x: Tensor, context: Context) -> Tensor:
        x = x + self._attention(layer.self_attn, layer.norm_mha(x), context)
        return x + layer.feed_forward(layer.norm_ff(x))

    def _attention(
        self, attention: RelPositionMultiHeadedAttention, x: Tensor, context: Context
    ) -> Tensor:
        """Attention that also weighs how far apart query and key are."""
        batch, length, width = x.shape
        shape = (batch, length, attention.h, attention.d_k)
        query = attention.linear_q(x).view(shape)
        key = attention.linear_k(x).view(shape).transpose(1, 2)
        value = attention.linear_v(x).view(shape).transpose(1, 2)
        keys, values = context.attended(key, value)
        by_content = (query + attention.pos_bias_u).transpose(1, 2)
        by_place = (query + attention.pos_bias_v).transpose(1, 2)
        bias = by_place @ self._distances(attention, length, keys.shape[2])
        bias = _by_key(bias, keys.shape[2]) / math.sqrt(attention.d_k)
        if context.mask is not None:
            bias = bias.masked_fill(~context.mask, -torch.inf)
        mixed = F.scaled_dot_product_attention(by_content, keys, values, attn_mask=bias)
        return attention.linear_out(mixed.transpose(1, 2).reshape(batch, length, width))

    def _distances(
        self, attention: RelPositionMultiHeadedAttention, queries: int, keys: int
    ) -> Tensor:
        """Return embedded distances, shape (heads, d_k, queries + keys - 1), the farthest first."""
        zero = len(self._places) // 2
        places = self._places[zero - keys + 1 : zero + queries]
        return attention.linear_pos(places).view(-1, attention.h, attention.d_k).permute(1, 2, 0)


def _by_key(bias: Tensor, keys: int) -> Tensor:
    """Turn (B, h, T, distance) into (B, h, T, keys): row i begins T - 1 - i distances later.

    Source: the shift of Transformer-XL, appendix B.
    """
    batch, heads, queries, distances = bias.shape
    padded = F.pad(bias, (1, 0)).view(batch, heads, distances + 1, queries)
    return padded[:, :, 1:].reshape(batch, heads, queries, distances)[..., :keys]


class Estimator:
    """The velocity field: where noisy mel frames should move at a point of the solver's time."""

    def __init__(self, upstream: ConditionalDecoder) -> None:
        """Take the network; its dtype decides that of the computation."""
        self._upstream = upstream
        self.dtype = upstream.dtype
        self._qkv = {
            block: fused([block.attn1.to_q, block.attn1.to_k, block.attn1.to_v])
            for block in upstream.modules()
            if isinstance(block, BasicTransformerBlock)
        }

    def times(self, times: Tensor) -> Tensor:
        """Return embeddings of the solver's steps.

        Args:
            times: Shape (steps + 1,), float32, from 0 to 1.

        Returns:
            Shape (steps, C).
        """
        net = self._upstream
        embedded = net.time_mlp(net.time_embeddings(times).to(self.dtype))
        if net.time_embed_mixer is None:
            return embedded[:-1]
        return net.time_embed_mixer(torch.cat([embedded[:-1], embedded[1:]], dim=1))

    def velocity(self, x: Tensor, given: Tensor, time: Tensor, context: Context) -> Tensor:
        """Return the velocity.

        Args:
            x: Shape (B, 80, T): frames on their way from noise to speech.
            given: Shape (B, 240, T): mean, speaker and prompt.
            time: Shape (1, C): one row of `times`.
            context: At the rate of frames.

        Returns:
            Shape (B, 80, T).
        """
        net = self._upstream
        resnet, blocks, down = net.down_blocks[0]
        x = self._stage(resnet, blocks, torch.cat([x, given], dim=1), time, context)
        skipped = x
        x = _causal(down, x, context)
        for resnet, blocks in net.mid_blocks:
            x = self._stage(resnet, blocks, x, time, context)
        resnet, blocks, up = net.up_blocks[0]
        x = self._stage(resnet, blocks, torch.cat([x, skipped], dim=1), time, context)
        x = _causal_block(net.final_block, _causal(up, x, context), context)
        return net.final_proj(x)

    def _stage(
        self,
        resnet: CausalResnetBlock1D,
        blocks: Iterable[BasicTransformerBlock],
        x: Tensor,
        time: Tensor,
        context: Context,
    ) -> Tensor:
        inner = _causal_block(resnet.block1, x, context) + resnet.mlp(time)[..., None]
        x = _causal_block(resnet.block2, inner, context) + resnet.res_conv(x)
        x = x.transpose(1, 2).contiguous()
        for block in blocks:
            x = x + self._attention(block, x, context)
            x = x + block.ff(block.norm3(x))
        return x.transpose(1, 2).contiguous()

    def _attention(self, block: BasicTransformerBlock, x: Tensor, context: Context) -> Tensor:
        mixed = F.linear(block.norm1(x), self._qkv[block])
        query, key, value = split_heads(mixed, block.attn1.heads)
        keys, values = context.attended(key, value)
        attended = attention(query, keys, values, context.mask)
        return block.attn1.to_out[0](joined_heads(attended))


def _causal(convolution: nn.Conv1d, x: Tensor, context: Context) -> Tensor:
    x = context.before(x, convolution.kernel_size[0] - 1)
    # Past its own `forward`, which would pad.
    return F.conv1d(x, convolution.weight, convolution.bias)


def _causal_block(block: CausalBlock1D, x: Tensor, context: Context) -> Tensor:
    convolution, _, norm, _, activation = block.block
    x = norm(_causal(convolution, x, context).transpose(1, 2))
    return activation(x.transpose(1, 2))
