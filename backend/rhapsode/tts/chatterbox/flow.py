"""WindowFlow: speech tokens to mel frames, a window at a time.

The flow lets every frame see every other, so no way of streaming it can equal the whole sentence
at once. A window comes closest: the voice's prompt, the last tokens, the new ones and three more
are computed again with every chunk, from the same noise for the same frame. Measured at random
weights against the whole sentence: 1 to 2.4 % relative error; with noise drawn anew, 133 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from rhapsode.tts.chatterbox.flow_layers import Encoder, Window
from rhapsode.tts.chatterbox.schedule import FRAMES_PER_TOKEN, LOOKAHEAD_TOKENS
from rhapsode.tts.chatterbox.shapes import Graphs, bucket, doubling, upload
from rhapsode.tts.chatterbox.solver import MEL_BANDS, Solver, frame_noise
from rhapsode.tts.chatterbox.upstream import CausalMaskedDiffWithXvec
from rhapsode.tts.chatterbox.voice import FlowVoice

LEFT_TOKENS = 64
"""How much of what was said a window begins with."""

TOKEN_BUCKETS = (64, 96, 128, 160, 200)
"""Widths of windows on a GPU. The widest window is the last one of an utterance: 4 s of prompt,
64 tokens, 27 that were too few for a chunk and its look-ahead, and Turbo's 3 of silence."""


@dataclass(frozen=True, slots=True)
class FlowWindow:
    """A stretch of one utterance that is to become mel frames."""

    voice: FlowVoice
    seed: int
    tokens: Sequence[int]
    """All tokens of the utterance so far, each below 6,561."""

    start: int
    """First token of the stretch."""

    end: int
    """One past its last; unless `final`, at least three more tokens are known."""

    final: bool
    """Whether the utterance ends with the stretch."""


class WindowFlow:
    """Computes windows, many at once. One thread only; grads are off."""

    def __init__(
        self,
        flow: CausalMaskedDiffWithXvec,
        *,
        steps: int,
        left_tokens: int = LEFT_TOKENS,
        buckets: Sequence[int] | None = None,
        max_batch: int = 16,
    ) -> None:
        """Take a flow in eval mode; its estimator may be bfloat16, the rest is float32.

        Args:
            flow: Upstream's.
            steps: Of the solver; see `Solver`.
            left_tokens: How much of what was said a window begins with.
            buckets: Widths that windows are rounded up to, in tokens; None takes `TOKEN_BUCKETS`
                on a GPU and exact widths elsewhere, where padding would only cost.
            max_batch: How many windows are computed at once.
        """
        self._flow = flow
        self._device = flow.encoder_proj.weight.device
        self._encoder = Encoder(flow)
        self._solver = Solver(flow, steps)
        self._left = left_tokens
        self._graphs = Graphs(self._device)
        self._buckets = tuple(buckets or (TOKEN_BUCKETS if self._graphs.records else ()))
        self._batches = doubling(max_batch) if self._graphs.records else ()
        self._max_batch = max_batch

    def mel(self, windows: Sequence[FlowWindow]) -> list[Tensor]:
        """Return the mel frames of each window's stretch.

        Returns:
            Shapes (80, 2 (end - start)), float32, valid for good.
        """
        frames: list[Tensor] = []
        for first in range(0, len(windows), self._max_batch):
            frames += self._batch(windows[first : first + self._max_batch])
        return frames

    def warm_up(self) -> None:
        """Record every shape on a GPU, so that no listener waits for it later."""
        device = self._device
        with torch.inference_mode():
            for rows, width in product(self._batches, self._buckets):
                frames = FRAMES_PER_TOKEN * width
                count = torch.ones(rows, dtype=torch.int64, device=device)
                self._graphs.prepare(
                    (rows, width),
                    self._compute,
                    torch.zeros(rows, width, dtype=torch.int64, device=device),
                    width * count,
                    frames * count,
                    torch.zeros(rows, frames, dtype=torch.int64, device=device),
                    count,
                    torch.zeros(rows, MEL_BANDS, frames, device=device),
                    torch.zeros(rows, self._flow.spk_embed_affine_layer.in_features, device=device),
                )

    def _batch(self, windows: Sequence[FlowWindow]) -> list[Tensor]:
        layouts = [_Layout(window, self._left) for window in windows]
        width = bucket(max(layout.length for layout in layouts), self._buckets)
        rows = bucket(len(layouts), self._batches)
        # Unused rows repeat the last one: rows of nothing would be softmaxes of nothing.
        padded = [*layouts, *[layouts[-1]] * (rows - len(layouts))]
        with torch.inference_mode():
            inputs = self._inputs(padded, width)
            (mel,) = self._graphs.run((rows, width), self._compute, *inputs)
            return [
                mel[row, :, layout.first_frame : layout.last_frame].clone()
                for row, layout in enumerate(layouts)
            ]

    def _inputs(self, layouts: Sequence["_Layout"], width: int) -> tuple[Tensor, ...]:
        device = self._device
        tokens = upload(torch.tensor([layout.tokens(width) for layout in layouts]), device)
        numbers = upload(torch.tensor([layout.numbers(width) for layout in layouts]), device)
        known = [[layout.window.seed, layout.length, layout.frames] for layout in layouts]
        seeds, lengths, solved = upload(torch.tensor(known), device).unbind(1)
        prompt = torch.zeros(len(layouts), MEL_BANDS, numbers.shape[1], device=device)
        for row, layout in enumerate(layouts):
            voice = layout.window.voice
            tokens[row, : len(voice.prompt_tokens)] = voice.prompt_tokens
            prompt[row, :, : voice.prompt_mel.shape[1]] = voice.prompt_mel
        speakers = torch.stack([layout.window.voice.embedding for layout in layouts])
        return tokens, lengths, solved, numbers, seeds, prompt, speakers

    def _compute(
        self,
        tokens: Tensor,
        lengths: Tensor,
        solved: Tensor,
        numbers: Tensor,
        seeds: Tensor,
        prompt: Tensor,
        speakers: Tensor,
    ) -> tuple[Tensor]:
        """Encode and solve; fixed shapes, no host waits."""
        known = torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None]
        fine = known.repeat_interleave(FRAMES_PER_TOKEN, dim=1)
        x = self._encoder.embed(tokens) * known[..., None]
        mean = self._encoder.encode(x, x[:, :0], _window(known), _window(fine))
        frames = torch.arange(mean.shape[2], device=tokens.device) < solved[:, None]
        if self._solver.guided:
            frames = frames.repeat(2, 1)
        speaker = self._flow.spk_embed_affine_layer(F.normalize(speakers, dim=1))
        noise = frame_noise(seeds, numbers)
        return (self._solver.solve(noise, mean, speaker, prompt, _window(frames)),)


def _window(known: Tensor) -> Window:
    return Window(known[:, None, None, :])


class _Layout:
    """Where things stand in the row of one window: prompt, left tokens, stretch, look-ahead."""

    def __init__(self, window: FlowWindow, left_tokens: int) -> None:
        self.window = window
        ahead = 0 if window.final else LOOKAHEAD_TOKENS
        if window.end + ahead > len(window.tokens):
            raise ValueError(f"{len(window.tokens)} tokens are too few for {window.end} + {ahead}")
        self._prompt = len(window.voice.prompt_tokens)
        self._first = max(0, window.start - left_tokens)
        self._last = window.end + ahead
        self.length = self._prompt + self._last - self._first
        """Tokens of the row."""

        self.frames = FRAMES_PER_TOKEN * (self.length - ahead)
        """Frames that are solved for; look-ahead has none."""

        self.first_frame = FRAMES_PER_TOKEN * (self._prompt + window.start - self._first)
        self.last_frame = self.frames

    def tokens(self, width: int) -> list[int]:
        """Return the row, `width` long; the prompt's tokens and what is unused are 0."""
        said = self.window.tokens[self._first : self._last]
        return [0] * self._prompt + list(said) + [0] * (width - self.length)

    def numbers(self, width: int) -> list[int]:
        """Return the number of each frame of the row, the prompt's negative."""
        prompt, said = FRAMES_PER_TOKEN * self._prompt, FRAMES_PER_TOKEN * self._first
        rest = FRAMES_PER_TOKEN * width - prompt
        return [*range(-prompt, 0), *range(said, said + rest)]
