"""Renderer: stretches of many utterances through the flow and the vocoder."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.errors import SynthesisError
from rhapsode.tts.chatterbox.flow import FlowWindow, WindowFlow
from rhapsode.tts.chatterbox.load import ChatterboxModel
from rhapsode.tts.chatterbox.schedule import Cut
from rhapsode.tts.chatterbox.utterance import Utterance
from rhapsode.tts.chatterbox.vocoder import Vocoder, VocoderStream

Due = tuple[Utterance, Cut]
"""An utterance and the next stretch of it."""

Outcome = NDArray[np.float32] | Exception


class Renderer:
    """Makes sound of speech tokens. One thread only."""

    sample_rate = SAMPLE_RATE

    def __init__(self, model: ChatterboxModel, *, max_batch: int) -> None:
        """Take a model; `max_batch` stretches are computed at once."""
        self._flow = WindowFlow(model.s3gen.flow, steps=model.solver_steps, max_batch=max_batch)
        self._vocoder = Vocoder(model.s3gen.mel2wav, model.s3gen.trim_fade, max_batch=max_batch)
        self._silence = torch.zeros(80, 0, device=model.device)

    def stream(self, seed: int) -> VocoderStream:
        """Begin an utterance."""
        return self._vocoder.stream(seed)

    def render(self, due: Sequence[Due]) -> list[Outcome]:
        """Return the sound of each stretch, shape (n,), or why there is none.

        A stretch that fails costs its own sentence only.
        """
        mels = self._mels(due)
        sounds: list[Outcome] = [np.zeros(0, np.float32)] * len(due)
        good = [index for index, mel in enumerate(mels) if isinstance(mel, torch.Tensor)]
        pieces = [
            due[index][0].piece(due[index][1], mel)
            for index, mel in enumerate(mels)
            if isinstance(mel, torch.Tensor)
        ]
        decoded = self._vocoder.advance(pieces) if pieces else []
        for index, samples in zip(good, decoded, strict=True):
            sounds[index] = _checked(samples)
        for index, mel in enumerate(mels):
            if isinstance(mel, Exception):
                sounds[index] = mel
        return sounds

    def _mels(self, due: Sequence[Due]) -> list[torch.Tensor | Exception]:
        """Return the frames of each stretch; none for one that has no tokens."""
        windows = {
            index: utterance.window(cut)
            for index, (utterance, cut) in enumerate(due)
            if cut.end > cut.start
        }
        mels: list[torch.Tensor | Exception] = [self._silence] * len(due)
        for index, mel in zip(windows, self._flowed(list(windows.values())), strict=True):
            mels[index] = mel
        return mels

    def _flowed(self, windows: list[FlowWindow]) -> list[torch.Tensor | Exception]:
        if not windows:
            return []
        try:
            # What is not a number must not get into the vocoder's batch.
            return [
                mel if bool(torch.isfinite(mel).all()) else _not_finite()
                for mel in self._flow.mel(windows)
            ]
        except RuntimeError as error:
            if len(windows) == 1:
                return [error]
            # Too much memory for all at once, or one of them is broken: one by one, then.
            return [mel for window in windows for mel in self._flowed([window])]


def _checked(samples: torch.Tensor) -> Outcome:
    sound = samples.float().cpu().numpy()
    return sound if np.isfinite(sound).all() else _not_finite()


def _not_finite() -> SynthesisError:
    return SynthesisError("The model's sound for this sentence was not finite.")
