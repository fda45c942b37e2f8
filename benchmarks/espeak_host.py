"""How fast speech leaves eSpeak NG through its worker processes.

Run: .venv/bin/python benchmarks/espeak_host.py
"""

import asyncio
import statistics
import time

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.network import OWN_MACHINE
from rhapsode.tts.engine import Speech, VoiceChoice
from rhapsode.tts.registry import build_hosts
from rhapsode.tts.synthesizer import Synthesizer
from rhapsode.tts.turns import Priority

SENTENCE = "She opened the door; nobody was there, only the sea and a lamp that someone had lit."
SENTENCES = 200
WORKERS = 2


async def speak(synthesizer: Synthesizer) -> tuple[float, float]:
    """Speak one sentence; return the seconds to its first chunk and its length in seconds."""
    asked_at_s = time.perf_counter()
    first_chunk_s: list[float] = []
    samples = 0

    def note(piece: Speech) -> None:
        nonlocal samples
        if isinstance(piece, AudioChunk):
            samples += len(piece.samples)
            first_chunk_s.append(time.perf_counter() - asked_at_s)

    await synthesizer.speak(SENTENCE, VoiceChoice("espeak", ""), Priority.LIVE, note)
    return first_chunk_s[0], samples / SAMPLE_RATE


async def main() -> None:
    """Print the figures."""
    started_s = time.perf_counter()
    async with Synthesizer(build_hosts(WORKERS, OWN_MACHINE)) as synthesizer:
        print(f"start of {WORKERS} workers: {1000 * (time.perf_counter() - started_s):.0f} ms")
        await speak(synthesizer)
        alone = [(await speak(synthesizer))[0] for _ in range(SENTENCES)]
        centiles = statistics.quantiles(alone, n=100)
        print(f"first chunk: median {1000 * centiles[49]:.2f} ms, p95 {1000 * centiles[94]:.2f} ms")
        began_s = time.perf_counter()
        spoken = await asyncio.gather(*(speak(synthesizer) for _ in range(SENTENCES)))
        sound_s = sum(length_s for _, length_s in spoken)
        print(f"throughput: {sound_s / (time.perf_counter() - began_s):.0f} x real time")


asyncio.run(main())
