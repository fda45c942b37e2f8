"""What Chatterbox offers: its models as engines, their voices and settings. Knows no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rhapsode.tts.engine import Cloning, EngineInfo, Voice

DEFAULT_VOICE = "default"
"""The voice that comes with the weights."""

VERSION = "0.1.7"
"""Of the `chatterbox-tts` package; another one may sound otherwise."""

MIN_CLIP_S, MAX_CLIP_S = 1.0, 60.0
"""What becomes a voice at all; a model may want more."""

MAX_CLIP_BYTES = 10 * 1024 * 1024
CLIP_FORMATS = ("wav", "mp3", "flac", "m4a", "ogg")

LANGUAGES = {
    "ar": "Arabic",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "sw": "Swahili",
    "tr": "Turkish",
    "zh": "Chinese",
}
"""What the multilingual model reads."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One of Chatterbox's models, as an engine of its own."""

    variant: str
    """`english`, `multilingual` or `turbo`."""

    info: EngineInfo
    cloning: Cloning
    """The same as in `info`, where engines that cannot have none."""

    files: tuple[str, ...]
    """Files without which it cannot speak."""

    repository: str
    """On Hugging Face."""

    def language_for(self, tag: str) -> str:
        """Return the language in which the model reads with a voice of a BCP 47 tag."""
        language = tag.partition("-")[0].lower()
        return language if language in self.cloning.languages else "en"


def _offer(
    variant: str,
    name: str,
    label: str,
    description: str,
    parameters: tuple[str, ...],
    *,
    files: tuple[str, ...],
    repository: str = "ResembleAI/chatterbox",
    languages: tuple[str, ...] = ("en",),
    min_clip_s: float = MIN_CLIP_S,
) -> Offer:
    cloning = Cloning(min_clip_s, MAX_CLIP_S, MAX_CLIP_BYTES, CLIP_FORMATS, languages)
    info = EngineInfo(
        name=name,
        label=label,
        description=description,
        available=True,
        unavailable_reason=None,
        word_times=False,
        default_voice=DEFAULT_VOICE,
        parameters=parameters,
        version=VERSION,
        cloning=cloning,
    )
    return Offer(variant, info, cloning, files, repository)


_GUIDED = ("exaggeration", "cfg_weight", "temperature")

OFFERS = {
    offer.info.name: offer
    for offer in (
        _offer(
            "english",
            "chatterbox",
            "Chatterbox",
            "A neural voice with feeling, in English; can speak in a voice from a short clip. "
            "Wants a GPU.",
            _GUIDED,
            files=(
                "ve.safetensors",
                "t3_cfg.safetensors",
                "s3gen.safetensors",
                "tokenizer.json",
                "conds.pt",
            ),
        ),
        _offer(
            "multilingual",
            "chatterbox-multilingual",
            "Chatterbox Multilingual",
            "Chatterbox in 23 languages; the voice decides which. Wants a GPU.",
            _GUIDED,
            languages=tuple(LANGUAGES),
            files=(
                "ve.pt",
                "t3_mtl23ls_v2.safetensors",
                "s3gen.pt",
                "grapheme_mtl_merged_expanded_v1.json",
                "Cangjie5_TC.json",
                "conds.pt",
            ),
        ),
        _offer(
            "turbo",
            "chatterbox-turbo",
            "Chatterbox Turbo",
            "Smaller and faster, in English; knows [laugh], [chuckle], [sigh], [cough] and "
            "[gasp] in the text. Wants a GPU.",
            ("temperature",),
            min_clip_s=5.0,
            files=(
                "ve.safetensors",
                "t3_turbo_v1.safetensors",
                "s3gen_meanflow.safetensors",
                "vocab.json",
                "merges.txt",
                "tokenizer_config.json",
                "conds.pt",
            ),
            repository="ResembleAI/chatterbox-turbo",
        ),
    )
}
"""By engine name."""


def built_in_voices(offer: Offer) -> list[Voice]:
    """Return the voice that comes with the weights, once for each language it can speak."""
    english = Voice(DEFAULT_VOICE, "Chatterbox", "en", "Comes with the model")
    others = (
        Voice(f"{DEFAULT_VOICE}-{language}", f"Chatterbox, {LANGUAGES[language]}", language)
        for language in offer.cloning.languages
        if language != "en"
    )
    return [english, *others]


FlowMode = Literal["window", "cached"]
Precision = Literal["auto", "bfloat16", "float32"]


@dataclass(frozen=True, slots=True)
class ChatterboxOptions:
    """What the operator chose for Chatterbox. Reaches its process by environment variables."""

    voices_dir: Path
    """Where the voices that people made are kept."""

    weights_dir: Path | None = None
    """Holds the weights, in upstream's names; None means Hugging Face's cache."""

    device: str = "auto"
    """`auto`, `cuda`, `mps` or `cpu`."""

    precision: Precision = "auto"
    """What the largest networks compute in; `auto` is bfloat16 where the device is built for it."""

    slots: int = 0
    """Sentences that are written at once; 0 means what half of a GPU's free memory holds."""

    flow: FlowMode = "window"
    """How frames are streamed: `window` computes what came before again, `cached` remembers it."""

    watermark: bool = True
    idle_s: float = 600.0
    """After this time without a sentence, the process ends and frees its memory."""

    python: Path = field(default=Path(".venv-chatterbox/bin/python"))
    """The interpreter of the environment that has Chatterbox."""

    def to_environment(self) -> dict[str, str]:
        """Return environment variables that `from_environment` reads."""
        variables = {
            "RHAPSODE_CHATTERBOX_VOICES": str(self.voices_dir),
            "RHAPSODE_CHATTERBOX_DEVICE": self.device,
            "RHAPSODE_CHATTERBOX_PRECISION": self.precision,
            "RHAPSODE_CHATTERBOX_SLOTS": str(self.slots),
            "RHAPSODE_CHATTERBOX_FLOW": self.flow,
            "RHAPSODE_CHATTERBOX_WATERMARK": "on" if self.watermark else "off",
        }
        if self.weights_dir is not None:
            variables["RHAPSODE_CHATTERBOX_DIR"] = str(self.weights_dir)
        return variables

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> "ChatterboxOptions":
        """Read what `to_environment` wrote; what is absent keeps its default."""
        folder = variables.get("RHAPSODE_CHATTERBOX_DIR")
        return cls(
            voices_dir=Path(variables.get("RHAPSODE_CHATTERBOX_VOICES", "voices")),
            weights_dir=Path(folder) if folder else None,
            device=variables.get("RHAPSODE_CHATTERBOX_DEVICE", "auto"),
            precision=_precision(variables.get("RHAPSODE_CHATTERBOX_PRECISION", "auto")),
            slots=int(variables.get("RHAPSODE_CHATTERBOX_SLOTS", "0")),
            flow="cached" if variables.get("RHAPSODE_CHATTERBOX_FLOW") == "cached" else "window",
            watermark=variables.get("RHAPSODE_CHATTERBOX_WATERMARK", "on") != "off",
        )


def _precision(name: str) -> Precision:
    return name if name in ("bfloat16", "float32") else "auto"
