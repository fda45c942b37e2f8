"""The parts of `chatterbox-tts` that are used here, imported in the one way that always works.

Every other module takes them from here. Importing takes 4 to 10 seconds.

PyPI's wheels of torchaudio are built for CUDA and cannot be loaded beside a torch for the CPU.
Only parts of torchaudio that are written in Python are needed, and those work once its compiled
extension is taken for absent.
"""

# Upstream has no types; `upstream.pyi` says what the other modules are to know of it.
# pyright: reportMissingTypeStubs=false

import importlib
import sys
import warnings
from types import ModuleType


def import_torchaudio() -> None:
    """Import torchaudio, without its compiled extension where that cannot be loaded."""
    try:
        importlib.import_module("torchaudio")
    except OSError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _absent_extension()
        importlib.import_module("torchaudio")


def _absent_extension() -> ModuleType:
    """Return what torchaudio 2.9 to 2.11 define when they find no extension."""

    def unavailable(*_arguments: object) -> None:
        raise RuntimeError("torchaudio's compiled extension is not available here")

    def nothing_loaded(_name: object) -> bool:
        return False

    def only_when_called(_function: object) -> object:
        return unavailable

    module = ModuleType("torchaudio._extension")
    module.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _IS_RIR_AVAILABLE=False,
        _check_cuda_version=lambda: None,
        _load_lib=nothing_loaded,
        fail_if_no_align=only_when_called,
        fail_if_no_rir=only_when_called,
    )
    return module


# What upstream's own dependencies deprecate says nothing to anybody here.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import_torchaudio()
    from chatterbox.models.s3gen import S3Gen
    from chatterbox.models.s3gen.decoder import (
        CausalBlock1D,
        CausalResnetBlock1D,
        ConditionalDecoder,
    )
    from chatterbox.models.s3gen.flow import CausalMaskedDiffWithXvec
    from chatterbox.models.s3gen.hifigan import HiFTGenerator, SourceModuleHnNSF
    from chatterbox.models.s3gen.matcha.transformer import BasicTransformerBlock
    from chatterbox.models.s3gen.transformer.attention import RelPositionMultiHeadedAttention
    from chatterbox.models.s3gen.transformer.encoder_layer import ConformerEncoderLayer
    from chatterbox.models.t3 import T3
    from chatterbox.models.t3.modules.cond_enc import T3Cond
    from chatterbox.models.t3.modules.t3_config import T3Config
    from chatterbox.models.tokenizers import EnTokenizer, MTLTokenizer
    from chatterbox.models.tokenizers.tokenizer import ChineseCangjieConverter
    from chatterbox.models.voice_encoder import VoiceEncoder
    from chatterbox.mtl_tts import SUPPORTED_LANGUAGES
    from chatterbox.mtl_tts import punc_norm as normalize_multilingual
    from chatterbox.tts import punc_norm as normalize_english
    from chatterbox.tts_turbo import punc_norm as normalize_turbo
    from transformers import GPT2Model, LlamaModel

__all__ = [
    "SUPPORTED_LANGUAGES",
    "T3",
    "BasicTransformerBlock",
    "CausalBlock1D",
    "CausalMaskedDiffWithXvec",
    "CausalResnetBlock1D",
    "ChineseCangjieConverter",
    "ConditionalDecoder",
    "ConformerEncoderLayer",
    "EnTokenizer",
    "GPT2Model",
    "HiFTGenerator",
    "LlamaModel",
    "MTLTokenizer",
    "RelPositionMultiHeadedAttention",
    "S3Gen",
    "SourceModuleHnNSF",
    "T3Cond",
    "T3Config",
    "VoiceEncoder",
    "normalize_english",
    "normalize_multilingual",
    "normalize_turbo",
]
