"""TextTokenizer: a sentence to the text tokens that T3 reads."""

import json
import logging
from abc import ABC, abstractmethod
from pathlib import Path
from typing import cast

import torch
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from urllib3.exceptions import HTTPError

from rhapsode.errors import InvalidInputError
from rhapsode.tts.chatterbox.upstream import (
    SUPPORTED_LANGUAGES,
    ChineseCangjieConverter,
    EnTokenizer,
    MTLTokenizer,
    T3Config,
    normalize_english,
    normalize_multilingual,
    normalize_turbo,
)
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.weights import WEIGHTS, unreadable

_log = logging.getLogger(__name__)


class TextTokenizer(ABC):
    """Turns text into tokens, the marks of start and stop included where the model wants them."""

    languages: tuple[str, ...] = ("en",)
    """What it can read."""

    def encode(self, text: str, language: str = "en") -> Tensor:
        """Return tokens, shape (n,), int64, on the CPU.

        Raises:
            InvalidInputError: The model does not know the language.
        """
        if language not in self.languages:
            raise InvalidInputError(
                f"Chatterbox cannot read {language!r} with this model.",
                param="language",
                allowed=self.languages,
            )
        return torch.tensor(self._ids(text, language), dtype=torch.int64)

    @abstractmethod
    def _ids(self, text: str, language: str) -> list[int]: ...


def _marked(ids: list[int]) -> list[int]:
    marks = T3Config()
    return [marks.start_text_token, *ids, marks.stop_text_token]


class _English(TextTokenizer):
    def __init__(self, path: Path) -> None:
        self._upstream = EnTokenizer(str(path))

    def _ids(self, text: str, language: str) -> list[int]:
        return _marked(self._upstream.encode(normalize_english(text)))


class _Multilingual(TextTokenizer):
    languages = tuple(SUPPORTED_LANGUAGES)

    def __init__(self, path: Path, cangjie: Path) -> None:
        self._upstream = _OfflineTokenizer(path, cangjie)

    def _ids(self, text: str, language: str) -> list[int]:
        return _marked(self._upstream.encode(normalize_multilingual(text), language_id=language))


class _Turbo(TextTokenizer):
    def __init__(self, upstream: PreTrainedTokenizerBase) -> None:
        self._upstream = upstream

    def _ids(self, text: str, language: str) -> list[int]:
        read = self._upstream(normalize_turbo(text), truncation=True)
        return cast("list[int]", read.input_ids)


_NO_SEGMENTER = (
    OSError,  # no network, no room, or a model that is not whole
    HTTPError,  # the connection broke
    LookupError,  # an answer without its length
    TypeError,
    ValueError,
    RuntimeError,  # an answer that is not the model, such as a page to log in
)
"""What `spacy_pkuseg` raises when its model cannot be had."""


class _Cangjie(ChineseCangjieConverter):
    """Upstream's, reading its table from a file instead of asking Hugging Face every time."""

    def _init_segmenter(self) -> None:
        # The segmenter loads a model of its own from GitHub the first time, for Chinese alone.
        try:
            super()._init_segmenter()
        except _NO_SEGMENTER as error:
            _log.warning("Chinese is read without finding its words: %s", error)

    def _load_cangjie_mapping(self, model_dir: Path) -> None:
        for entry in json.loads(model_dir.read_text(encoding="utf-8")):
            word, code = entry.split("\t")[:2]
            self.word2cj[word] = code
            self.cj2word.setdefault(code, []).append(word)


class _OfflineTokenizer(MTLTokenizer):
    """Upstream's, made without the network."""

    def __init__(self, path: Path, cangjie: Path) -> None:
        self.tokenizer = EnTokenizer(str(path)).tokenizer
        self.cangjie_converter = _Cangjie(cangjie)


def _check(path: Path) -> None:
    """Read a file for nothing: the libraries that read it do not say which one is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            json.loads(text)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def read_tokenizer(variant: Variant, folder: Path) -> TextTokenizer:
    """Read the tokenizer of a variant from its files.

    Raises:
        EngineUnavailableError: One of them is damaged.
    """
    names = WEIGHTS[variant].tokenizer
    for name in names:
        _check(folder / name)
    match variant:
        case Variant.ENGLISH:
            return _English(folder / names[0])
        case Variant.MULTILINGUAL:
            return _Multilingual(folder / names[0], folder / names[1])
        case Variant.TURBO:
            return _Turbo(
                cast(
                    "PreTrainedTokenizerBase",
                    AutoTokenizer.from_pretrained(folder, local_files_only=True),
                )
            )
