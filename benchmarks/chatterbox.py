"""Chatterbox: how soon a sentence is heard, and how fast it is made, beside upstream's own way.

    .venv-chatterbox/bin/python benchmarks/chatterbox.py --model english

The networks have their real size and random weights: speed does not depend on their values. Random
weights never come to an end, so both sides speak the same fixed number of speech tokens, in the
same voice, from the same files, in the same run. What the sound is like is not measured.
"""

import argparse
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from io import StringIO
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
# In place of this folder, where this file would be taken for upstream's package.
sys.path[:1] = [str(ROOT), str(ROOT / "backend")]

from benchmarks.machine import describe_load, describe_machine  # noqa: E402
from benchmarks.operations import Operations  # noqa: E402
from rhapsode.audio.chunk import SAMPLE_RATE  # noqa: E402
from rhapsode.tts.chatterbox.flow import FlowWindow, WindowFlow  # noqa: E402
from rhapsode.tts.chatterbox.job import Sentence  # noqa: E402
from rhapsode.tts.chatterbox.load import ChatterboxModel, load  # noqa: E402
from rhapsode.tts.chatterbox.rendering import Renderer  # noqa: E402
from rhapsode.tts.chatterbox.sampling import TURBO_SAMPLING, Sampling  # noqa: E402
from rhapsode.tts.chatterbox.schedule import (  # noqa: E402
    FIRST_HOLD_FRAMES,
    LOOKAHEAD_TOKENS,
    StreamPlan,
)
from rhapsode.tts.chatterbox.scheduler import Scheduler  # noqa: E402
from rhapsode.tts.chatterbox.speakers import Speaker  # noqa: E402
from rhapsode.tts.chatterbox.start import chunks_for  # noqa: E402
from rhapsode.tts.chatterbox.t3 import T3Decoder, T3Request  # noqa: E402
from rhapsode.tts.chatterbox.utterance import Utterance  # noqa: E402
from rhapsode.tts.chatterbox.variants import Variant  # noqa: E402
from rhapsode.tts.chatterbox.vocoder import Piece, Vocoder  # noqa: E402
from rhapsode.tts.chatterbox.watermark import MarkedStream, Perth  # noqa: E402
from rhapsode.tts.engine import Demand  # noqa: E402
from tests.tts.chatterbox import tiny  # noqa: E402

SIZES = {"full": tiny.PLAUSIBLE_FULL_SIZE, "tiny": tiny.TINY}
TEXT = "The lamp went out at ten, and nobody in the harbor saw it, for the fog lay thick."
PROMPT_TOKENS = 100
"""A reference clip of 4 s, the longest that the flow is given here; upstream's default is 10 s."""

ON_TIME_S = 0.3
STEPS = 12
MAX_POSITIONS = 512
MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence, as its listener got it."""

    first_s: float
    total_s: float
    sound_s: float
    dry: bool
    """Whether the sound ran out for a listener who plays at once."""


def main() -> None:
    """Measure, and print a table."""
    warnings.simplefilter("ignore")
    arguments = _arguments()
    variant = Variant(arguments.model)
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        size = SIZES[arguments.size]
        tiny.write_weights(Path(folder), variant, size, PROMPT_TOKENS)
        with _quietly():
            model = load(
                variant,
                folder=Path(folder),
                device=arguments.device,
                precision=arguments.precision,
                architecture=size,
            )
        rows += _streaming(model, arguments.tokens, arguments.listeners)
        rows += _steps(model, arguments.slots)
        rows += _phases(model)
        rows += _operations(model)
        rows += _closeness(model)
        ours = rows[0:2]
        del model
        if not arguments.without_upstream and arguments.size == "full":
            rows += _upstream(variant, Path(folder), arguments.device, arguments.tokens, ours)
    _print(arguments, rows)


def _streaming(model: ChatterboxModel, tokens: int, listeners: list[int]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for number in listeners:
        heard = _listen(model, tokens, number)
        worst = max(each.first_s for each in heard)
        total_s, sound_s = max(each.total_s for each in heard), sum(e.sound_s for e in heard)
        if number == 1:
            rows += [
                ("first audio, one stream", f"{worst:.3f} s"),
                ("whole sentence, one stream", f"{total_s:.3f} s"),
                ("tokens before the first audio", str(StreamPlan().tokens_wanted)),
                ("real-time factor, one stream", f"{total_s / sound_s:.3f}"),
            ]
        in_time = sum(not each.dry and each.first_s <= ON_TIME_S for each in heard)
        rows.append(
            (
                f"{number} at once",
                f"{in_time} in time (first audio <= {ON_TIME_S} s, never dry), "
                f"first audio {worst:.3f} s at worst, {sound_s / total_s:.2f} x real time together",
            )
        )
    return rows


def _listen(model: ChatterboxModel, tokens: int, number: int) -> list[Heard]:
    scheduler = Scheduler(
        model,
        slots=number,
        max_positions=MAX_POSITIONS,
        patience_s=600,
        on_hang=lambda: None,
        chunks=chunks_for(model),
    )
    try:
        voice = model.built_in_voice
        speaker = Speaker(scheduler.decoder.voice_prefix(voice.t3), voice.flow)
        # The first sentence pays for everything that happens once.
        for sound in scheduler.speak(_sentence(model, speaker, 12, 0)):
            del sound
        began_s = time.perf_counter()
        tickets = [
            scheduler.speak(_sentence(model, speaker, tokens, seed)) for seed in range(number)
        ]
        arrivals = _arrivals([iter(ticket) for ticket in tickets])
        return [_heard(each, began_s) for each in arrivals]
    finally:
        scheduler.close()


def _arrivals(streams: list[Iterator[np.ndarray]]) -> list[list[tuple[float, int]]]:
    """Read every stream in a thread of its own; return when how many samples came."""

    def read(stream: Iterator[np.ndarray]) -> list[tuple[float, int]]:
        return [(time.perf_counter(), len(sound)) for sound in stream if len(sound)]

    with ThreadPoolExecutor(len(streams)) as threads:
        return list(threads.map(read, streams))


def _heard(arrivals: list[tuple[float, int]], began_s: float) -> Heard:
    first_at_s = due_s = arrivals[0][0]
    dry = False
    for at_s, samples in arrivals:
        dry = dry or at_s > due_s + 0.01
        due_s = max(due_s, at_s) + samples / SAMPLE_RATE
    sound_s = sum(samples for _, samples in arrivals) / SAMPLE_RATE
    return Heard(first_at_s - began_s, arrivals[-1][0] - began_s, sound_s, dry)


def _sentence(model: ChatterboxModel, speaker: Speaker, tokens: int, seed: int) -> Sentence:
    text = model.tokenizer.encode(TEXT, "en")
    return Sentence(text, speaker, _sampling(model, seed), 0.5, tokens, Demand())


def _sampling(model: ChatterboxModel, seed: int) -> Sampling:
    base = TURBO_SAMPLING if model.variant is Variant.TURBO else Sampling()
    return replace(base, seed=seed)


def _steps(model: ChatterboxModel, widths: list[int]) -> list[tuple[str, str]]:
    """Time one step of T3 for several requests at once."""
    rows = []
    text = model.tokenizer.encode(TEXT, "en")
    for slots in widths:
        decoder = T3Decoder(model.t3, slots, MAX_POSITIONS, model.aligned_heads)
        prefix = decoder.voice_prefix(model.built_in_voice.t3)
        for slot in range(slots):
            decoder.prefill(
                slot, T3Request(prefix, text, _sampling(model, slot), max_new_tokens=MOST_TOKENS)
            )
        decoder.step().read()
        took_s = _timed(partial(_take_steps, decoder)) / STEPS
        rows.append((f"T3 step, {slots} at once", f"{took_s * 1000:.1f} ms"))
    return rows


def _take_steps(decoder: T3Decoder) -> None:
    for _ in range(STEPS):
        decoder.step().read()


def _phases(model: ChatterboxModel) -> list[tuple[str, str]]:
    """Time what stands between nine tokens and the first sound."""
    renderer = Renderer(model, max_batch=1)
    voice, first = model.built_in_voice.flow, StreamPlan().tokens_wanted
    decoder = T3Decoder(model.t3, 1, MAX_POSITIONS, model.aligned_heads)
    prefix = decoder.voice_prefix(model.built_in_voice.t3)
    request = T3Request(
        prefix, model.tokenizer.encode(TEXT, "en"), _sampling(model, 1), max_new_tokens=MOST_TOKENS
    )

    def read_text() -> None:
        decoder.prefill(0, request)
        decoder.step().read()
        decoder.release(0)

    read_text()
    flow = WindowFlow(model.s3gen.flow, steps=model.solver_steps, max_batch=1)
    window = FlowWindow(voice, 1, tiny.speech_tokens(first), 0, first - LOOKAHEAD_TOKENS, False)
    flow.mel([window])

    def render() -> None:
        utterance = Utterance(voice, 1, renderer.stream(1))
        cuts = [cut for token in tiny.speech_tokens(first) if (cut := utterance.push(token))]
        renderer.render([(utterance, cut) for cut in cuts])

    render()
    flow_s, both_s = _timed(lambda: flow.mel([window])), _timed(render)
    perth = Perth()
    second = np.zeros(SAMPLE_RATE, np.float32)
    MarkedStream(perth).push(second)
    return [
        ("phase: text read, first token", f"{_timed(read_text) * 1000:.0f} ms"),
        (f"phase: flow of the first {first - LOOKAHEAD_TOKENS} tokens", f"{flow_s * 1000:.0f} ms"),
        ("phase: flow and vocoder of the same", f"{both_s * 1000:.0f} ms"),
        (
            "phase: watermark of a second of sound, off the critical path",
            f"{_timed(lambda: MarkedStream(perth).push(second)) * 1000:.0f} ms",
        ),
    ]


def _operations(model: ChatterboxModel) -> list[tuple[str, str]]:
    """Count what a graphics card is told to do, which takes it longer than the sums themselves."""
    decoder = T3Decoder(model.t3, 1, MAX_POSITIONS, model.aligned_heads)
    prefix = decoder.voice_prefix(model.built_in_voice.t3)
    text = model.tokenizer.encode(TEXT, "en")
    decoder.prefill(0, T3Request(prefix, text, _sampling(model, 1), max_new_tokens=MOST_TOKENS))
    with Operations() as step:
        decoder.step()
    flow = WindowFlow(model.s3gen.flow, steps=model.solver_steps, max_batch=1)
    window = FlowWindow(model.built_in_voice.flow, 1, tiny.speech_tokens(9), 0, 6, False)
    with Operations() as frames:
        mel = flow.mel([window])[0]
    vocoder = Vocoder(model.s3gen.mel2wav, model.s3gen.trim_fade, max_batch=1)
    stream = vocoder.stream(1)
    with Operations() as samples:
        vocoder.advance([Piece(stream, mel, FIRST_HOLD_FRAMES, False)])
    return [
        ("operations: a step of T3", f"{step.number:,}"),
        (f"operations: a window of the flow, {model.solver_steps} steps", f"{frames.number:,}"),
        ("operations: a piece of the vocoder", f"{samples.number:,}"),
    ]


def _closeness(model: ChatterboxModel) -> list[tuple[str, str]]:
    """Compare the streamed frames with those of the whole sentence at once, on the same noise."""
    voice, tokens = model.built_in_voice.flow, tiny.speech_tokens(110)
    plan = StreamPlan()
    cuts = [*filter(None, (plan.push() for _ in tokens)), plan.finish()]
    streaming = WindowFlow(model.s3gen.flow, steps=model.solver_steps, max_batch=1)
    streamed = torch.cat(
        [
            streaming.mel([FlowWindow(voice, 9, tokens, cut.start, cut.end, cut.final)])[0]
            for cut in cuts
        ],
        dim=1,
    )
    at_once = WindowFlow(model.s3gen.flow, steps=model.solver_steps, max_batch=1, left_tokens=1000)
    whole = at_once.mel([FlowWindow(voice, 9, tokens, 0, len(tokens), True)])[0]
    error = float((streamed - whole).norm() / whole.norm())
    return [("mel error of streaming, relative to the whole sentence", f"{error:.2%}")]


def _upstream(
    variant: Variant, folder: Path, device: str, tokens: int, ours: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Have upstream's own class speak the same number of tokens from the same files."""
    generate = _upstream_generate(variant, folder, device)
    with _quietly():
        took_s = _timed(partial(generate, tokens))
        short, long = _counted(partial(generate, 10)), _counted(partial(generate, 20))
    first_s, total_s = (float(value.split()[0]) for _, value in ours)
    return [
        ("upstream generate(), whole utterance", f"{took_s:.3f} s"),
        ("our first audio is sooner by", f"{took_s / first_s:.1f} x"),
        ("our whole sentence takes", f"{total_s / took_s:.2f} x upstream's"),
        ("operations: upstream's T3, each token", f"{(long - short) / 10:,.0f}"),
    ]


def _upstream_generate(variant: Variant, folder: Path, device: str) -> Callable[[int], object]:
    """Return upstream's own way to speak a number of tokens."""
    name = "cuda" if device == "auto" and torch.cuda.is_available() else device
    name = "cpu" if name == "auto" else name
    with _quietly():
        if variant is Variant.TURBO:
            from chatterbox.tts_turbo import ChatterboxTurboTTS as Upstream
        else:
            from chatterbox.tts import ChatterboxTTS as Upstream
        upstream = Upstream.from_local(folder, name)
    turbo = variant is Variant.TURBO
    inference = upstream.t3.inference_turbo if turbo else upstream.t3.inference
    limit = "max_gen_len" if turbo else "max_new_tokens"

    def generate(tokens: int) -> object:
        def limited(*arguments: object, **options: object) -> object:
            return inference(*arguments, **{**options, limit: tokens})

        setattr(upstream.t3, "inference_turbo" if turbo else "inference", limited)
        return upstream.generate(TEXT)

    return generate


def _counted(work: Callable[[], object]) -> int:
    with Operations() as operations:
        work()
    return operations.number


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began_s


@contextmanager
def _quietly() -> Iterator[None]:
    """Upstream reports its progress to the terminal, and warns about its dependencies."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


def _memory() -> str:
    if torch.cuda.is_available():
        return f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB of GPU memory at most"
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB at most"


def _print(arguments: argparse.Namespace, rows: list[tuple[str, str]]) -> None:
    print(f"{describe_machine()}; torch {torch.__version__}; {describe_load()}")
    print(f"`{' '.join(['benchmarks/chatterbox.py', *sys.argv[1:]])}`\n")
    print(f"| {arguments.model}, {arguments.size} size, {arguments.tokens} speech tokens | |")
    print("|---|---|")
    for name, value in [*rows, ("memory, upstream's copy included", _memory())]:
        print(f"| {name} | {value} |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=["english", "turbo"], default="english")
    parser.add_argument("--size", choices=list(SIZES), default="full")
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--precision", choices=["auto", "bfloat16", "float32"], default="auto", help="ours only"
    )
    parser.add_argument("--tokens", type=int, default=75, help="25 are a second of speech")
    parser.add_argument("--listeners", type=int, nargs="+", default=[1])
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--without-upstream", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
