"""What a voice is to the model: tensors, made once from a reference clip and never changed."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from rhapsode.tts.chatterbox.schedule import FRAMES_PER_TOKEN, TOKENS_PER_SECOND

MAX_PROMPT_S = 4.0
"""Longest part of the clip that the flow continues from.

Its frames are computed again with every chunk, so ten seconds would cost more than the speech.
"""


UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, LookupError, pickle.UnpicklingError)
"""What reading a damaged file of torch's raises, by where it breaks off."""


@dataclass(frozen=True, slots=True)
class T3Voice:
    """What T3 knows of a voice."""

    speaker: Tensor
    """Shape (1, 256), float: the voice encoder's mean embedding."""

    prompt_tokens: Tensor
    """Shape (1, n), int64: speech tokens of the clip's beginning; n is 150, or 375 for Turbo."""


@dataclass(frozen=True, slots=True)
class FlowVoice:
    """What the flow knows of a voice."""

    prompt_tokens: Tensor
    """Shape (p,), int64: speech tokens of the clip."""

    prompt_mel: Tensor
    """Shape (80, 2 p), float32: their mel frames."""

    embedding: Tensor
    """Shape (192,), float32: the speaker's x-vector."""

    def __post_init__(self) -> None:
        """Check that tokens and frames agree.

        Raises:
            ValueError: They do not, or the tokens are no integers.
        """
        frames = FRAMES_PER_TOKEN * len(self.prompt_tokens)
        if self.prompt_mel.shape != (80, frames) or self.embedding.shape != (192,):
            raise ValueError(f"prompt of {len(self.prompt_tokens)} tokens, {self.prompt_mel.shape}")
        # Upstream casts them to the model's type, where bfloat16 changes 5,715 of the 6,561 ids.
        if self.prompt_tokens.dtype != torch.int64:
            raise ValueError(f"speech tokens must be int64, not {self.prompt_tokens.dtype}")

    def trimmed(self, longest_s: float = MAX_PROMPT_S) -> "FlowVoice":
        """Return the voice with only the end of its prompt, `longest_s` seconds at most."""
        tokens = min(len(self.prompt_tokens), int(longest_s * TOKENS_PER_SECOND))
        start = len(self.prompt_tokens) - tokens
        return FlowVoice(
            self.prompt_tokens[start:].clone(),
            self.prompt_mel[:, FRAMES_PER_TOKEN * start :].clone(),
            self.embedding,
        )


@dataclass(frozen=True, slots=True)
class Conditionals:
    """Everything the model needs to speak in a voice."""

    t3: T3Voice
    flow: FlowVoice

    def to(self, device: torch.device) -> "Conditionals":
        """Return them on another device."""
        t3 = T3Voice(self.t3.speaker.to(device), self.t3.prompt_tokens.to(device))
        flow = FlowVoice(
            self.flow.prompt_tokens.to(device),
            self.flow.prompt_mel.to(device),
            self.flow.embedding.to(device),
        )
        return Conditionals(t3, flow)


def from_upstream(t3: Mapping[str, Tensor], gen: Mapping[str, Tensor]) -> Conditionals:
    """Return conditionals in this package's shapes, the flow's prompt trimmed.

    Args:
        t3: The fields of upstream's `T3Cond`.
        gen: What upstream's `S3Gen.embed_ref` returns.
    """
    tokens, mel = gen["prompt_token"][0].long(), gen["prompt_feat"][0].float()
    # The clip's last mel frames may lack their token.
    tokens = tokens[: mel.shape[0] // FRAMES_PER_TOKEN]
    mel = mel[: FRAMES_PER_TOKEN * len(tokens)].T.contiguous()
    flow = FlowVoice(tokens, mel, gen["embedding"].reshape(-1).float())
    return Conditionals(
        T3Voice(t3["speaker_emb"].reshape(1, -1), t3["cond_prompt_speech_tokens"].long()),
        flow.trimmed(),
    )


def read_conditionals(path: Path) -> Conditionals:
    """Read a voice that upstream saved, such as the built-in one, `conds.pt`, onto the CPU.

    Raises:
        Exception: One of `UNREADABLE`: it cannot be read, or is no voice.
    """
    saved = torch.load(path, map_location="cpu", weights_only=True)
    return from_upstream(saved["t3"], saved["gen"])
