"""load_engine(): everything that one model needs to speak, put together."""

import os
import threading
from collections.abc import Callable

from rhapsode.tts.chatterbox.conditionals import Speakers, version_of
from rhapsode.tts.chatterbox.devices import free_bytes, require_memory
from rhapsode.tts.chatterbox.engine import ChatterboxEngine
from rhapsode.tts.chatterbox.load import FULL_SIZE, Architecture, ChatterboxModel, load
from rhapsode.tts.chatterbox.offers import OFFERS, ChatterboxOptions
from rhapsode.tts.chatterbox.schedule import (
    CHUNK_TOKENS,
    PATIENT_CHUNK_TOKENS,
    PATIENT_TURBO_CHUNK_TOKENS,
)
from rhapsode.tts.chatterbox.scheduler import Scheduler
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.watermark import Perth
from rhapsode.tts.chatterbox.weights import find_weights

POSITIONS = {Variant.ENGLISH: 1152, Variant.MULTILINGUAL: 1280, Variant.TURBO: 1408}
"""Longest sequences: the voice, 280 characters, and half a minute of speech tokens."""

MOST_SLOTS = 64
CPU_SLOTS = 2
_WORKSPACE_BYTES = 2 * 1024**3
"""What computing takes besides weights and caches: CUDA graphs, windows of 16 sentences."""

_GPU_PATIENCE_S, _CPU_PATIENCE_S = 30.0, 300.0
"""A turn takes milliseconds on a GPU, but may have to record a shape that is rarely asked for."""

_LAST_WORDS_S = 1.0


def load_engine(
    name: str,
    options: ChatterboxOptions,
    *,
    architecture: Architecture = FULL_SIZE,
    on_hang: Callable[[], None] | None = None,
) -> ChatterboxEngine:
    """Load an engine by its name; takes many seconds.

    Args:
        name: One of `OFFERS`.
        options: The operator's.
        architecture: How large the model is.
        on_hang: See `Scheduler`; None ends this process.

    Raises:
        EngineUnavailableError: It cannot run here; the message says what to do.
    """
    offer = OFFERS[name]
    variant = Variant(offer.variant)
    weights = find_weights(variant, options.weights_dir)
    perth = Perth() if options.watermark else None
    model = load(
        variant,
        folder=weights,
        device=options.device,
        precision=options.precision,
        architecture=architecture,
    )
    free, each = free_bytes(model.device), slot_bytes(model)
    slots = options.slots or slots_for(free, each)
    require_memory(slots * each + _WORKSPACE_BYTES, free)
    on_gpu = model.device.type == "cuda"
    scheduler = Scheduler(
        model,
        slots=slots,
        max_positions=POSITIONS[variant],
        patience_s=_GPU_PATIENCE_S if on_gpu else _CPU_PATIENCE_S,
        on_hang=on_hang or end_process,
        flow=options.flow,
        chunks=chunks_for(model),
    )
    speakers = Speakers(
        model, options.voices_dir, scheduler.decoder.voice_prefix, version_of(model, weights)
    )
    engine = ChatterboxEngine(offer, model, scheduler, speakers, options.voices_dir, perth)
    if on_gpu:
        # Its first sentence compiles kernels besides those that have been recorded.
        engine.warm_up()
    return engine


def chunks_for(model: ChatterboxModel) -> tuple[int, ...]:
    """Return the sizes of chunks that suit a model's device; see `StreamPlan`."""
    if model.device.type != "cpu":
        return CHUNK_TOKENS
    turbo = model.variant is Variant.TURBO
    return PATIENT_TURBO_CHUNK_TOKENS if turbo else PATIENT_CHUNK_TOKENS


def slots_for(free: int | None, each: int) -> int:
    """Return how many sentences to write at once: those that half of the free memory holds.

    A card is seldom Chatterbox's alone: the language model comes and goes, and so do the others of
    these models.

    Args:
        free: The device's free memory in bytes, the model being loaded; None on a processor.
        each: What one sentence takes, in bytes.
    """
    if free is None:
        return CPU_SLOTS
    return max(1, min(MOST_SLOTS, (free - _WORKSPACE_BYTES) // 2 // each))


def slot_bytes(model: ChatterboxModel) -> int:
    """Return the memory of one slot's keys and values."""
    layers, weight = model.t3.cfg.num_hidden_layers, model.t3.speech_head.weight
    rows = 1 if model.t3.is_gpt else 2
    width = weight.shape[1]
    return 2 * layers * rows * POSITIONS[model.variant] * width * weight.element_size()


def end_process() -> None:
    """End this process soon: its host starts another, which a stuck device lets one do."""
    last_words = threading.Timer(_LAST_WORDS_S, os._exit, (70,))
    last_words.daemon = True
    last_words.start()
