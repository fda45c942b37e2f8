"""Drives RealtimeTTS: a `TextToAudioStream` per session, muted, its sound taken by its callback.

Default settings, as `play()` has them.
"""

import asyncio
import importlib.util
import sys
import types
from concurrent.futures import ThreadPoolExecutor

from driver import Engine, Session, serve
from espeak_cli import SAMPLE_RATE as ESPEAK_RATE
from espeak_cli import EspeakCli
from synthetic_engine import SAMPLE_RATE as SYNTHETIC_RATE

SESSIONS = 512


class _SilentPyAudio:
    """Answers the one question that a muted stream asks of the sound card."""

    def get_sample_size(self, _format: int) -> int:
        return 2

    def terminate(self) -> None:
        return None


def _do_without_sound_card() -> None:
    """Stand in for PyAudio, which is imported even where nothing plays, and needs PortAudio."""
    if importlib.util.find_spec("pyaudio"):
        return
    portaudio = types.ModuleType("pyaudio._portaudio")
    portaudio.paFramesPerBufferUnspecified = 0
    module = types.ModuleType("pyaudio")
    names = ("paFloat32", "paInt32", "paInt24", "paInt16", "paInt8", "paUInt8", "paCustomFormat")
    for number, name in enumerate(names):
        setattr(module, name, 2**number)
    module.PyAudio = _SilentPyAudio
    module._portaudio = portaudio
    sys.modules |= {"pyaudio": module, "pyaudio._portaudio": portaudio}


_do_without_sound_card()

import pyaudio  # noqa: E402
from RealtimeTTS import BaseEngine, TextToAudioStream  # noqa: E402
from stream2sentence.stream2sentence import initialize_nltk  # noqa: E402

tokenizer = "nltk+rule-based"
threads = ThreadPoolExecutor(SESSIONS)


class QueueEngine(BaseEngine):
    """The engine as RealtimeTTS's engines are written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.rate = ESPEAK_RATE if isinstance(engine, EspeakCli) else SYNTHETIC_RATE

    def post_init(self) -> None:
        """Give it its name."""
        self.engine_name = "benchmark"

    def get_stream_info(self) -> tuple[int, int, int]:
        """Return format, channels, and sample rate."""
        return pyaudio.paInt16, 1, self.rate

    def synthesize(self, text: str, sentence_number: int = 0) -> bool:
        """Speak one sentence."""
        for sound in self._engine.speak_blocking(text):
            self.queue.put(sound)
        return True

    def get_voices(self) -> list[str]:
        """Return no voices: there is one."""
        return []

    def set_voice(self, voice: object) -> None:
        """Do nothing."""

    def set_voice_parameters(self, **parameters: object) -> None:
        """Do nothing."""


async def run(session: Session) -> None:
    """Tell one answer."""
    await asyncio.get_running_loop().run_in_executor(threads, _play, session)


def _play(session: Session) -> None:
    engine = QueueEngine(session.engine)
    stream = TextToAudioStream(engine, muted=True, tokenizer=tokenizer)
    stream.feed(session.deltas_blocking())
    stream.play(on_audio_chunk=lambda sound: session.hear_s16(sound, engine.rate))


async def warm_up() -> str:
    """Load the sentence tokenizer; the default one needs data from NLTK's server."""
    global tokenizer
    try:
        initialize_nltk()
    except RuntimeError as error:
        tokenizer = "rule-based"
        return f"RealtimeTTS ran with its rule-based tokenizer: {error}"
    return ""


if __name__ == "__main__":
    serve(run, warm_up)
