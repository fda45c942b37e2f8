"""The registry: every engine by its name, loaded only when it is used."""

from collections.abc import Callable

from rhapsode.tts.engine import TTSEngine
from rhapsode.tts.host import EngineHost


def _load_espeak() -> TTSEngine:
    from rhapsode.tts.espeak.engine import EspeakEngine

    return EspeakEngine()


def _load_tone() -> TTSEngine:
    from rhapsode.tts.tone import ToneEngine

    return ToneEngine()


ENGINES: dict[str, Callable[[], TTSEngine]] = {"espeak": _load_espeak, "tone": _load_tone}
"""Engine name -> what loads it in the process it is to run in; may raise EngineUnavailableError."""


def build_hosts(espeak_workers: int) -> dict[str, EngineHost]:
    """Return the hosts of the engines that people can choose, by engine name; none is started.

    Args:
        espeak_workers: How many processes eSpeak NG gets, at least 1.
    """
    from rhapsode.tts.espeak.narrators import ESPEAK
    from rhapsode.tts.process_host import ProcessHost, worker_command

    return {ESPEAK.name: ProcessHost(ESPEAK, worker_command(ESPEAK.name), processes=espeak_workers)}
