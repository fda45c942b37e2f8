"""Chatterbox in small: the real classes at a few layers, with random but plausible weights.

What is proven with it holds at full size, except for the sound itself: the code that runs is the
same, only the figures differ.
"""

import json
import warnings
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import torch
from safetensors.torch import save_file

from rhapsode.tts.chatterbox.alignment import AlignedHead
from rhapsode.tts.chatterbox.load import FULL_SIZE, Architecture, turbo_config
from rhapsode.tts.chatterbox.upstream import T3, S3Gen, T3Config, VoiceEncoder
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.voice import Conditionals, from_upstream
from rhapsode.tts.chatterbox.weights import WEIGHTS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from chatterbox.models.s3gen import s3gen as s3gen_module
    from chatterbox.models.s3gen.decoder import ConditionalDecoder
    from chatterbox.models.s3gen.f0_predictor import ConvRNNF0Predictor
    from chatterbox.models.s3gen.hifigan import HiFTGenerator
    from chatterbox.models.s3gen.transformer.upsample_encoder import UpsampleConformerEncoder
    from chatterbox.models.s3tokenizer.s3tokenizer import S3_SR, S3Tokenizer
    from chatterbox.models.t3.llama_configs import LLAMA_CONFIGS
    from chatterbox.models.t3.modules.perceiver import Perceiver
    from s3tokenizer.model_v2 import ModelConfig, S3TokenizerV2

WIDTH = 64
LLAMA_CONFIGS["Llama_tiny"] = LLAMA_CONFIGS["Llama_520M"] | {
    "hidden_size": WIDTH,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 32,
}
LLAMA_CONFIGS["GPT2_tiny"] = LLAMA_CONFIGS["GPT2_medium"] | {
    "n_embd": WIDTH,
    "hidden_size": WIDTH,
    "n_head": 2,
    "n_layer": 2,
    "n_positions": 2048,
    "n_ctx": 2048,
    "vocab_size": 64,
}


class TinyS3Tokenizer(S3Tokenizer):
    """Upstream's class ignores the size it is asked for."""

    def __init__(self) -> None:
        # Rotary positions need heads of 64.
        config = ModelConfig(n_audio_state=64, n_audio_head=1, n_audio_layer=1)
        S3TokenizerV2.__init__(self, "speech_tokenizer_v2_25hz", config)
        self.n_fft = 400
        filters = librosa.filters.mel(sr=S3_SR, n_fft=self.n_fft, n_mels=config.n_mels)
        self.register_buffer("_mel_filters", torch.from_numpy(filters))
        self.register_buffer("window", torch.hann_window(self.n_fft))


def _tiny_encoder(**options: Any) -> UpsampleConformerEncoder:
    # 512 channels are written into upstream's layers.
    small = {"num_blocks": 1, "linear_units": 64, "attention_heads": 2}
    encoder = UpsampleConformerEncoder(**(options | small))
    encoder.up_encoders = encoder.up_encoders[:1]
    return encoder


def _tiny_estimator(**options: Any) -> ConditionalDecoder:
    small = {"channels": [32], "n_blocks": 1, "num_mid_blocks": 1, "num_heads": 2}
    return ConditionalDecoder(**(options | small | {"attention_head_dim": 16}))


def _tiny_vocoder(**options: Any) -> HiFTGenerator:
    predictor = ConvRNNF0Predictor(cond_channels=16)
    return HiFTGenerator(**(options | {"base_channels": 32, "f0_predictor": predictor}))


@contextmanager
def _tiny_parts() -> Iterator[None]:
    """Let upstream's S3Gen, which knows one size only, build itself from small parts."""
    small = {
        "S3Tokenizer": lambda _name: TinyS3Tokenizer(),
        "UpsampleConformerEncoder": _tiny_encoder,
        "ConditionalDecoder": _tiny_estimator,
        "HiFTGenerator": _tiny_vocoder,
    }
    large = {name: getattr(s3gen_module, name) for name in small}
    vars(s3gen_module).update(small)
    try:
        yield
    finally:
        vars(s3gen_module).update(large)


def make_plausible(s3gen: S3Gen) -> None:
    """Make random weights act like trained ones: gentle velocities, a voice of 130 to 180 Hz.

    The wave's level comes out at 0.1; at full size the vocoder's last layer wants a gain of 8.
    """
    estimator, vocoder = s3gen.flow.decoder.estimator, s3gen.mel2wav
    for module in estimator.modules():
        if isinstance(module, torch.nn.Linear):
            module.weight.data.mul_(0.5)
    estimator.final_proj.weight.data.mul_(0.5)
    vocoder.f0_predictor.classifier.weight.data.mul_(300)
    vocoder.f0_predictor.classifier.bias.data.fill_(150.0)
    vocoder.m_source.l_linear.weight.data.mul_(3.0)


def build_s3gen(variant: Variant) -> S3Gen:
    torch.manual_seed(1)
    with _tiny_parts(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        s3gen = S3Gen(meanflow=variant is Variant.TURBO)
    make_plausible(s3gen)
    return s3gen.eval().requires_grad_(requires_grad=False)


def _config(variant: Variant) -> T3Config:
    if variant is Variant.TURBO:
        config = turbo_config()
        config.llama_config_name = "GPT2_tiny"
        config.text_tokens_dict_size = 300
        return config
    config = T3Config(2454 if variant is Variant.MULTILINGUAL else 704)
    config.llama_config_name = "Llama_tiny"
    config.max_text_tokens = 256
    config.max_speech_tokens = 1100
    return config


def build_t3(variant: Variant) -> T3:
    torch.manual_seed(2)
    t3 = T3(_config(variant))
    if variant is not Variant.TURBO:
        t3.cond_enc.perceiver = Perceiver(32, WIDTH, WIDTH, 2)
    # The usual initial weights are so small that every token leads to the same next one.
    for embedding in (t3.speech_emb, t3.text_emb):
        embedding.weight.data.mul_(1.5)
    return t3.eval().requires_grad_(requires_grad=False)


def build_voice_encoder() -> VoiceEncoder:
    torch.manual_seed(3)
    return VoiceEncoder().eval().requires_grad_(requires_grad=False)


def _full_s3gen(variant: Variant) -> S3Gen:
    s3gen = FULL_SIZE.s3gen(variant)
    make_plausible(s3gen)
    s3gen.mel2wav.conv_post.parametrizations.weight.original0.data.mul_(8.0)
    return s3gen


PLAUSIBLE_FULL_SIZE = Architecture(FULL_SIZE.t3, _full_s3gen, FULL_SIZE.voice_encoder)
"""The real size, with random weights that act like trained ones; for measurements."""

ALIGNED_HEADS = (AlignedHead(1, 1), AlignedHead(1, 0), AlignedHead(0, 1))

TINY = Architecture(build_t3, build_s3gen, build_voice_encoder, ALIGNED_HEADS)


def raw_voice(seed: int = 0, prompt_tokens: int = 25) -> dict[str, dict[str, Any]]:
    """A voice as upstream keeps it, of `prompt_tokens` tokens, in no clip's likeness."""
    random = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    def tokens(number: int) -> torch.Tensor:
        return torch.randint(0, 6561, (1, number), generator=random)

    return {
        "t3": {
            "speaker_emb": torch.nn.functional.normalize(normal(1, 256)),
            "cond_prompt_speech_tokens": tokens(150),
            "emotion_adv": torch.full((1, 1, 1), 0.5),
        },
        "gen": {
            "prompt_token": tokens(prompt_tokens),
            "prompt_token_len": torch.tensor([prompt_tokens]),
            "prompt_feat": normal(1, 2 * prompt_tokens, 80),
            "prompt_feat_len": None,
            "embedding": normal(1, 192),
        },
    }


def voice(seed: int = 0, prompt_tokens: int = 25) -> Conditionals:
    raw = raw_voice(seed, prompt_tokens)
    return from_upstream(raw["t3"], raw["gen"])


def speech_tokens(number: int, seed: int = 0) -> list[int]:
    random = torch.Generator().manual_seed(1000 + seed)
    return torch.randint(0, 6561, (number,), generator=random).tolist()


def text_tokens(number: int, seed: int = 0) -> torch.Tensor:
    """Text tokens in their marks, as the English model reads them; shape (number + 2,)."""
    random = torch.Generator().manual_seed(2000 + seed)
    inner = torch.randint(1, 250, (number,), generator=random)
    return torch.cat([torch.tensor([255]), inner, torch.tensor([0])])


def spoken(seconds: float = 6.0, sample_rate: int = 24_000) -> np.ndarray:
    """Something like a voice: a gliding tone with overtones, rising and falling."""
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    pitch = 140 + 30 * np.sin(2 * np.pi * 0.7 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / sample_rate
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    noise = 0.01 * np.random.default_rng(0).standard_normal(len(time))
    return (0.15 * tone * (0.5 + 0.5 * np.sin(6 * np.pi * time)) + noise).astype(np.float32)


def _tokenizer_json() -> dict[str, Any]:
    marks = {"[STOP]": 0, "[UNK]": 1, "[SPACE]": 2, "[START]": 255, "[en]": 200, "[de]": 201}
    marks["[ja]"] = 202
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'\"-とうきょ"
    vocabulary = {letter: 10 + index for index, letter in enumerate(letters)} | marks
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": id, "content": mark, "special": True} | flags for mark, id in marks.items()
        ],
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "BPE", "unk_token": "[UNK]", "vocab": vocabulary, "merges": []},
    }


def _write_tokenizer(folder: Path, variant: Variant) -> None:
    if variant is Variant.TURBO:
        letters = ["<|endoftext|>", "Ġ", *map(chr, range(33, 127))]
        vocabulary = {letter: index for index, letter in enumerate(letters)}
        (folder / "vocab.json").write_text(json.dumps(vocabulary))
        (folder / "merges.txt").write_text("#version: 0.2\n")
        settings = {"tokenizer_class": "GPT2Tokenizer", "model_max_length": 1024}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
        return
    (folder / WEIGHTS[variant].tokenizer[0]).write_text(json.dumps(_tokenizer_json()))
    if variant is Variant.MULTILINGUAL:
        (folder / "Cangjie5_TC.json").write_text(json.dumps(["日\ta", "月\tb"]))


LACKING = {"tokenizer._mel_filters", "tokenizer.window"}
"""Tables that upstream's file has for Turbo only."""


def _write_weights(network: torch.nn.Module, path: Path, lacking: Set[str] = frozenset()) -> None:
    weights = {
        name: weight.contiguous().clone()
        for name, weight in network.state_dict().items()
        if name not in lacking
    }
    if path.suffix == ".pt":
        torch.save(weights, path)
    else:
        save_file(weights, path)


def write_weights(
    folder: Path, variant: Variant, architecture: Architecture = TINY, prompt_tokens: int = 25
) -> Path:
    """Write random weights into a folder, in upstream's names and formats; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = WEIGHTS[variant]
    _write_weights(architecture.t3(variant), folder / files.t3)
    lacking = frozenset() if variant is Variant.TURBO else LACKING
    _write_weights(architecture.s3gen(variant), folder / files.s3gen, lacking)
    _write_weights(architecture.voice_encoder(), folder / files.voice_encoder)
    _write_tokenizer(folder, variant)
    torch.save(raw_voice(prompt_tokens=prompt_tokens), folder / files.built_in_voice)
    return folder
