"""What a CUDA graph does, on any device.

A graph knows nothing of Python: it runs the kernels of one call again, on the memory that they
had then. Whatever the code decided meanwhile is fixed, and neither may a value be asked of the
device nor brought to it. A list of the operations is the same, so what goes wrong with one goes
wrong with both.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

ASKS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
INDEXES = {torch.ops.aten.index.Tensor, torch.ops.aten.index_put_.default}
BRINGS = {torch.ops.aten.lift_fresh.default, torch.ops.aten.lift.default}
GARBAGE = {torch.float32: torch.nan, torch.float64: torch.nan, torch.int64: -(2**40)}


class OperationRecorder:
    """Records functions of tensors as lists of operations; stands in for `CudaRecorder`."""

    def __init__(self):
        self._lent = ()

    def record(self, function, inputs):
        function(*inputs)
        with torch.inference_mode(), _Operations() as operations:
            outputs = function(*inputs)

        def replay():
            self._take_back()
            with torch.inference_mode():
                self._lent = operations.replay(outputs)
            return self._lent

        return replay

    def _take_back(self):
        """Graphs share their memory: the next one to run overwrites what the last one gave."""
        with torch.inference_mode():
            for tensor in self._lent:
                tensor.fill_(GARBAGE[tensor.dtype])


class _Operations(TorchDispatchMode):
    """Notes every operation, and what it was done with."""

    def __init__(self):
        super().__init__()
        self._done = []

    def __torch_dispatch__(self, operation, _types, args=(), kwargs=None):
        if _asks(operation, args):
            raise RuntimeError(f"{operation} asks the device for a value")
        if operation in BRINGS:
            raise RuntimeError(f"{operation} brings a value to the device")
        result = operation(*args, **(kwargs or {}))
        self._done.append((operation, args, kwargs or {}, result))
        return result

    def replay(self, outputs):
        """Do all of them again, and return what `outputs` are this time."""
        now = {}

        def current(tensor):
            # What no operation made was there before, and is read where it lies.
            return now.get(id(tensor), tensor)

        for operation, args, kwargs, result in self._done:
            again = operation(*tree_map_only(torch.Tensor, current, args), **kwargs)
            now.update(zip(map(id, tree_leaves(result)), tree_leaves(again), strict=True))
        return tuple(map(current, outputs))


def _asks(operation, args):
    if operation in INDEXES:
        # Where a mask selects, the size of the result depends on it.
        return any(index is not None and index.dtype == torch.bool for index in args[1])
    return bool(ASKS & set(operation.tags))
