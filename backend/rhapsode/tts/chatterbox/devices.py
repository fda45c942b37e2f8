"""Which device the model runs on, and whether it has the memory."""

from collections.abc import Sequence

import torch

from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.chatterbox.offers import Precision

DEVICES = ("auto", "cuda", "mps", "cpu")

_GIB = 1024**3


def choose_device(name: str) -> torch.device:
    """Return the device of that name; `auto` takes the fastest there is.

    Raises:
        EngineUnavailableError: There is no such device here; the message says why.
    """
    if name == "auto":
        name = _fastest()
    if name not in DEVICES:
        raise EngineUnavailableError(f"No device is called {name!r}: {', '.join(DEVICES)}.")
    if name == "cuda":
        _require_cuda()
    if name == "mps" and not torch.backends.mps.is_available():
        raise EngineUnavailableError(f"Chatterbox cannot run on mps: {_why_no_mps()}")
    return torch.device(name)


def _fastest() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _require_cuda() -> None:
    if not torch.cuda.is_available():
        raise EngineUnavailableError(f"Chatterbox cannot run on cuda: {_why_no_cuda()}")
    capability = torch.cuda.get_device_capability()
    if not is_built_for(capability, torch.cuda.get_arch_list()):
        major, minor = capability
        raise EngineUnavailableError(
            f"Chatterbox cannot run on this card: PyTorch {torch.__version__} was not built for "
            f"its compute capability, {major}.{minor}. `make chatterbox` looks for one that was."
        )


def is_built_for(capability: tuple[int, int], architectures: Sequence[str]) -> bool:
    """Tell whether a build of PyTorch runs on a card of NVIDIA's.

    Args:
        capability: The card's, such as (8, 9).
        architectures: What the build holds code for. `sm_86` runs on 8.6 to 8.9; `compute_90` is
            translated for 9.0 and whatever is newer.
    """
    for architecture in architectures:
        kind, _, digits = architecture.rstrip("af").partition("_")
        major, minor = divmod(int(digits), 10)
        if kind == "compute" and (major, minor) <= capability:
            return True
        if kind == "sm" and major == capability[0] and minor <= capability[1]:
            return True
    return False


def _why_no_cuda() -> str:
    if torch.version.cuda is None:
        return f"PyTorch {torch.__version__} here is a build for the CPU. Run `make chatterbox`."
    return "PyTorch finds no NVIDIA GPU. Is its driver loaded (`nvidia-smi`)?"


def _why_no_mps() -> str:
    if not torch.backends.mps.is_built():
        return "PyTorch here was built without it. It needs a Mac with an Apple chip."
    return "it needs macOS 12.3 or newer and an Apple chip."


def choose_precision(name: Precision, device: torch.device) -> torch.dtype:
    """Return what the largest networks compute in; `auto` takes bfloat16 where that is fast."""
    if name == "auto":
        name = "bfloat16" if _is_built_for_bfloat16(device) else "float32"
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def _is_built_for_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    # Other processors can compute in it too, but more slowly than in float32.
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def free_bytes(device: torch.device) -> int | None:
    """Return the device's free memory; None where it is the computer's own."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None


def require_memory(needed: int, free: int | None) -> None:
    """Check that the model fits.

    Raises:
        EngineUnavailableError: It does not; the message says how much it needs and how much is
            free.
    """
    if free is not None and needed > free:
        raise EngineUnavailableError(
            f"Chatterbox needs {needed / _GIB:.1f} GiB of GPU memory, and {free / _GIB:.1f} GiB "
            "are free. Close what uses the GPU, or make RHAPSODE_CHATTERBOX_SLOTS smaller."
        )
