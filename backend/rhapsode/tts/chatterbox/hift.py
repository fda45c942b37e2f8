"""HiftNet: mel frames and their source to samples, many windows at once.

Upstream's modules and weights with a driver of its own: upstream's inverse transform asks the
device whether its window is empty, which a CUDA graph does not allow, and copies its window there
with every call.
"""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from rhapsode.tts.chatterbox.upstream import HiFTGenerator


class HiftNet:
    """The network of the vocoder. Fixed shapes in, fixed shapes out; no host waits."""

    def __init__(self, upstream: HiFTGenerator) -> None:
        """Take upstream's module in eval mode, float32."""
        self._upstream = upstream
        self._size = upstream.istft_params["n_fft"]
        self._hop = upstream.istft_params["hop_len"]
        self.device = upstream.conv_post.weight.device
        self._window = upstream.stft_window.to(self.device)

    def pitch(self, mel: Tensor) -> Tensor:
        """Return the pitch of frames, shape (B, T), Hz, of mel frames, shape (B, 80, T)."""
        return self._upstream.f0_predictor(mel)

    def decode(self, mel: Tensor, source: Tensor) -> Tensor:
        """Return samples.

        Args:
            mel: Shape (B, 80, T).
            source: Shape (B, 480 T).

        Returns:
            Shape (B, 480 T), within the audio limit, 0.99.
        """
        net = self._upstream
        spectrum = torch.view_as_real(self._transformed(source))
        spectrum = torch.cat([spectrum[..., 0], spectrum[..., 1]], dim=1)
        x = net.conv_pre(mel)
        for stage, up in enumerate(net.ups):
            x = up(F.leaky_relu(x, net.lrelu_slope))
            if stage == len(net.ups) - 1:
                x = net.reflection_pad(x)
            x = x + net.source_resblocks[stage](net.source_downs[stage](spectrum))
            first = stage * net.num_kernels
            blocks = net.resblocks[first : first + net.num_kernels]
            x = torch.stack([block(x) for block in blocks]).mean(dim=0)
        x = net.conv_post(F.leaky_relu(x))
        bins = self._size // 2 + 1
        samples = self._inverse(torch.exp(x[:, :bins]), torch.sin(x[:, bins:]))
        return samples.clamp(-net.audio_limit, net.audio_limit)

    def _transformed(self, samples: Tensor) -> Tensor:
        return torch.stft(
            samples, self._size, self._hop, self._size, window=self._window, return_complex=True
        )

    def _inverse(self, magnitude: Tensor, phase: Tensor) -> Tensor:
        """Overlap and add; `torch.istft` without its question to the device."""
        spectrum = torch.polar(magnitude.clamp(max=1e2), phase)
        waves = cast("Tensor", torch.fft.irfft(spectrum, self._size, dim=1))
        pieces = waves * self._window[:, None]
        weights = (self._window**2)[:, None].expand(1, -1, pieces.shape[2])
        # The transform has half a window too much on either side.
        cut = slice(self._size // 2, -(self._size // 2))
        return (self._overlapped(pieces) / self._overlapped(weights))[:, cut]

    def _overlapped(self, pieces: Tensor) -> Tensor:
        length = self._hop * (pieces.shape[2] - 1) + self._size
        return F.fold(pieces, (1, length), (1, self._size), stride=(1, self._hop))[:, 0, 0]
