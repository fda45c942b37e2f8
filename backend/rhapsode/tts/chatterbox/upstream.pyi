"""What is used here of `chatterbox-tts` and of the networks below it, which have no types.

Classes have upstream's names, and attributes upstream's types, except that a `ModuleList` is a
sequence of what is in it. Only the names of `__all__` can be imported.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

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

# --- Text ---

SUPPORTED_LANGUAGES: Mapping[str, str]

def normalize_english(text: str) -> str: ...
def normalize_multilingual(text: str) -> str: ...
def normalize_turbo(text: str) -> str: ...

class EnTokenizer:
    # Of `tokenizers`; opaque here.
    tokenizer: object
    def __init__(self, vocab_file_path: str) -> None: ...
    def encode(self, txt: str) -> list[int]: ...

class ChineseCangjieConverter:
    word2cj: dict[str, str]
    cj2word: dict[str, list[str]]
    def __init__(self, model_dir: Path) -> None: ...
    def _load_cangjie_mapping(self, model_dir: Path) -> None: ...
    def _init_segmenter(self) -> None: ...

class MTLTokenizer:
    tokenizer: object
    cangjie_converter: ChineseCangjieConverter
    def encode(self, txt: str, language_id: str) -> list[int]: ...

# --- T3 ---

class T3Config:
    start_text_token: int
    stop_text_token: int
    start_speech_token: int
    stop_speech_token: int
    speech_tokens_dict_size: int
    llama_config_name: str
    input_pos_emb: str | None
    speech_cond_prompt_len: int
    use_perceiver_resampler: bool
    emotion_adv: bool
    def __init__(self, text_tokens_dict_size: int = 704) -> None: ...
    @classmethod
    def english_only(cls) -> T3Config: ...
    @classmethod
    def multilingual(cls) -> T3Config: ...

class T3Cond:
    def __init__(
        self, speaker_emb: Tensor, *, cond_prompt_speech_tokens: Tensor, emotion_adv: Tensor
    ) -> None: ...

class LearnedPositionEmbeddings(nn.Module):
    emb: nn.Embedding
    def __call__(self, x: Tensor) -> Tensor: ...
    def get_fixed_embedding(self, idx: int) -> Tensor: ...

class T3CondEnc(nn.Module):
    emotion_adv_fc: nn.Linear | None

class T3(nn.Module):
    hp: T3Config
    is_gpt: bool
    cfg: LlamaConfig | GPT2Config
    tfmr: LlamaModel | GPT2Model
    cond_enc: T3CondEnc
    text_emb: nn.Embedding
    speech_emb: nn.Embedding
    text_pos_emb: LearnedPositionEmbeddings | None
    speech_pos_emb: LearnedPositionEmbeddings | None
    speech_head: nn.Linear
    def __init__(self, hp: T3Config) -> None: ...
    @property
    def device(self) -> torch.device: ...
    def prepare_conditioning(self, t3_cond: T3Cond) -> Tensor: ...

# --- The transformers of T3, from `transformers` ---

class LlamaConfig:
    num_hidden_layers: int
    num_attention_heads: int
    head_dim: int
    rms_norm_eps: float

class LlamaRMSNorm(nn.Module):
    weight: nn.Parameter

class LlamaAttention(nn.Module):
    q_proj: nn.Linear
    k_proj: nn.Linear
    v_proj: nn.Linear
    o_proj: nn.Linear

class LlamaMLP(nn.Module):
    gate_proj: nn.Linear
    up_proj: nn.Linear
    down_proj: nn.Linear

class LlamaDecoderLayer(nn.Module):
    self_attn: LlamaAttention
    mlp: LlamaMLP
    input_layernorm: LlamaRMSNorm
    post_attention_layernorm: LlamaRMSNorm

class LlamaRotaryEmbedding(nn.Module):
    def __call__(self, x: Tensor, position_ids: Tensor) -> tuple[Tensor, Tensor]: ...

class LlamaModel(nn.Module):
    config: LlamaConfig
    layers: Sequence[LlamaDecoderLayer]
    norm: LlamaRMSNorm
    rotary_emb: LlamaRotaryEmbedding

class GPT2Config:
    num_hidden_layers: int
    n_layer: int
    n_head: int
    n_embd: int

class GPT2Attention(nn.Module):
    c_attn: nn.Module
    c_proj: nn.Module

class GPT2MLP(nn.Module):
    c_fc: nn.Module
    c_proj: nn.Module

class GPT2Block(nn.Module):
    ln_1: nn.LayerNorm
    attn: GPT2Attention
    ln_2: nn.LayerNorm
    mlp: GPT2MLP

class GPT2Model(nn.Module):
    config: GPT2Config
    wte: nn.Embedding
    wpe: nn.Embedding
    h: Sequence[GPT2Block]
    ln_f: nn.LayerNorm

# --- S3Gen: the flow ---

class EspnetRelPositionalEncoding(nn.Module):
    pe: Tensor
    xscale: float

class LinearNoSubsampling(nn.Module):
    out: nn.Sequential
    pos_enc: EspnetRelPositionalEncoding

class PreLookaheadLayer(nn.Module):
    conv1: nn.Conv1d
    conv2: nn.Conv1d

class Upsample1D(nn.Module):
    conv: nn.Conv1d

class RelPositionMultiHeadedAttention(nn.Module):
    h: int
    d_k: int
    linear_q: nn.Linear
    linear_k: nn.Linear
    linear_v: nn.Linear
    linear_out: nn.Linear
    linear_pos: nn.Linear
    pos_bias_u: nn.Parameter
    pos_bias_v: nn.Parameter

class ConformerEncoderLayer(nn.Module):
    self_attn: RelPositionMultiHeadedAttention
    feed_forward: nn.Module
    norm_ff: nn.LayerNorm
    norm_mha: nn.LayerNorm

class UpsampleConformerEncoder(nn.Module):
    embed: LinearNoSubsampling
    after_norm: nn.LayerNorm
    pre_lookahead_layer: PreLookaheadLayer
    encoders: Sequence[ConformerEncoderLayer]
    up_layer: Upsample1D
    up_embed: LinearNoSubsampling
    up_encoders: Sequence[ConformerEncoderLayer]

class Attention(nn.Module):
    heads: int
    to_q: nn.Linear
    to_k: nn.Linear
    to_v: nn.Linear
    to_out: Sequence[nn.Module]

class BasicTransformerBlock(nn.Module):
    norm1: nn.LayerNorm
    attn1: Attention
    norm3: nn.LayerNorm
    ff: nn.Module

class CausalBlock1D(nn.Module):
    block: tuple[nn.Conv1d, nn.Module, nn.LayerNorm, nn.Module, nn.Module]

class CausalResnetBlock1D(nn.Module):
    mlp: nn.Sequential
    block1: CausalBlock1D
    block2: CausalBlock1D
    res_conv: nn.Conv1d

class ConditionalDecoder(nn.Module):
    meanflow: bool
    time_embeddings: nn.Module
    time_mlp: nn.Module
    time_embed_mixer: nn.Module | None
    down_blocks: Sequence[tuple[CausalResnetBlock1D, Sequence[BasicTransformerBlock], nn.Conv1d]]
    mid_blocks: Sequence[tuple[CausalResnetBlock1D, Sequence[BasicTransformerBlock]]]
    up_blocks: Sequence[tuple[CausalResnetBlock1D, Sequence[BasicTransformerBlock], nn.Conv1d]]
    final_block: CausalBlock1D
    final_proj: nn.Conv1d
    @property
    def dtype(self) -> torch.dtype: ...

class CausalConditionalCFM(nn.Module):
    estimator: ConditionalDecoder
    inference_cfg_rate: float

class CausalMaskedDiffWithXvec(nn.Module):
    input_embedding: nn.Embedding
    spk_embed_affine_layer: nn.Linear
    encoder: UpsampleConformerEncoder
    encoder_proj: nn.Linear
    decoder: CausalConditionalCFM

# --- S3Gen: the vocoder and what reads a voice ---

class SineGen(nn.Module):
    sine_amp: float
    noise_std: float
    harmonic_num: int
    sampling_rate: int
    voiced_threshold: float

class SourceModuleHnNSF(nn.Module):
    l_sin_gen: SineGen
    l_linear: nn.Linear

class HiFTGenerator(nn.Module):
    istft_params: Mapping[str, int]
    lrelu_slope: float
    audio_limit: float
    num_kernels: int
    m_source: SourceModuleHnNSF
    conv_pre: nn.Conv1d
    ups: Sequence[nn.Module]
    source_downs: Sequence[nn.Module]
    source_resblocks: Sequence[nn.Module]
    resblocks: Sequence[nn.Module]
    conv_post: nn.Conv1d
    reflection_pad: nn.Module
    stft_window: Tensor
    f0_predictor: nn.Module

class S3Tokenizer(nn.Module):
    def forward(
        self, wavs: Sequence[NDArray[np.float32]], *, max_len: int
    ) -> tuple[Tensor, Tensor]: ...

class S3Gen(nn.Module):
    tokenizer: S3Tokenizer
    flow: CausalMaskedDiffWithXvec
    mel2wav: HiFTGenerator
    trim_fade: Tensor
    def __init__(self, *, meanflow: bool) -> None: ...
    def embed_ref(
        self, ref_wav: NDArray[np.float32], ref_sr: int, *, device: str
    ) -> dict[str, Tensor | None]: ...

class VoiceEncoder(nn.Module):
    def embeds_from_wavs(
        self, wavs: Sequence[NDArray[np.float32]], *, sample_rate: int
    ) -> NDArray[np.float32]: ...
