"""CachedFlow: speech tokens to mel frames, each computed once.

With a mask that lets a frame see its own chunk and those before it, the flow can remember keys,
values and the edges of its convolutions, and a chunk costs the same wherever it stands. Exact
against the masked flow of the whole sentence. But the released weights may have been trained
without such a mask, so what it sounds like is not known: `WindowFlow` is the default.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from rhapsode.tts.chatterbox.flow_layers import Encoder
from rhapsode.tts.chatterbox.schedule import FRAMES_PER_TOKEN
from rhapsode.tts.chatterbox.solver import Solver, frame_noise
from rhapsode.tts.chatterbox.upstream import CausalMaskedDiffWithXvec
from rhapsode.tts.chatterbox.voice import FlowVoice


class _Memory:
    """A context that remembers what it was asked, by the order of the questions."""

    mask: Tensor | None = None

    def __init__(self) -> None:
        self._kept: list[tuple[Tensor, ...]] = []
        self._next = 0

    def begin(self) -> None:
        """Start a chunk."""
        self._next = 0

    def before(self, x: Tensor, width: int) -> Tensor:
        """See `Context.before`."""
        (left,) = self._recalled() or (x.new_zeros(x.shape[0], x.shape[1], width),)
        wide = torch.cat([left, x], dim=2)
        self._remember(wide[:, :, -width:])
        return wide

    def attended(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """See `Context.attended`."""
        if recalled := self._recalled():
            keys, values = torch.cat([recalled[0], keys], 2), torch.cat([recalled[1], values], 2)
        self._remember(keys, values)
        return keys, values

    @property
    def nbytes(self) -> int:
        """Size of what is remembered."""
        return sum(tensor.nbytes for kept in self._kept for tensor in kept)

    def _recalled(self) -> tuple[Tensor, ...] | None:
        return self._kept[self._next] if self._next < len(self._kept) else None

    def _remember(self, *tensors: Tensor) -> None:
        self._kept[self._next : self._next + 1] = [tensors]
        self._next += 1


class CachedStream:
    """One utterance on its way through a `CachedFlow`."""

    def __init__(self, flow: "CachedFlow", seed: int, speaker: Tensor, frame: int) -> None:
        """Begin before the frame of this number; use `CachedFlow.start`."""
        self._flow = flow
        self._seed = torch.full((1,), seed, device=speaker.device)
        self._speaker = speaker
        self._frame = frame
        self._tokens, self._fine, self._solving = _Memory(), _Memory(), _Memory()

    @property
    def nbytes(self) -> int:
        """Size of what it remembers: 24 MB per second of speech at full size and two steps."""
        return sum(memory.nbytes for memory in (self._tokens, self._fine, self._solving))

    def push(self, tokens: Tensor, ahead: Tensor, prompt: Tensor | None = None) -> Tensor:
        """Return the mel frames of the next chunk.

        Args:
            tokens: Shape (n,), int64: the chunk, which is seen as a whole.
            ahead: Shape (0 to 3,), int64: tokens that follow; fewer than three at the end only.
            prompt: Shape (80, 2 n): its frames, if it is part of the voice's prompt.

        Returns:
            Shape (80, 2 n).
        """
        with torch.inference_mode():
            for memory in (self._tokens, self._fine, self._solving):
                memory.begin()
            mean = self._flow.encoder.encode(
                self._flow.encoder.embed(tokens[None]),
                self._flow.encoder.embed(ahead[None]),
                self._tokens,
                self._fine,
            )
            numbers = torch.arange(self._frame, self._frame + mean.shape[2], device=mean.device)
            noise = frame_noise(self._seed, numbers[None])
            given = torch.zeros_like(mean) if prompt is None else prompt[None]
            self._frame += mean.shape[2]
            return self._flow.solver.solve(noise, mean, self._speaker, given, self._solving)[0]


class CachedFlow:
    """Makes streams. One thread only; grads are off."""

    def __init__(self, flow: CausalMaskedDiffWithXvec, *, steps: int) -> None:
        """Take a flow in eval mode; `steps` as for `Solver`."""
        self._flow = flow
        self.encoder = Encoder(flow)
        self.solver = Solver(flow, steps)

    def start(
        self, voice: FlowVoice, seed: int, following: Tensor, chunk: int = 25
    ) -> CachedStream:
        """Return a stream that has heard the voice's prompt.

        Args:
            voice: Who speaks.
            seed: The request's.
            following: Shape (3,), int64: the utterance's first tokens, which the prompt's end
                looks ahead to.
            chunk: Tokens of the prompt that see each other.
        """
        with torch.inference_mode():
            speaker = self._flow.spk_embed_affine_layer(F.normalize(voice.embedding[None], dim=1))
        stream = CachedStream(self, seed, speaker, -FRAMES_PER_TOKEN * len(voice.prompt_tokens))
        known = torch.cat([voice.prompt_tokens, following])
        for start in range(0, len(voice.prompt_tokens), chunk):
            end = min(start + chunk, len(voice.prompt_tokens))
            frames = slice(FRAMES_PER_TOKEN * start, FRAMES_PER_TOKEN * end)
            stream.push(known[start:end], known[end : end + 3], voice.prompt_mel[:, frames])
        return stream
