"""Conditionals: from a reference clip to what the model must know of a voice.

Follows upstream's `prepare_conditionals`, with the length of every part unchanged: the same clip
gives the same voice.
"""

import hashlib
import logging
import os
import threading
import wave
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import librosa
import numpy as np
import pyloudnorm  # pyright: ignore[reportMissingTypeStubs] - it has no types
import torch
from numpy.typing import NDArray

from rhapsode.errors import SynthesisError, UnknownVoiceError
from rhapsode.tts.chatterbox.load import ChatterboxModel
from rhapsode.tts.chatterbox.offers import DEFAULT_VOICE
from rhapsode.tts.chatterbox.prompt import VoicePrefix
from rhapsode.tts.chatterbox.shelf import VOICE_ID, clip_path
from rhapsode.tts.chatterbox.speakers import Speaker
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.voice import (
    MAX_PROMPT_S,
    UNREADABLE,
    Conditionals,
    T3Voice,
    from_upstream,
    read_conditionals,
)
from rhapsode.tts.engine import deleted_voice

_log = logging.getLogger(__name__)

CLIP_RATE = 24_000
_TOKENIZER_RATE = 16_000
_FLOW_S = 10
"""How much of the clip the flow's part is made of; its prompt is cut to `MAX_PROMPT_S` later."""

_T3_S = {Variant.ENGLISH: 6, Variant.MULTILINGUAL: 6, Variant.TURBO: 15}
_TURBO_LUFS = -27.0
_MIN_TURBO_S = 5.0
_FORMAT = 1
"""Of the files in the cache."""

_KEPT = 64
"""Speakers kept on the device, 8 MB each."""

Raw = dict[str, dict[str, Any]]
"""A voice as upstream saves it."""


def embed_clip(model: ChatterboxModel, samples: NDArray[np.float32]) -> Raw:
    """Compute a voice from a clip; takes seconds on a CPU.

    Args:
        model: Which model is to speak in it.
        samples: Shape (n,), mono, at `CLIP_RATE`.

    Raises:
        SynthesisError: The clip is too short for this model.
    """
    if model.variant is Variant.TURBO:
        samples = _turbo_clip(samples)
    coarse = cast(
        "NDArray[np.float32]",
        librosa.resample(samples, orig_sr=CLIP_RATE, target_sr=_TOKENIZER_RATE),
    )
    with torch.inference_mode():
        gen = model.s3gen.embed_ref(
            samples[: _FLOW_S * CLIP_RATE], CLIP_RATE, device=str(model.device)
        )
        beginning = coarse[: _T3_S[model.variant] * _TOKENIZER_RATE]
        tokens, _ = model.s3gen.tokenizer.forward(
            [beginning], max_len=model.t3.hp.speech_cond_prompt_len
        )
        speaker = model.voice_encoder.embeds_from_wavs([coarse], sample_rate=_TOKENIZER_RATE)
    mean = torch.from_numpy(np.asarray(speaker)).mean(dim=0, keepdim=True)
    t3 = {"speaker_emb": mean, "cond_prompt_speech_tokens": tokens.cpu()}
    kept = {name: value.cpu() for name, value in gen.items() if torch.is_tensor(value)}
    # Saved as plain tensors: those of inference mode could not be copied to again.
    return {"t3": _plain(t3), "gen": _plain(kept)}


def _plain(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in tensors.items()}


def _turbo_clip(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the clip at the loudness Turbo was made for."""
    # Rounded as the library rounds it: what is offered can be spoken.
    length_s = round(len(samples) / CLIP_RATE, 2)
    if length_s < _MIN_TURBO_S:
        raise SynthesisError(
            f"Chatterbox Turbo needs a clip of at least {_MIN_TURBO_S:g} s; this voice's has "
            f"{length_s:g} s."
        )
    loudness = pyloudnorm.Meter(CLIP_RATE).integrated_loudness(samples)
    gain = 10.0 ** ((_TURBO_LUFS - loudness) / 20.0)
    return samples * np.float32(gain) if np.isfinite(gain) else samples


def read_clip(path: Path) -> NDArray[np.float32]:
    """Read a clip of the voice library, shape (n,), at `CLIP_RATE`.

    Raises:
        SynthesisError: It is not what the library writes.
    """
    try:
        with wave.open(str(path), "rb") as clip:
            facts = (clip.getframerate(), clip.getnchannels(), clip.getsampwidth())
            if facts != (CLIP_RATE, 1, 2):
                raise SynthesisError(f"{path} is not mono, 16 bit, at 24 kHz.")
            content = clip.readframes(clip.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise SynthesisError(f"The clip of this voice cannot be read: {error}") from error
    return np.frombuffer(content, "<i2").astype(np.float32) / 32768.0


class Speakers:
    """The voices of one model, by id: computed once, kept on disk and on the device.

    Any thread. A clip that was replaced is noticed by its time and size, then by its content.
    """

    def __init__(
        self,
        model: ChatterboxModel,
        voices_dir: Path,
        prefix_of: Callable[[T3Voice], VoicePrefix],
        model_version: str,
    ) -> None:
        """Take a model.

        Args:
            model: Computes voices from clips.
            voices_dir: The voice library's folder; what is computed is kept in it too.
            prefix_of: Reads a voice; `T3Decoder.voice_prefix`.
            model_version: Part of the name under which a voice is kept on disk.
        """
        self._model = model
        self._voices_dir = voices_dir
        self._prefix_of = prefix_of
        self._version = model_version
        self._kept: OrderedDict[str, Speaker] = OrderedDict()
        """By content."""

        self._contents: dict[Path, tuple[int, int, str]] = {}
        """Time, size and content of clips that were read before."""

        self._working = threading.Lock()
        """Held while a voice is computed, which takes seconds: who is known need not wait."""

        self._keeping = threading.Lock()
        """Held while `_kept` is looked at."""

    def find(self, voice: str) -> Speaker:
        """Return a speaker.

        Raises:
            UnknownVoiceError: There is no such voice.
            SynthesisError: Its clip cannot be used.
        """
        if voice.partition("-")[0] == DEFAULT_VOICE:
            return self._remembered(DEFAULT_VOICE, lambda: self._model.built_in_voice)
        if not VOICE_ID.fullmatch(voice):
            raise UnknownVoiceError(f"Chatterbox has no voice {voice!r}.", param="voice")
        path = clip_path(self._voices_dir, voice)
        try:
            content = self._content_of(path)
        except FileNotFoundError:
            raise deleted_voice() from None
        return self._remembered(content, lambda: self._conditionals(path, content))

    def _content_of(self, path: Path) -> str:
        facts = path.stat()
        known = self._contents.get(path)
        if known is None or known[:2] != (facts.st_mtime_ns, facts.st_size):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            self._contents[path] = known = (facts.st_mtime_ns, facts.st_size, content)
        return known[2]

    def _remembered(self, content: str, make: Callable[[], Conditionals]) -> Speaker:
        if known := self._recalled(content):
            return known
        # Computing two voices at once would take the memory of two, and no less time.
        with self._working:
            if known := self._recalled(content):
                return known
            voice = make()
            speaker = Speaker(self._prefix_of(voice.t3), voice.flow)
            with self._keeping:
                self._kept[content] = speaker
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return speaker

    def _recalled(self, content: str) -> Speaker | None:
        with self._keeping:
            if content in self._kept:
                self._kept.move_to_end(content)
            return self._kept.get(content)

    def _conditionals(self, path: Path, content: str) -> Conditionals:
        seconds = f"{MAX_PROMPT_S:g}"
        name = f"{self._version}-{seconds}-{_FORMAT}.{content[:32]}.pt"
        kept = path.parent / name
        if known := _kept(kept):
            return known.to(self._model.device)
        raw = embed_clip(self._model, read_clip(path))
        try:
            _replace(kept, raw)
        except (OSError, RuntimeError) as error:
            # A full disk, or the voice has been deleted: it is computed, and can speak.
            _log.warning("a voice could not be kept on disk: %s", error)
        return from_upstream(raw["t3"], raw["gen"]).to(self._model.device)


def _kept(path: Path) -> Conditionals | None:
    """Return a voice that was kept on disk; None where there is none that can be read."""
    try:
        return read_conditionals(path)
    except UNREADABLE as error:
        if path.exists():
            _log.warning("%s cannot be read, and is computed anew: %s", path, error)
        return None


def _replace(path: Path, raw: Raw) -> None:
    """Write a file whole or not at all; other processes may read it, and others write it too."""
    draft = path.with_suffix(f".{os.getpid()}.draft")
    try:
        torch.save(raw, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def version_of(model: ChatterboxModel, weights: Path) -> str:
    """Return a name that changes with the weights, from the names and sizes of their files."""
    facts = sorted((file.name, file.stat().st_size) for file in weights.iterdir() if file.is_file())
    return f"{model.variant}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:12]}"


__all__ = ["CLIP_RATE", "Speakers", "embed_clip", "read_clip", "version_of"]
