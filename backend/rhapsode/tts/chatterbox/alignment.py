"""Alignment: keeps the multilingual model to its text, by what it looks at while it writes.

A few of its heads look at the piece of text that is being spoken. They tell whether a sentence
may end yet, and whether it has to: because it lingers at its end, goes back to what it has said,
or says a token twice in a row. The rules are upstream's (`AlignmentStreamAnalyzer` of
chatterbox-tts 0.1.7), which lets them change a step's logits before its token is drawn. So they
run inside the step, on the device: for all slots at once, in fixed shapes, and no host waits.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from rhapsode.tts.chatterbox.cache import KeyValueCache


class AlignedHead(NamedTuple):
    """An attention head that looks at the text being spoken."""

    layer: int
    head: int


MULTILINGUAL_HEADS = (AlignedHead(12, 15), AlignedHead(13, 11), AlignedHead(9, 2))
"""Those of the released multilingual model, as upstream found them."""

_CERTAIN = 2.0**15
"""A logit that leaves no other token a chance."""

_END_TOKENS = 3
"""The last text tokens: reaching one of them is reaching the end."""

_UNSAID_TOKENS = 5
"""Looking before these last ones, after the end, is going back to what was said."""

_SHORT_TOKENS = 5
"""Texts of no more tokens, marks included, may end at any time."""

_MOST_BACK, _MOST_AHEAD = 3, 6
"""Text tokens that a step may move; a longer way is taken for a stray look."""

_LIMIT = 5.0
"""Steps' worth of attention after the end that makes a bad ending; 200 ms."""


class Gaze:
    """One step's attention, which remembers what the aligned heads look at.

    Attention kernels do not tell their weights, so those of these few heads are computed again.
    """

    def __init__(
        self, heads: Sequence[AlignedHead], cache: KeyValueCache, positions: Tensor, span: int
    ) -> None:
        """Prepare for one pass; rows come in pairs, with text and without.

        Args:
            heads: Which heads to look at.
            cache: Holds the keys.
            positions: See `KeyValueCache.stepping`.
            span: See `KeyValueCache.stepping`.
        """
        self._heads = heads
        self._inner = cache.stepping(positions, span)
        self._keys = cache.keys[:, 0 : len(positions) : 2, :, :span]
        self._unseen = torch.arange(span, device=positions.device) > positions[0::2, None]
        self._weights: list[Tensor] = []

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attend; see `Attend`."""
        attended = self._inner(layer, query, key, value)
        for aligned in self._heads:
            if aligned.layer == layer:
                self._weights.append(self._looks(aligned, query))
        return attended

    def weights(self) -> Tensor:
        """Return how much each slot looks at each position, the mean of the heads.

        Returns:
            Shape (slots, span), float32, 0 to 1.
        """
        return torch.stack(self._weights).mean(dim=0)

    def _looks(self, aligned: AlignedHead, query: Tensor) -> Tensor:
        asked, keys = query[0::2, aligned.head], self._keys[aligned.layer, :, aligned.head]
        scores = (asked @ keys.transpose(1, 2))[:, 0] * asked.shape[-1] ** -0.5
        return scores.float().masked_fill(self._unseen, -torch.inf).softmax(dim=-1)


class Alignment:
    """Where in its text each slot is, and what follows for its next token. One thread only."""

    def __init__(self, slots: int, vocabulary: int, stop_token: int, device: torch.device) -> None:
        """Make room.

        Args:
            slots: How many requests at once.
            vocabulary: Number of speech tokens, V.
            stop_token: The one that ends a sentence.
            device: Where the logits are.
        """

        def column(dtype: torch.dtype, *shape: int) -> Tensor:
            return torch.zeros(slots, *shape, dtype=dtype, device=device)

        self._start, self._length = column(torch.int64), column(torch.int64)
        self._place = column(torch.int64)
        self._reached_end = column(torch.bool)
        self._lingered = column(torch.float32, _END_TOKENS)
        self._went_back = column(torch.float32)
        self._last_token = column(torch.int64)
        self._stop = torch.arange(vocabulary, device=device) == stop_token
        self._ending = torch.where(self._stop, _CERTAIN, -_CERTAIN)
        self._end_tokens = torch.arange(-_END_TOKENS, 0, device=device)

    def assign(self, slot: int, start: int, length: int) -> None:
        """Begin a request in a slot.

        Args:
            slot: Which.
            start: The position of its first text token.
            length: How many text tokens it has, marks included.
        """
        self._start[slot], self._length[slot] = start, length
        for state in (self._place, self._lingered, self._went_back, self._last_token):
            state[slot] = 0
        self._reached_end[slot] = False

    def correct(
        self, weights: Tensor, logits: Tensor, count: Tensor, token: Tensor, active: Tensor
    ) -> Tensor:
        """Take a step of the first n slots, and let its logits end a sentence where they should.

        A row that is not finite stays as it is, for `Sampler.draw` to see.

        Args:
            weights: Shape (n, span): what each looks at; see `Gaze.weights`.
            logits: Shape (n, V), float32, guided.
            count: Shape (n,): how many tokens each has drawn.
            token: Shape (n,): the last one.
            active: Shape (n,): which of them remember the step.

        Returns:
            Logits of the same shape.
        """
        n = len(weights)
        start, length = self._start[:n, None], self._length[:n, None]
        text = torch.arange(weights.shape[1], device=weights.device) - start
        # A sentence has read at most as many text tokens as it takes steps.
        within = (text >= 0) & (text < length) & (text <= count[:, None])
        weights = torch.where(within, weights, 0)
        self._note_ending(weights, text, active)
        looked_at = (weights.argmax(dim=-1) - start[:, 0]).clamp(min=0)
        self._move(looked_at, active)
        usable = torch.isfinite(logits).all(dim=-1)
        too_early = (looked_at < length[:, 0] - _END_TOKENS) & (length[:, 0] > _SHORT_TOKENS)
        logits = torch.where((too_early & usable)[:, None] & self._stop, -_CERTAIN, logits)
        lost = self._ends_badly(n) | self._repeats(count, token, active)
        return torch.where((lost & usable)[:, None], self._ending, logits)

    def _note_ending(self, weights: Tensor, text: Tensor, active: Tensor) -> None:
        """Add up where a sentence looks in the steps after the one that reached its end."""
        n = len(weights)
        ended, length = self._reached_end[:n] & active, self._length[:n, None]
        last = (length + self._end_tokens)[:, :, None] == text[:, None]
        lingers = torch.where(last, weights[:, None], 0).sum(dim=-1)
        back = torch.where(text < length - _UNSAID_TOKENS, weights, 0).amax(dim=-1)
        self._lingered[:n] += torch.where(ended[:, None], lingers, 0)
        self._went_back[:n] += torch.where(ended, back, 0)

    def _move(self, looked_at: Tensor, active: Tensor) -> None:
        n = len(looked_at)
        way = looked_at - self._place[:n]
        moves = (way >= -_MOST_BACK) & (way <= _MOST_AHEAD) & active
        self._place[:n] = torch.where(moves, looked_at, self._place[:n])
        self._reached_end[:n] |= (self._place[:n] >= self._length[:n] - _END_TOKENS) & active

    def _ends_badly(self, n: int) -> Tensor:
        lingered = self._lingered[:n].amax(dim=-1)
        return (lingered >= _LIMIT) | (self._went_back[:n] > _LIMIT)

    def _repeats(self, count: Tensor, token: Tensor, active: Tensor) -> Tensor:
        n = len(token)
        # The start token does not count: the second token is the first that can repeat one.
        repeats = (count >= 2) & (token == self._last_token[:n])
        self._last_token[:n] = torch.where(active, token, self._last_token[:n])
        return repeats
