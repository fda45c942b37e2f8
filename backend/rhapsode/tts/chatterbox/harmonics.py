"""HarmonicSource: the buzz that the vocoder shapes into a voice, without a seam anywhere.

Upstream starts the phase at zero and draws new noise with every call, which is where clicks
between chunks come from. Here the phase is carried on and noise belongs to its sample.
"""

import math

import torch
from torch import Tensor

from rhapsode.tts.chatterbox.noise import normal, uniform
from rhapsode.tts.chatterbox.schedule import SAMPLES_PER_FRAME
from rhapsode.tts.chatterbox.upstream import SourceModuleHnNSF

_SALT = 0x736F756E64
"""Keeps the noise of the source apart from the flow's, which has the same seed."""


class HarmonicSource:
    """Makes the source of one stretch after the other from its pitch."""

    def __init__(self, upstream: SourceModuleHnNSF) -> None:
        """Take upstream's module, of which the weights and figures are used."""
        sines = upstream.l_sin_gen
        self._upstream = upstream
        self._amplitude = sines.sine_amp
        self._breath = sines.noise_std
        self._voiced_hz = sines.voiced_threshold
        self.harmonics = sines.harmonic_num + 1
        device = upstream.l_linear.weight.device
        # 24,000 additions a second lose a cycle's fraction in float32; Apple's GPUs have no more.
        self.phase_dtype = torch.float32 if device.type == "mps" else torch.float64
        self._multiples = torch.arange(1, self.harmonics + 1, device=device)
        self._per_hz = (self._multiples / sines.sampling_rate).to(self.phase_dtype)
        self._within = torch.arange(1, SAMPLES_PER_FRAME + 1, device=device, dtype=self.phase_dtype)

    def silence(self) -> Tensor:
        """Return the phase before the first frame, shape (harmonics,), in cycles."""
        return torch.zeros(self.harmonics, dtype=self.phase_dtype, device=self._within.device)

    def offsets(self, seeds: Tensor) -> Tensor:
        """Return where harmonics begin, shape (B, harmonics), in radians; the first at 0."""
        place = self._multiples - 1
        return math.pi * (2 * uniform(seeds[:, None] ^ _SALT, place) - 1) * (place > 0)

    def noise(self, seeds: Tensor, numbers: Tensor) -> Tensor:
        """Return the noise of samples, shape (B, harmonics, n), by their numbers, (B, n)."""
        salted = seeds[:, None, None] ^ _SALT
        return normal(salted, numbers[:, None], self._multiples[:, None])

    def make(
        self, pitch: Tensor, phase: Tensor, seeds: Tensor, first: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the source of some frames of B utterances.

        Args:
            pitch: Shape (B, n), Hz.
            phase: Shape (B, harmonics), cycles: where the frame before them ended.
            seeds: Shape (B,), int64.
            first: Shape (B,), int64: numbers of their first frames.

        Returns:
            Samples, shape (B, 480 n), and the phase where each frame ends, (B, harmonics, n).
        """
        turns = self._per_hz[:, None] * pitch[:, None].to(self.phase_dtype)
        ends = phase[..., None] + (turns * SAMPLES_PER_FRAME).cumsum(dim=2)
        starts = torch.cat([phase[..., None], ends[..., :-1]], dim=2)
        cycles = (starts[..., None] + turns[..., None] * self._within).flatten(2) % 1
        angle = (2 * math.pi * cycles).float() + self.offsets(seeds)[..., None]
        voiced = (pitch > self._voiced_hz).float().repeat_interleave(SAMPLES_PER_FRAME, dim=1)
        breath = voiced * self._breath + (1 - voiced) * self._amplitude / 3
        samples = torch.arange(voiced.shape[1], device=first.device)
        noise = self.noise(seeds, first[:, None] * SAMPLES_PER_FRAME + samples)
        waves = self._amplitude * torch.sin(angle) * voiced[:, None] + breath[:, None] * noise
        mixed = torch.tanh(self._upstream.l_linear(waves.transpose(1, 2)))
        return mixed[..., 0], ends % 1
