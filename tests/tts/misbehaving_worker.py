"""A worker process whose engine does what its text says: die, hang, print, raise, linger."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rhapsode.tts.engine import Speech, SpeechOptions
from rhapsode.tts.tone import ToneEngine
from rhapsode.tts.worker import claim_stdout, serve

LINGER_S = 0.4
"""How long the engine takes to leave a sentence with "linger" in it."""


class MisbehavingEngine(ToneEngine):
    def __init__(self) -> None:
        super().__init__(seconds_per_word=0.01, max_concurrency=4)

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        try:
            yield from super().synthesize(text, voice, options)
            misbehave(text)
            while "forever" in text:
                yield from super().synthesize("la", voice, options)
                time.sleep(0.005)
        finally:
            if "linger" in text:
                time.sleep(LINGER_S)


def misbehave(text: str) -> None:
    if "die" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hang" in text:
        time.sleep(1000)
    if "print" in text:
        os.write(1, b"a C library says hello\n")
    if "raise" in text:
        raise RuntimeError("out of luck")


def is_first(folder: Path) -> bool:
    """Tell whether no other worker has asked this before."""
    try:
        (folder / "first").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def main(at_start: str, folder: Path) -> None:
    output = claim_stdout()
    if at_start == "fail":
        sys.stderr.write("warning: something harmless\nthe model file is missing\n")
        sys.exit(1)
    if at_start == "progress":
        sys.stderr.write("1 % of it " * 100_000)
        sys.stderr.flush()
    if at_start == "hang unless first" and not is_first(folder):
        time.sleep(1000)
    if at_start == "babble":
        os.write(output, b"Welcome to the engine!\n")
    serve(MisbehavingEngine(), output)


main(sys.argv[1], Path(sys.argv[2]))
