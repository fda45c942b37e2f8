"""Shape buckets and CUDA graphs: the same few shapes again and again.

A step of the model is a thousand small kernels, and starting them one by one takes longer than
running them. A CUDA graph starts them all at once, but is tied to the shapes it was captured
with: so inputs are rounded up to a bucket.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


def bucket(size: int, buckets: Sequence[int]) -> int:
    """Return the smallest bucket that holds `size`.

    Args:
        size: What has to fit.
        buckets: In rising order; empty means that every size is its own bucket.

    Raises:
        ValueError: It is larger than every bucket.
    """
    if not buckets:
        return size
    for candidate in buckets:
        if size <= candidate:
            return candidate
    raise ValueError(f"{size} is larger than the largest bucket, {buckets[-1]}")


def doubling(limit: int, first: int = 1) -> tuple[int, ...]:
    """Return buckets that double from `first`, ending in `limit`."""
    buckets: list[int] = []
    while first < limit:
        buckets.append(first)
        first *= 2
    return (*buckets, limit)


def upload(values: Tensor, device: torch.device) -> Tensor:
    """Return a tensor of the host on the device, without waiting for what the device is doing."""
    if device.type != "cuda":
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)


Function = Callable[..., tuple[Tensor, ...]]


@dataclass(frozen=True, slots=True)
class _Captured:
    graph: torch.cuda.CUDAGraph
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


class Graphs:
    """Runs functions of tensors: replayed from CUDA graphs on a GPU, called as they are elsewhere.

    One thread only. A function must have fixed shapes per key and no host synchronization.
    """

    def __init__(self, device: torch.device) -> None:
        """Prepare for functions whose tensors live on `device`."""
        self._captured: dict[Hashable, _Captured] = {}
        self._pool = torch.cuda.graph_pool_handle() if device.type == "cuda" else None

    def run(self, key: Hashable, function: Function, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return `function(*inputs)`.

        Args:
            key: Names the function and the shapes of its inputs.
            function: What to run; everything it reads besides `inputs` must stay where it is.
            inputs: Copied into the graph's own tensors.

        Returns:
            Tensors that are valid until the next call, whatever its key.
        """
        if self._pool is None:
            return function(*inputs)
        self.prepare(key, function, *inputs)
        captured = self._captured[key]
        for own, given in zip(captured.inputs, inputs, strict=True):
            own.copy_(given, non_blocking=True)
        captured.graph.replay()
        return captured.outputs

    def ready(self, key: Hashable) -> bool:
        """Tell whether `run` would run the function once only."""
        return self._pool is None or key in self._captured

    def prepare(self, key: Hashable, function: Function, *inputs: Tensor) -> None:
        """Capture a function unless that is done, which runs it once; arguments as for `run`."""
        if not self.ready(key):
            self._captured[key] = self._capture(function, inputs)

    def _capture(self, function: Function, inputs: Sequence[Tensor]) -> "_Captured":
        own = tuple(given.clone() for given in inputs)
        # Libraries allocate their workspaces at their first call, which a capture does not allow.
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            function(*own)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # Other threads of this process may allocate meanwhile.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            outputs = function(*own)
        return _Captured(graph, own, outputs)
