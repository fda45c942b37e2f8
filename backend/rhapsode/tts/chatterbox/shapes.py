"""Shape buckets and CUDA graphs: the same few shapes again and again.

A step of the model is a thousand small kernels, and starting them one by one takes longer than
running them. A CUDA graph starts them all at once, but is tied to the shapes it was captured
with: so inputs are rounded up to a bucket.
"""

from collections.abc import Callable, Hashable, Sequence

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

Replay = Callable[[], tuple[Tensor, ...]]
"""Computes again what was recorded, from the same tensors into the same tensors."""


class CudaRecorder:
    """Records functions of tensors as CUDA graphs."""

    def __init__(self) -> None:
        """Prepare the memory that all graphs share: they never run at the same time."""
        self._pool = torch.cuda.graph_pool_handle()

    def record(self, function: Function, inputs: Sequence[Tensor]) -> Replay:
        """Run a function once, and return how to run it again; see `Graphs` for its duties."""
        # Libraries allocate their workspaces at their first call, which a capture does not allow.
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            function(*inputs)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # Other threads of this process may allocate meanwhile.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            outputs = function(*inputs)

        def replay() -> tuple[Tensor, ...]:
            graph.replay()
            return outputs

        return replay


def recorder_for(device: torch.device) -> CudaRecorder | None:
    """Return what records functions on a device; None where calling them is as good."""
    return CudaRecorder() if device.type == "cuda" else None


class Graphs:
    """Runs functions of tensors: replayed from a recording on a GPU, called as they are elsewhere.

    One thread only. A function must have fixed shapes per key and no host synchronization, and
    everything it reads besides its inputs must stay where it is.
    """

    def __init__(self, device: torch.device) -> None:
        """Prepare for functions whose tensors live on `device`."""
        self._recorder = recorder_for(device)
        self._recorded: dict[Hashable, tuple[tuple[Tensor, ...], Replay]] = {}

    @property
    def records(self) -> bool:
        """Whether every shape is recorded before it is used, so that a few must do for all."""
        return self._recorder is not None

    def run(self, key: Hashable, function: Function, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return `function(*inputs)`.

        Args:
            key: Names the function and the shapes of its inputs.
            function: What to run.
            inputs: Copied into the recording's own tensors.

        Returns:
            Tensors that are valid until the next call, whatever its key.
        """
        if self._recorder is None:
            return function(*inputs)
        self.prepare(key, function, *inputs)
        own, replay = self._recorded[key]
        for tensor, given in zip(own, inputs, strict=True):
            tensor.copy_(given, non_blocking=True)
        return replay()

    def ready(self, key: Hashable) -> bool:
        """Tell whether `run` would run the function once only."""
        return self._recorder is None or key in self._recorded

    def prepare(self, key: Hashable, function: Function, *inputs: Tensor) -> None:
        """Record a function unless that is done, which runs it once; arguments as for `run`."""
        if self._recorder is None or key in self._recorded:
            return
        own = tuple(given.clone() for given in inputs)
        self._recorded[key] = own, self._recorder.record(function, own)
