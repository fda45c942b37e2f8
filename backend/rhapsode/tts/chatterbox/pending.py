"""PendingTokens: what a step wrote, while it is on its way to the host."""

from typing import cast

import torch
from torch import Tensor


class PendingTokens:
    """The tokens of a step, on their way from the device."""

    def __init__(self, tokens: Tensor) -> None:
        """Begin to copy them; shape (n,)."""
        if tokens.device.type != "cuda":
            self._tokens, self._arrived = tokens.to("cpu", copy=True), None
            return
        self._tokens = torch.empty(tokens.shape, dtype=tokens.dtype, pin_memory=True)
        self._tokens.copy_(tokens, non_blocking=True)
        self._arrived = torch.cuda.Event()
        self._arrived.record()

    def read(self) -> list[int]:
        """Wait for them; by slot: a token, `IDLE` or `NOT_FINITE`."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return cast("list[int]", self._tokens.tolist())
