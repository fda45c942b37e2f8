"""How many operations a device is told to do: on a graphics card they cost more than the sums."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_FREE = {torch.ops.aten.dropout.default, torch.ops.aten.detach.default}
"""They do nothing when nothing is being trained."""


class Operations(TorchDispatchMode):
    """Counts the operations of a `with` block; views of tensors cost a device nothing."""

    def __init__(self) -> None:
        """Begin at none."""
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, operation, _types, arguments=(), options=None):  # noqa: ANN001, ANN204
        """Count one and do it."""
        if not operation.is_view and operation not in _FREE:
            self.number += 1
        return operation(*arguments, **(options or {}))
