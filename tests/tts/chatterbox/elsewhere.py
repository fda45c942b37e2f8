"""A device that is not the host, on any machine.

Its tensors have shapes, types and a place, but no values. What mixes places fails, as on a graphics
card, and so does what asks for a value, which on a card would wait for it.
"""

from contextlib import contextmanager

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils import backend_registration

if not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"):
    pytest.skip(
        f"torch {torch.__version__} lets no device be named in Python; 2.13 does",
        allow_module_level=True,
    )

backend_registration._setup_privateuseone_for_python_backend("elsewhere")
DEVICE = torch.device("elsewhere:0")


class _Bringing(TorchFunctionMode):
    """Brings tensors of Python's numbers there, which the mode below cannot do by itself."""

    def __torch_function__(self, function, _types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if function is not torch.tensor:
            return function(*args, **kwargs)
        device = kwargs.pop("device", None)
        tensor = function(*args, **kwargs)
        # It keeps the values of small tensors otherwise, and then computes with them.
        tensor.constant = None
        return tensor if device is None else tensor.to(device)


class Elsewhere:
    """The device, and ways to bring things there."""

    def __init__(self):
        self._mode = FakeTensorMode(allow_non_fake_inputs=True)

    def tensor(self, tensor):
        return self._mode.from_tensor(tensor).to(DEVICE)

    def network(self, network):
        """Move a network's weights; tensors that are no weights stay on the host, as ever."""
        for module in network.modules():
            for owner in (module, *vars(module).values()):
                for name, value in vars(owner).items() if hasattr(owner, "__dict__") else ():
                    if isinstance(value, torch.Tensor):
                        vars(owner)[name] = self._mode.from_tensor(value)
        return network._apply(self.tensor)

    @contextmanager
    def working(self):
        with self._mode, _Bringing():
            yield


@contextmanager
def elsewhere():
    overwrites = torch.__future__.get_overwrite_module_params_on_conversion()
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    try:
        yield Elsewhere()
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(overwrites)
