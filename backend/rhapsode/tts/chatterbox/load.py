"""Loads a variant of Chatterbox: its networks, its tokenizer and its built-in voice.

Upstream's `ChatterboxTTS` is not built: its voice is an attribute that every call replaces, which
two listeners at once cannot share. Nothing here changes after loading.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.chatterbox.alignment import MULTILINGUAL_HEADS, AlignedHead
from rhapsode.tts.chatterbox.devices import (
    choose_device,
    choose_precision,
    free_bytes,
    require_memory,
)
from rhapsode.tts.chatterbox.offers import Precision
from rhapsode.tts.chatterbox.texts import TextTokenizer, read_tokenizer
from rhapsode.tts.chatterbox.upstream import T3, GPT2Model, S3Gen, T3Config, VoiceEncoder
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.voice import UNREADABLE, Conditionals, read_conditionals
from rhapsode.tts.chatterbox.weights import WEIGHTS, Progress, find_weights, unreadable

_WORKSPACE_BYTES = 1024**3
"""What computing takes besides weights and caches."""

_COMPUTED = frozenset({"tokenizer._mel_filters", "tokenizer.window"})
"""Buffers of S3Gen that its files may lack: they follow from its settings."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """Builds networks with random weights, on the CPU."""

    t3: Callable[[Variant], T3]
    s3gen: Callable[[Variant], S3Gen]
    voice_encoder: Callable[[], VoiceEncoder]
    aligned_heads: tuple[AlignedHead, ...] = MULTILINGUAL_HEADS
    """Of the multilingual T3."""


def _full_t3(variant: Variant) -> T3:
    match variant:
        case Variant.ENGLISH:
            return T3(T3Config.english_only())
        case Variant.MULTILINGUAL:
            return T3(T3Config.multilingual())
        case Variant.TURBO:
            return T3(turbo_config())


def turbo_config() -> T3Config:
    """Return Turbo's settings, which upstream has in no function of its own."""
    config = T3Config(text_tokens_dict_size=50276)
    config.llama_config_name = "GPT2_medium"
    config.speech_tokens_dict_size = 6563
    config.input_pos_emb = None
    config.speech_cond_prompt_len = 375
    config.use_perceiver_resampler = False
    config.emotion_adv = False
    return config


FULL_SIZE = Architecture(
    _full_t3, lambda variant: S3Gen(meanflow=variant is Variant.TURBO), VoiceEncoder
)


@dataclass(frozen=True, slots=True)
class ChatterboxModel:
    """A variant, ready to run. Shared by all; nothing of it changes."""

    variant: Variant
    device: torch.device
    t3: T3
    s3gen: S3Gen
    voice_encoder: VoiceEncoder
    tokenizer: TextTokenizer
    built_in_voice: Conditionals
    """On `device`."""

    aligned_heads: tuple[AlignedHead, ...]
    """Heads of T3 that look at the text being spoken; known of the multilingual model only."""

    @property
    def solver_steps(self) -> int:
        """How many steps the flow takes from noise to speech."""
        return 2 if self.variant is Variant.TURBO else 10


def load(
    variant: Variant = Variant.ENGLISH,
    *,
    folder: Path | None = None,
    device: str = "auto",
    precision: Precision = "float32",
    architecture: Architecture = FULL_SIZE,
    progress: Progress | None = None,
) -> ChatterboxModel:
    """Load a variant. Turns grads off in this process.

    Args:
        variant: Which model.
        folder: Where its files are; None means Hugging Face's cache, and a download if need be.
        device: `auto`, `cuda`, `mps` or `cpu`.
        precision: What T3 and the flow's estimator compute in; everything else is float32. With
            `auto`, bfloat16 where the device is built for it.
        architecture: How large it is.
        progress: Told about downloads.

    Raises:
        EngineUnavailableError: No such device, too little of its memory, or no weights; the
            message says what to do.
    """
    torch.set_grad_enabled(False)
    chosen = choose_device(device)
    place = find_weights(variant, folder, progress=progress)
    files = WEIGHTS[variant]
    # Building the networks warns about upstream's dependencies, which nobody here can change.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        t3 = architecture.t3(variant)
        s3gen = architecture.s3gen(variant)
        encoder = architecture.voice_encoder()
        _fill(t3, place / files.t3)
        _fill(s3gen, place / files.s3gen, may_lack=_COMPUTED)
        _fill(encoder, place / files.voice_encoder)
        tokenizer = read_tokenizer(variant, place)
    for network in (t3, s3gen, encoder):
        network.eval().requires_grad_(requires_grad=False)
    _prepare(t3, s3gen, choose_precision(precision, chosen))
    require_memory(
        sum(map(weight_bytes, (t3, s3gen, encoder))) + _WORKSPACE_BYTES,
        free_bytes(chosen),
    )
    for network in (t3, s3gen, encoder):
        network.to(chosen)
    voice = _read_voice(place / files.built_in_voice).to(chosen)
    heads = architecture.aligned_heads if variant is Variant.MULTILINGUAL else ()
    return ChatterboxModel(variant, chosen, t3, s3gen, encoder, tokenizer, voice, heads)


def weight_bytes(network: nn.Module) -> int:
    """Return the size of a network's weights."""
    return sum(weight.nbytes for weight in network.parameters())


def _prepare(t3: T3, s3gen: S3Gen, dtype: torch.dtype) -> None:
    """Give the networks the form in which they run."""
    if isinstance(t3.tfmr, GPT2Model):
        # Words of GPT-2 that nobody asks for; 50 M weights.
        del t3.tfmr.wte
    _bake_weight_norms(s3gen.mel2wav)
    # Nothing else of S3Gen: integers that pass through a bfloat16 network come out wrong.
    for network in (t3, s3gen.flow.decoder.estimator):
        # Weights only: rounded frequencies of the rotary table would turn far positions wrong.
        for weight in network.parameters():
            weight.data = weight.data.to(dtype)


def _bake_weight_norms(network: nn.Module) -> None:
    """Replace weights that are computed with every call by their values."""
    for module in network.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")


def _fill(network: nn.Module, path: Path, may_lack: frozenset[str] = frozenset()) -> None:
    try:
        keys = network.load_state_dict(_read(path), strict=False)
    except RuntimeError as error:
        # Right names, wrong shapes; one line for each of them.
        raise _another_model(path, str(error).splitlines()[1:]) from error
    names = cast("list[str]", keys.missing_keys + keys.unexpected_keys)
    if odd := sorted(set(names) - may_lack):
        raise _another_model(path, odd)


def _another_model(path: Path, differences: list[str]) -> EngineUnavailableError:
    return EngineUnavailableError(
        f"{path} holds another model's weights: {len(differences)} of them differ, such as "
        f"{differences[0].strip()}."
    )


def _read_voice(path: Path) -> Conditionals:
    try:
        return read_conditionals(path)
    except UNREADABLE as error:
        raise unreadable(path, error) from error


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (safetensors.SafetensorError, *UNREADABLE) as error:
        raise unreadable(path, error) from error
