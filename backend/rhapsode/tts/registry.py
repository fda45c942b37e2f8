"""The registry: every engine by its name, loaded only when it is used."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.engine import TTSEngine

if TYPE_CHECKING:
    # An engine's environment need not have what the app has, nor its process what hosts need.
    from rhapsode.network import Network
    from rhapsode.tts.chatterbox.offers import ChatterboxOptions
    from rhapsode.tts.host import EngineHost


def _load_espeak() -> TTSEngine:
    from rhapsode.tts.espeak.engine import EspeakEngine

    return EspeakEngine()


def _load_tone() -> TTSEngine:
    from rhapsode.tts.tone import ToneEngine

    return ToneEngine()


def _load_chatterbox(name: str) -> TTSEngine:
    from rhapsode.tts.chatterbox.offers import ChatterboxOptions

    try:
        from rhapsode.tts.chatterbox.start import load_engine
    except ImportError as error:
        raise EngineUnavailableError(
            f"Chatterbox is not installed here ({error}). Run `make chatterbox`."
        ) from error
    return load_engine(name, ChatterboxOptions.from_environment(os.environ))


ENGINES: dict[str, Callable[[], TTSEngine]] = {
    "espeak": _load_espeak,
    "tone": _load_tone,
    "chatterbox": partial(_load_chatterbox, "chatterbox"),
    "chatterbox-multilingual": partial(_load_chatterbox, "chatterbox-multilingual"),
    "chatterbox-turbo": partial(_load_chatterbox, "chatterbox-turbo"),
}
"""Engine name -> what loads it in the process it is to run in; may raise EngineUnavailableError."""


def build_hosts(
    espeak_workers: int, network: Network, chatterbox: ChatterboxOptions | None = None
) -> dict[str, EngineHost]:
    """Return the hosts of the engines that people can choose, by engine name; none is started.

    Args:
        espeak_workers: How many processes eSpeak NG gets, at least 1.
        network: Says which speech servers users may name.
        chatterbox: How Chatterbox runs; None leaves it out.
    """
    from rhapsode.tts.chatterbox.host import ChatterboxHost
    from rhapsode.tts.chatterbox.offers import OFFERS
    from rhapsode.tts.espeak.narrators import ESPEAK
    from rhapsode.tts.openai_remote.host import INFO, OpenAIHost
    from rhapsode.tts.process_host import ProcessHost, worker_command

    hosts: dict[str, EngineHost] = {
        ESPEAK.name: ProcessHost(ESPEAK, worker_command(ESPEAK.name), processes=espeak_workers),
        INFO.name: OpenAIHost(network),
    }
    if chatterbox is not None:
        hosts |= {name: ChatterboxHost(offer, chatterbox) for name, offer in OFFERS.items()}
    return hosts
