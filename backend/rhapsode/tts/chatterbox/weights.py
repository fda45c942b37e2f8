"""Where the weights of the variants are, and how they get here.

The names of the files are upstream's, so a folder that works for `chatterbox-tts` works here.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import huggingface_hub
from huggingface_hub.constants import ENDPOINT, HF_HUB_CACHE
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
)
from tqdm import tqdm

from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.chatterbox.variants import Variant

_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class WeightFiles:
    """The files of a variant."""

    repository: str
    """On Hugging Face."""

    voice_encoder: str
    t3: str
    s3gen: str
    tokenizer: tuple[str, ...]
    built_in_voice: str = "conds.pt"
    optional: tuple[str, ...] = ()
    """Taken along where they exist."""

    @property
    def required(self) -> tuple[str, ...]:
        """Every file without which the variant cannot speak."""
        return (self.t3, self.s3gen, self.voice_encoder, *self.tokenizer, self.built_in_voice)


WEIGHTS = {
    Variant.ENGLISH: WeightFiles(
        "ResembleAI/chatterbox",
        "ve.safetensors",
        "t3_cfg.safetensors",
        "s3gen.safetensors",
        ("tokenizer.json",),
    ),
    Variant.MULTILINGUAL: WeightFiles(
        "ResembleAI/chatterbox",
        "ve.pt",
        "t3_mtl23ls_v2.safetensors",
        "s3gen.pt",
        ("grapheme_mtl_merged_expanded_v1.json", "Cangjie5_TC.json"),
    ),
    Variant.TURBO: WeightFiles(
        "ResembleAI/chatterbox-turbo",
        "ve.safetensors",
        "t3_turbo_v1.safetensors",
        "s3gen_meanflow.safetensors",
        ("vocab.json", "merges.txt", "tokenizer_config.json"),
        optional=("special_tokens_map.json", "added_tokens.json"),
    ),
}


@dataclass(frozen=True, slots=True)
class Download:
    """How far the download of a file has come."""

    file: str
    done_bytes: int
    total_bytes: int | None
    """None while nobody knows."""


Progress = Callable[[Download], None]
"""Called with every piece that has arrived, from the thread that downloads."""


def find_weights(
    variant: Variant,
    folder: Path | None = None,
    *,
    progress: Progress | None = None,
    cache: Path | None = None,
    endpoint: str | None = None,
) -> Path:
    """Return a folder that holds the files of a variant, downloading those that are missing.

    Args:
        variant: Which model.
        folder: Where they are; nothing is downloaded then. None means Hugging Face's cache.
        progress: Told about downloads.
        cache: Another place for Hugging Face's cache.
        endpoint: Another address for Hugging Face.

    Raises:
        EngineUnavailableError: They are not here and cannot be had; the message says what to do.
    """
    if folder is not None:
        return _checked(variant, folder)
    try:
        return _cached(variant, cache)
    except LocalEntryNotFoundError:
        return _downloaded(variant, cache, endpoint, progress or (lambda _download: None))


def _checked(variant: Variant, folder: Path) -> Path:
    missing = [name for name in WEIGHTS[variant].required if not (folder / name).is_file()]
    if missing:
        raise EngineUnavailableError(
            f"The weights of Chatterbox ({variant}) are incomplete: {folder} lacks "
            f"{', '.join(missing)}. Files of {WEIGHTS[variant].repository} belong there."
        )
    return folder


def _cached(variant: Variant, cache: Path | None) -> Path:
    files = WEIGHTS[variant]
    paths = [
        huggingface_hub.hf_hub_download(
            files.repository, name, cache_dir=cache, local_files_only=True
        )
        for name in files.required
    ]
    return Path(paths[0]).parent


def _downloaded(
    variant: Variant, cache: Path | None, endpoint: str | None, progress: Progress
) -> Path:
    files = WEIGHTS[variant]
    path = ""
    for name in (*files.optional, *files.required):
        try:
            if not path:
                # The downloader itself would try for 20 s before it says that nobody answers.
                huggingface_hub.get_session().head(endpoint or ENDPOINT, timeout=_ANSWER_S)
            path = huggingface_hub.hf_hub_download(
                files.repository,
                name,
                cache_dir=cache,
                endpoint=endpoint,
                tqdm_class=_bar(name, progress),
            )
        except (OSError, httpx.HTTPError, RuntimeError) as error:
            # The last one is what `hf_xet`, which large files come by, makes of most failures.
            if name in files.optional and _is_absent(error):
                continue
            reason = download_failure(error, name, files.repository, cache or Path(HF_HUB_CACHE))
            raise EngineUnavailableError(reason) from error
    return Path(path).parent


def _is_absent(error: Exception) -> bool:
    # Being offline is a kind of "entry not found" too, namely in the cache.
    return isinstance(error, EntryNotFoundError) and not isinstance(error, LocalEntryNotFoundError)


def unreadable(path: Path, error: Exception) -> EngineUnavailableError:
    """Return what to tell people about a file that is there and cannot be read."""
    reason = str(error).split(". ", maxsplit=1)[0] or type(error).__name__
    # In Hugging Face's cache a file has two names, and the last one counts.
    return EngineUnavailableError(
        f"{path.resolve()} cannot be read ({reason}). If it is damaged, delete it and get it "
        "again, from `make chatterbox-weights` or wherever it came from."
    )


def download_failure(error: Exception, file: str, repository: str, cache: Path) -> str:
    """Return what to tell people about a download that failed, and what to do about it."""
    what = f"{file} of {repository} could not be downloaded"
    if isinstance(error, HfHubHTTPError) and error.response.status_code in (401, 403):
        return (
            f"{what}: Hugging Face answers {error.response.status_code}. Log in with "
            "`hf auth login`, or set HF_TOKEN to a token from its settings."
        )
    if _is_absent(error):
        return f"{what}: there is no such file. Is this version of Rhapsode too old?"
    if isinstance(error, LocalEntryNotFoundError | OfflineModeIsEnabled | httpx.TransportError):
        return (
            f"{what}: Hugging Face cannot be reached. The first start needs the network; or "
            "set RHAPSODE_CHATTERBOX_DIR to a folder with the files."
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{what}: the disk of {cache} is full. About 3 GB are needed, or set HF_HOME."
    return f"{what}: {error}. Try again; what has arrived is kept."


def _bar(file: str, progress: Progress) -> "type[tqdm[Any]]":
    """Return a progress bar that draws nothing and tells `progress` instead."""

    # At run time it takes no type argument.
    class Bar(tqdm):  # pyright: ignore[reportMissingTypeArgument]
        def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
            options.pop("name", None)
            super().__init__(*arguments, **(options | {"file": StringIO(), "disable": False}))

        def update(self, n: float | None = 1) -> bool | None:
            drawn = super().update(n)
            progress(Download(file, int(self.n), int(self.total) if self.total else None))
            return drawn

    return Bar
