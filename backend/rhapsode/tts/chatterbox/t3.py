"""T3Decoder: writes speech tokens for many requests at once, one token each per step.

Every request has a slot. All slots take every step together, whenever they joined; what a request
says does not depend on its neighbours. The host never waits inside a step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import torch
from torch import Tensor

from rhapsode.errors import SynthesisError
from rhapsode.tts.chatterbox.alignment import AlignedHead, Alignment, Gaze
from rhapsode.tts.chatterbox.backbone import Attend, backbone_of
from rhapsode.tts.chatterbox.cache import KeyValueCache
from rhapsode.tts.chatterbox.pending import PendingTokens
from rhapsode.tts.chatterbox.prompt import BEFORE_TEXT, PromptReader, VoicePrefix
from rhapsode.tts.chatterbox.sampler import NOT_FINITE, Sampler
from rhapsode.tts.chatterbox.sampling import Sampling
from rhapsode.tts.chatterbox.shapes import Graphs, bucket, doubling
from rhapsode.tts.chatterbox.upstream import T3
from rhapsode.tts.chatterbox.voice import T3Voice

__all__ = ["IDLE", "NOT_FINITE", "T3Decoder", "T3Request"]

IDLE = -2
"""Stands for a token where a slot is free."""

MAX_NEW_TOKENS = 1000
"""Upstream's limit on one utterance, 40 s."""


@dataclass(frozen=True, slots=True)
class T3Request:
    """One utterance that T3 is to write."""

    voice: VoicePrefix
    text_tokens: Tensor
    """Shape (n,), int64; see `PromptReader.embed`."""

    sampling: Sampling
    exaggeration: float = 0.5
    """Emotion, 0 to 2; Turbo ignores it."""

    max_new_tokens: int = MAX_NEW_TOKENS
    """Room that is kept for the answer; the caller stops there."""


class T3Decoder:
    """A T3 with slots. One thread only; grads are off."""

    def __init__(
        self,
        t3: T3,
        slots: int,
        max_positions: int = 1536,
        aligned_heads: Sequence[AlignedHead] = (),
    ) -> None:
        """Take a model and make room for requests; its device and dtype decide the decoder's.

        Args:
            t3: Upstream's model in eval mode. Its weights stay its own, but are laid out anew.
            slots: How many requests at once. Each takes room for `max_positions` positions, twice
                for the models that have guidance.
            max_positions: Longest sequence: voice, text and speech together.
            aligned_heads: Where they are given, they keep sentences to their text; not for Turbo.

        Raises:
            ValueError: The model has no such head.
        """
        self.slots = slots
        self.stop_token = t3.hp.stop_speech_token
        self._t3 = t3
        self._device = t3.device
        self._rows_per_slot = 1 if t3.is_gpt else 2
        backbone = backbone_of(t3, max_positions)
        self._backbone = backbone
        self._reader = PromptReader(t3, backbone)
        dtype = t3.speech_head.weight.dtype
        rows = slots * self._rows_per_slot
        self._cache = KeyValueCache(backbone, rows, max_positions, dtype, self._device)
        self._sampler = Sampler(
            slots,
            t3.speech_head.out_features,
            t3.hp.start_speech_token,
            "turbo" if t3.is_gpt else "llama",
            self._device,
        )
        if any(a.layer >= backbone.layers or a.head >= backbone.heads for a in aligned_heads):
            raise ValueError(f"the model has not all of {aligned_heads}")
        self._aligned_heads = tuple(aligned_heads)
        self._alignment = (
            Alignment(slots, t3.speech_head.out_features, self.stop_token, self._device)
            if aligned_heads
            else None
        )
        self._max_positions = max_positions
        self._spans = doubling(max_positions, 256)
        self._widths = doubling(slots)
        self._lengths = [0] * slots

        def column(dtype: torch.dtype) -> Tensor:
            return torch.zeros(slots, dtype=dtype, device=self._device)

        self._position, self._token, self._count = (column(torch.int64) for _ in range(3))
        self._active = column(torch.bool)
        self._graphs = Graphs(self._device)

    @property
    def records(self) -> bool:
        """Whether steps are replayed from a recording, as on a GPU; see `Graphs`."""
        return self._graphs.records

    @property
    def free_slots(self) -> list[int]:
        """Slots without a request, lowest first; taking the lowest keeps steps narrow."""
        return [slot for slot, length in enumerate(self._lengths) if length == 0]

    def warm_up(self) -> None:
        """Record the shapes of steps on a GPU, so that no listener waits for it later.

        Leaves out steps with `top_p` or `top_k` where those are not the model's habit.
        """
        with torch.inference_mode():
            for width, span in product(self._widths, self._spans):
                self._prepare(width, span, sort=self._t3.is_gpt)

    def voice_prefix(self, voice: T3Voice) -> VoicePrefix:
        """Return what requests in this voice share; keep it with the voice."""
        with torch.inference_mode():
            return self._reader.voice_prefix(voice)

    def prefill(self, slot: int, request: T3Request) -> None:
        """Begin a request in a free slot; its first token comes with the next step.

        Raises:
            SynthesisError: Its text is too long for the model, or for the room there is.
        """
        if self._lengths[slot]:
            raise ValueError(f"slot {slot} is taken")
        with torch.inference_mode():
            embedded = self._reader.embed(request.text_tokens, request.exaggeration)
            start, length = request.voice.positions, embedded.shape[1]
            if start + length + request.max_new_tokens > self._max_positions:
                raise SynthesisError(
                    f"A sentence of {len(request.text_tokens)} text tokens leaves no room for "
                    f"{request.max_new_tokens} speech tokens."
                )
            row, rows = slot * self._rows_per_slot, self._rows_per_slot
            self._cache.put(row, rows, request.voice.keys, request.voice.values)
            places = torch.arange(start, start + length, device=self._device).expand(rows, -1)
            attend = self._cache.filling(row, rows, start, length)
            self._backbone.forward(embedded, places, attend)
            self._sampler.assign(slot, request.sampling)
            if self._alignment is not None:
                self._alignment.assign(slot, start + BEFORE_TEXT, len(request.text_tokens))
            self._position[slot] = start + length
            self._token[slot] = self._t3.hp.start_speech_token
            self._count[slot] = 0
            self._active[slot] = True
            self._lengths[slot] = start + length

    def step(self) -> PendingTokens:
        """Write the next token of every request.

        A request that has ended goes on until it is released, so a caller that reads tokens a
        step late only has some to discard.

        Returns:
            Tokens by slot, `slots` of them at most: those behind the last request are left out.

        Raises:
            ValueError: A request has filled its room.
        """
        taken = [slot for slot, length in enumerate(self._lengths) if length]
        if not taken:
            return PendingTokens(torch.empty(0, dtype=torch.int64))
        width = bucket(taken[-1] + 1, self._widths)
        span = bucket(max(self._lengths) + 1, self._spans)
        sort = any(self._sampler.sorts(slot) for slot in taken)
        with torch.inference_mode():
            tokens = self._run(width, span, sort)
            for slot in taken:
                self._lengths[slot] += 1
            return PendingTokens(tokens)

    def release(self, slot: int) -> None:
        """Free a slot, whether its request has ended or not."""
        with torch.inference_mode():
            self._active[slot] = False
            for column in (self._position, self._token, self._count):
                column[slot] = 0
            row, rows = slot * self._rows_per_slot, self._rows_per_slot
            self._cache.clear(row, rows, self._lengths[slot])
        self._lengths[slot] = 0

    def _run(self, width: int, span: int, sort: bool) -> Tensor:
        self._prepare(width, span, sort)
        advance = partial(self._advance, width, span, sort)
        return self._graphs.run((width, span, sort), advance)[0]

    def _prepare(self, width: int, span: int, sort: bool) -> None:
        """Record a shape, which runs the step: with nobody active it leaves no trace."""
        key = (width, span, sort)
        if self._graphs.ready(key):
            return
        active = self._active.clone()
        self._active.zero_()
        self._graphs.prepare(key, partial(self._advance, width, span, sort))
        self._active.copy_(active)

    def _advance(self, width: int, span: int, sort: bool) -> tuple[Tensor]:
        """Write the next token of the first `width` slots; fixed shapes, no host waits."""
        active, count = self._active[:width], self._count[:width]
        logits = self._logits(count, active, span)
        token = self._sampler.draw(logits, count, active, sort)
        self._token[:width] = torch.where(active, token.clamp(min=0), self._token[:width])
        self._position[:width] += active
        self._count[:width] += active
        return (torch.where(active, token, IDLE),)

    def _logits(self, count: Tensor, active: Tensor, span: int) -> Tensor:
        """Run the model for the first slots, as many as `count` has; shape (slots, V), float32."""
        t3, width = self._t3, len(count)
        token = self._token[:width]
        embedded = t3.speech_emb(token)
        if t3.speech_pos_emb is not None:
            embedded = embedded + t3.speech_pos_emb.emb(count)
        x = embedded.repeat_interleave(self._rows_per_slot, dim=0)[:, None]
        position = self._position[:width].repeat_interleave(self._rows_per_slot)
        if self._alignment is None:
            return self._spoken(x, position, self._cache.stepping(position, span))
        gaze = Gaze(self._aligned_heads, self._cache, position, span)
        logits = self._spoken(x, position, gaze.attend)
        return self._alignment.correct(gaze.weights(), logits, count, token, active)

    def _spoken(self, x: Tensor, position: Tensor, attend: Attend) -> Tensor:
        """Return logits, guided where the model has guidance."""
        hidden = self._backbone.forward(x, position[:, None], attend)[:, 0]
        logits = self._t3.speech_head(hidden).float()
        return self._sampler.guide(logits) if self._rows_per_slot == 2 else logits
