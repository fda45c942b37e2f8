"""Sampling: what a request may choose about how its speech tokens are drawn. Pure, no torch."""

from dataclasses import dataclass

from rhapsode.errors import InvalidInputError

SAMPLING_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0.05, 5.0),
    "cfg_weight": (0.0, 5.0),
    "min_p": (0.0, 1.0),
    "top_p": (0.01, 1.0),
    "top_k": (0, 100_000),
    "repetition_penalty": (0.5, 10.0),
}
"""Least and largest value of each figure."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a request's tokens are drawn. Turbo has no guidance and no `min_p`; Llama no `top_k`."""

    temperature: float = 0.8
    """0.05 to 5: higher is more varied."""

    cfg_weight: float = 0.5
    """0 to 5: how strongly the text guides the pace; 0 takes no guidance at all."""

    min_p: float = 0.05
    """0 to 1: drops tokens less likely than this share of the likeliest; 1 leaves only that."""

    top_p: float = 1.0
    """0.01 to 1: keeps the likeliest tokens that together reach this probability."""

    top_k: int = 0
    """Keeps that many tokens; 0 keeps all."""

    repetition_penalty: float = 1.2
    """0.5 to 10: above 1 makes tokens that were drawn before less likely."""

    seed: int = 0
    """Any 63-bit number. The same seed, text, voice and settings give the same tokens."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InvalidInputError: A figure is out of its range, or not a number.
        """
        for name, (least, most) in SAMPLING_RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise InvalidInputError(f"{name} must be {least:g} to {most:g}.", param=name)


TURBO_SAMPLING = Sampling(cfg_weight=0.0, min_p=0.0, top_p=0.95, top_k=1000)
MULTILINGUAL_SAMPLING = Sampling(repetition_penalty=2.0)
