"""Renderer: stretches of many utterances through the flow and the vocoder."""

from collections.abc import Sequence
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.errors import SynthesisError
from rhapsode.tts.chatterbox.flow import FlowWindow, WindowFlow
from rhapsode.tts.chatterbox.flow_cached import CachedFlow, CachedStream
from rhapsode.tts.chatterbox.load import ChatterboxModel
from rhapsode.tts.chatterbox.offers import FlowMode
from rhapsode.tts.chatterbox.schedule import LOOKAHEAD_TOKENS, Cut
from rhapsode.tts.chatterbox.utterance import Utterance
from rhapsode.tts.chatterbox.vocoder import Piece, Vocoder, VocoderStream

Due = tuple[Utterance, Cut]
"""An utterance and the next stretch of it."""

Outcome = NDArray[np.float32] | Exception


Frames = torch.Tensor | Exception


class Renderer:
    """Makes sound of speech tokens. One thread only."""

    sample_rate = SAMPLE_RATE

    def __init__(
        self, model: ChatterboxModel, *, max_batch: int, flow: FlowMode = "window"
    ) -> None:
        """Take a model.

        Args:
            model: Nobody else runs its flow or vocoder.
            max_batch: So many stretches are computed at once.
            flow: How frames are streamed.
        """
        make = _Cached if flow == "cached" else _Windows
        self._flow: _Windows | _Cached = make(model, max_batch)
        self._vocoder = Vocoder(model.s3gen.mel2wav, model.s3gen.trim_fade, max_batch=max_batch)
        self._silence = torch.zeros(80, 0, device=model.device)

    def warm_up(self) -> None:
        """Record on a GPU what is done again and again, so that no listener waits for it later."""
        if isinstance(self._flow, _Windows):
            self._flow.warm_up()
        self._vocoder.warm_up()

    def stream(self, seed: int) -> VocoderStream:
        """Begin an utterance."""
        return self._vocoder.stream(seed)

    def render(self, due: Sequence[Due]) -> list[Outcome]:
        """Return the sound of each stretch, shape (n,), or why there is none.

        Frames that fail cost their own sentence; a vocoder that fails, those that it was given.
        """
        mels = self._mels(due)
        sounds: list[Outcome] = [np.zeros(0, np.float32)] * len(due)
        good = [index for index, mel in enumerate(mels) if isinstance(mel, torch.Tensor)]
        pieces = [
            due[index][0].piece(due[index][1], mel)
            for index, mel in enumerate(mels)
            if isinstance(mel, torch.Tensor)
        ]
        for index, sound in zip(good, self._sounds(pieces), strict=True):
            sounds[index] = sound
        for index, mel in enumerate(mels):
            if isinstance(mel, Exception):
                sounds[index] = mel
        return sounds

    def _sounds(self, pieces: list[Piece]) -> list[Outcome]:
        if not pieces:
            return []
        try:
            return [_checked(samples) for samples in self._vocoder.advance(pieces)]
        except RuntimeError as error:
            # Not one by one as frames are: their streams have moved on.
            return [error] * len(pieces)

    def _mels(self, due: Sequence[Due]) -> list[Frames]:
        """Return the frames of each stretch; none for one that has no tokens."""
        spoken = {index: each for index, each in enumerate(due) if each[1].end > each[1].start}
        mels: list[Frames] = [self._silence] * len(due)
        for index, mel in zip(spoken, self._flow.mels(list(spoken.values())), strict=True):
            mels[index] = mel
        return mels


class _Windows:
    """Frames by `WindowFlow`, many utterances at once."""

    def __init__(self, model: ChatterboxModel, max_batch: int) -> None:
        self._flow = WindowFlow(model.s3gen.flow, steps=model.solver_steps, max_batch=max_batch)

    def warm_up(self) -> None:
        self._flow.warm_up()

    def mels(self, due: Sequence[Due]) -> list[Frames]:
        return self._mels([utterance.window(cut) for utterance, cut in due])

    def _mels(self, windows: list[FlowWindow]) -> list[Frames]:
        if not windows:
            return []
        try:
            return [_finite(mel) for mel in self._flow.mel(windows)]
        except RuntimeError as error:
            if len(windows) == 1:
                return [error]
            # Too much memory for all at once, or one of them is broken: one by one, then.
            return [mel for window in windows for mel in self._mels([window])]


class _Cached:
    """Frames by `CachedFlow`, whose streams live as long as their utterances."""

    def __init__(self, model: ChatterboxModel, _max_batch: int) -> None:
        self._flow = CachedFlow(model.s3gen.flow, steps=model.solver_steps)
        self._device = model.device
        self._streams: WeakKeyDictionary[Utterance, CachedStream] = WeakKeyDictionary()

    def mels(self, due: Sequence[Due]) -> list[Frames]:
        return [self._mel(utterance, utterance.window(cut)) for utterance, cut in due]

    def _mel(self, utterance: Utterance, window: FlowWindow) -> Frames:
        tokens = torch.tensor(window.tokens, device=self._device)
        try:
            stream = self._streams.get(utterance)
            if stream is None:
                stream = self._flow.start(window.voice, window.seed, tokens[:LOOKAHEAD_TOKENS])
                self._streams[utterance] = stream
            ahead = tokens[window.end : window.end + LOOKAHEAD_TOKENS]
            return _finite(stream.push(tokens[window.start : window.end], ahead))
        except RuntimeError as error:
            return error


def _finite(mel: torch.Tensor) -> Frames:
    """Refuse what is not a number: it must not get into the vocoder's batch."""
    return mel if bool(torch.isfinite(mel).all()) else _not_finite()


def _checked(samples: torch.Tensor) -> Outcome:
    sound = cast("NDArray[np.float32]", samples.float().cpu().numpy())
    return sound if np.isfinite(sound).all() else _not_finite()


def _not_finite() -> SynthesisError:
    return SynthesisError("The model's sound for this sentence was not finite.")
