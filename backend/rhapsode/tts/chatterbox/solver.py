"""Solver: noise to mel frames, along the flow's velocities."""

import torch
from torch import Tensor

from rhapsode.tts.chatterbox.flow_layers import Context, Estimator
from rhapsode.tts.chatterbox.noise import normal
from rhapsode.tts.chatterbox.upstream import CausalMaskedDiffWithXvec

MEL_BANDS = 80


def frame_noise(seeds: Tensor, numbers: Tensor) -> Tensor:
    """Return the noise that frames begin as.

    Args:
        seeds: Shape (B,), int64: one per utterance.
        numbers: Shape (B, T), int64: which frames; 0 is the first of the speech, those of the
            prompt are negative.

    Returns:
        Shape (B, 80, T), float32.
    """
    bands = torch.arange(MEL_BANDS, device=numbers.device)[:, None]
    return normal(seeds[:, None, None], numbers[:, None], bands)


class Solver:
    """Moves frames from noise to speech along the estimator's velocities."""

    def __init__(self, flow: CausalMaskedDiffWithXvec, steps: int) -> None:
        """Take a flow; `steps` of the solver, 10 for English and multilingual, 2 for Turbo."""
        decoder = flow.decoder
        self.estimator = Estimator(decoder.estimator)
        self.guided = not decoder.estimator.meanflow
        """Whether every frame is computed twice, told what to say and not."""

        self._rate = decoder.inference_cfg_rate
        times = torch.linspace(0, 1, steps + 1, device=flow.encoder_proj.weight.device)
        if self.guided:
            times = 1 - torch.cos(times * 0.5 * torch.pi)
        self._strides = times.diff()
        with torch.inference_mode():
            self._times = self.estimator.times(times)

    def solve(
        self, noise: Tensor, mean: Tensor, speaker: Tensor, prompt: Tensor, context: Context
    ) -> Tensor:
        """Return mel frames, shape (B, 80, T), float32.

        Args:
            noise: Shape (B, 80, T): where they begin.
            mean: Shape (B, 80, T): the encoder's.
            speaker: Shape (B, 80).
            prompt: Shape (B, 80, T): the prompt's frames, zero elsewhere.
            context: For B rows, or 2 B when `guided`.
        """
        given = torch.cat([mean, speaker[..., None].expand_as(mean), prompt], dim=1)
        if self.guided:
            given = torch.cat([given, torch.zeros_like(given)])
        given = given.to(self.estimator.dtype)
        x = noise
        for time, stride in zip(self._times[:, None], self._strides, strict=True):
            x = x + stride * self._velocity(x, given, time, context)
        return x

    def _velocity(self, x: Tensor, given: Tensor, time: Tensor, context: Context) -> Tensor:
        x = x.to(given.dtype)
        if not self.guided:
            return self.estimator.velocity(x, given, time, context).float()
        both = self.estimator.velocity(torch.cat([x, x]), given, time, context).float()
        told, untold = both.chunk(2)
        return told + self._rate * (told - untold)
