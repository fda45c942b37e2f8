"""Sampler: draws the next speech token of every slot, on the device and without waiting.

Everything a request may choose is a tensor with a row per slot, so that one fixed function serves
all of them at once.
"""

from typing import Literal

import torch
from torch import Tensor

from rhapsode.tts.chatterbox.noise import uniform
from rhapsode.tts.chatterbox.sampling import Sampling

NOT_FINITE = -1
"""Stands for a token when the model's output was not finite."""

Order = Literal["llama", "turbo"]
"""In which order the filters apply; the two models of `chatterbox-tts` differ."""


class Sampler:
    """Draws tokens for slots. One thread only."""

    def __init__(
        self, slots: int, vocabulary: int, start: int, order: Order, device: torch.device
    ) -> None:
        """Make room.

        Args:
            slots: How many requests at once.
            vocabulary: Number of speech tokens, V.
            start: The token that begins every utterance, and counts as drawn.
            order: Which model's order of filters.
            device: Where the logits are.
        """
        self._order = order
        self._start = start
        self._settings: list[Sampling] = [Sampling()] * slots

        def column(value: float, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.full((slots, 1), value, dtype=dtype, device=device)

        self._temperature = column(1.0)
        self._cfg_weight = column(0.0)
        self._min_p = column(0.0)
        self._top_p = column(1.0)
        self._top_k = column(0, torch.int64)
        self._penalty = column(1.0)
        self._seed = column(0, torch.int64)
        self._seen = torch.zeros(slots, vocabulary, dtype=torch.bool, device=device)
        self._vocabulary = torch.arange(vocabulary, device=device)

    def assign(self, slot: int, sampling: Sampling) -> None:
        """Begin a request in a slot."""
        self._settings[slot] = sampling
        self._temperature[slot] = sampling.temperature
        self._cfg_weight[slot] = sampling.cfg_weight
        self._min_p[slot] = sampling.min_p
        self._top_p[slot] = sampling.top_p
        self._top_k[slot] = sampling.top_k
        self._penalty[slot] = sampling.repetition_penalty
        self._seed[slot] = sampling.seed
        self._seen[slot] = False
        self._seen[slot, self._start] = self._order == "llama"

    def sorts(self, slot: int) -> bool:
        """Tell whether the slot's settings need the tokens in the order of their probability."""
        return self._settings[slot].top_p < 1 or self._settings[slot].top_k > 0

    def guide(self, logits: Tensor) -> Tensor:
        """Mix the row with text and the row without.

        Args:
            logits: Shape (2 n, V): for each of the first n slots one row with and one without.

        Returns:
            Shape (n, V).
        """
        told, untold = logits[0::2], logits[1::2]
        return told + self._cfg_weight[: len(told)] * (told - untold)

    def filtered(self, logits: Tensor, count: Tensor, sort: bool) -> Tensor:
        """Return logits as the requests' settings want them, -inf for what must not be drawn.

        Args:
            logits: Shape (n, V), float32, of the first n slots.
            count: Shape (n,): how many tokens each has drawn.
            sort: Whether any of these slots asks for `top_p` or `top_k`.
        """
        n = len(logits)
        if self._order == "llama":
            logits = self._penalized(logits, self._seen[:n]) / self._temperature[:n]
            logits = _above_share(logits, self._min_p[:n])
            return _nucleus(logits, self._top_p[:n]) if sort else logits
        logits = logits / self._temperature[:n]
        if sort:
            logits = _nucleus(_likeliest(logits, self._top_k[:n]), self._top_p[:n])
        # The start token counts for the first draw only.
        first = (count == 0)[:, None] & (self._vocabulary == self._start)
        return self._penalized(logits, self._seen[:n] | first)

    def draw(self, logits: Tensor, count: Tensor, active: Tensor, sort: bool) -> Tensor:
        """Draw a token for each of the first n slots.

        Equal to drawing from the softmax, but decides by noise of the request's own: the token
        with the largest probability per exponential variate.

        Args:
            logits: Shape (n, V), float32, guided.
            count: Shape (n,): how many tokens each has drawn.
            active: Shape (n,): which of them remember their token as drawn.
            sort: See `filtered`.

        Returns:
            Shape (n,), int64; `NOT_FINITE` where the model's output was not finite.
        """
        n = len(logits)
        finite = torch.isfinite(logits).all(dim=-1)
        probability = self.filtered(logits, count, sort).softmax(dim=-1)
        wait = -torch.log(uniform(self._seed[:n], count[:, None], self._vocabulary))
        token = (probability / wait).argmax(dim=-1)
        self._seen[:n] |= (self._vocabulary == token[:, None]) & active[:, None]
        return torch.where(finite, token, NOT_FINITE)

    def _penalized(self, logits: Tensor, seen: Tensor) -> Tensor:
        penalty = self._penalty[: len(logits)]
        less = torch.where(logits < 0, logits * penalty, logits / penalty)
        return torch.where(seen, less, logits)


def _above_share(logits: Tensor, share: Tensor) -> Tensor:
    probability = logits.softmax(dim=-1)
    return logits.masked_fill(probability < share * probability.amax(-1, keepdim=True), -torch.inf)


def _likeliest(logits: Tensor, number: Tensor) -> Tensor:
    last = torch.where(number > 0, number, logits.shape[-1]).clamp(max=logits.shape[-1]) - 1
    threshold = logits.sort(dim=-1, descending=True).values.gather(-1, last)
    return logits.masked_fill(logits < threshold, -torch.inf)


def _nucleus(logits: Tensor, mass: Tensor) -> Tensor:
    rising, order = logits.sort(dim=-1)
    unlikely = rising.softmax(dim=-1).cumsum(dim=-1) <= 1 - mass
    # Rounding could drop the likeliest token too.
    unlikely[:, -1].zero_()
    unlikely = unlikely & (mass < 1)
    return logits.masked_fill(unlikely.scatter(-1, order, unlikely), -torch.inf)
