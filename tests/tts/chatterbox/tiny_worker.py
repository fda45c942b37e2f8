"""The real worker with the tiny model in it: everything is the product's but the size.

    python tests/tts/chatterbox/tiny_worker.py write FOLDER   writes weights in upstream's names
    python tests/tts/chatterbox/tiny_worker.py                speaks, as `rhapsode.tts.worker` does

Runs in Chatterbox's environment, and takes `RHAPSODE_CHATTERBOX_DIR` and the like from its host.
"""

import os
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "backend")]

from rhapsode.tts.chatterbox.offers import ChatterboxOptions  # noqa: E402
from rhapsode.tts.worker import claim_stdout, serve  # noqa: E402

HANG = "Now everything hangs."
"""A sentence in which the model's next step takes forever."""

PATIENCE_S = 3.0


def hang_on_request(engine):
    """Let a step of the model hang once `HANG` has been asked for."""
    decoder, encode = engine._scheduler.decoder, engine._model.tokenizer.encode
    step, hanging = decoder.step, threading.Event()

    def read(text, language="en"):
        if HANG in text:
            hanging.set()
        return encode(text, language)

    def stuck():
        if hanging.is_set():
            threading.Event().wait()
        return step()

    engine._model.tokenizer.encode, decoder.step = read, stuck


def speak():
    output = claim_stdout()
    import torch

    from rhapsode.tts.chatterbox import engine as engine_module
    from rhapsode.tts.chatterbox import start
    from tests.tts.chatterbox import tiny

    torch.set_num_threads(2)
    start._CPU_PATIENCE_S = PATIENCE_S
    # The tiny model never comes to an end by itself, and half as much sound proves the same.
    limit = engine_module.token_limit
    engine_module.token_limit = lambda text: limit(text) // 2
    options = ChatterboxOptions.from_environment(os.environ)
    engine = start.load_engine("chatterbox", options, architecture=tiny.TINY)
    hang_on_request(engine)
    serve(engine, output)


def write(folder):
    from rhapsode.tts.chatterbox.variants import Variant
    from tests.tts.chatterbox import tiny

    tiny.write_weights(Path(folder), Variant.ENGLISH)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2])
    else:
        speak()
