"""Turn: one sentence through an engine that is ours, measured and brought to one sample rate."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rhapsode import metrics
from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.audio.pcm import Resampler
from rhapsode.tts.engine import Demand, Speech, SpeechOptions, VoiceChoice, WordTime
from rhapsode.tts.host import EngineHost
from rhapsode.tts.lanes import Lane
from rhapsode.tts.pace import Spoken
from rhapsode.tts.turns import Priority


@dataclass(frozen=True, slots=True)
class Effort:
    """What one sentence took, or several."""

    waited_s: float = 0.0
    """Until the engine was free."""

    work_s: float = 0.0
    """From then to the last sound."""

    sound_s: float = 0.0
    """How long it sounds."""

    def __add__(self, other: "Effort") -> "Effort":
        return Effort(
            self.waited_s + other.waited_s,
            self.work_s + other.work_s,
            self.sound_s + other.sound_s,
        )


class Turn:
    """The engine is ours, for one sentence."""

    def __init__(
        self,
        host: EngineHost,
        lane: Lane,
        choice: VoiceChoice,
        priority: Priority,
        waited_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._host = host
        self._lane = lane
        self._choice = choice
        self._priority = priority
        self._waited_s = waited_s
        self._clock = clock

    async def speak(
        self, text: str, emit: Callable[[Speech], None], demand: Demand | None = None
    ) -> Effort:
        """Speak one sentence; see `Synthesizer.speak`.

        Args:
            text: One sentence, speakable (no markup), not empty.
            emit: Must not wait.
            demand: Who waits for it; None means what the choice says.

        Raises:
            SynthesisError: The sentence could not be spoken, or not to its end.
        """
        began_at_s = self._clock()
        first_chunk_s = 0.0

        def note_first() -> None:
            nonlocal first_chunk_s
            first_chunk_s = self._clock() - began_at_s
            self._observe_first(first_chunk_s)

        output = _Output(self._host.sample_rate, emit, note_first)
        voice = self._choice.voice
        await self._host.speak(text, voice, self._options(demand), output.take)
        output.finish()
        effort = Effort(self._waited_s, self._clock() - began_at_s, output.samples / SAMPLE_RATE)
        if output.samples:
            first_sound_s = output.first_samples / SAMPLE_RATE
            self._lane.paces.observe_speech(
                voice, Spoken(first_chunk_s, effort.work_s, first_sound_s, effort.sound_s)
            )
        _count(effort, self._choice.engine, self._priority)
        return effort

    def _observe_first(self, seconds: float) -> None:
        # Noted when it comes: the very next fragment of a scene is cut by it.
        metrics.TTS_FIRST_CHUNK.labels(self._choice.engine).observe(seconds)
        if self._priority is Priority.LIVE:
            self._lane.paces.observe_first_chunk(self._choice.voice, seconds)

    def _options(self, demand: Demand | None) -> SpeechOptions:
        """Return the options with what the engine needs to know of its listener."""
        options = self._choice.options
        asked = replace(demand or options.demand, live=self._priority is Priority.LIVE)
        return replace(options, demand=asked)


def _count(effort: Effort, engine: str, priority: Priority) -> None:
    lane = priority.name.lower()
    metrics.TTS_QUEUE_WAIT.labels(lane).observe(effort.waited_s)
    metrics.SENTENCES.labels(engine, lane).inc()
    metrics.SOUND.labels(engine, lane).inc(effort.sound_s)
    if effort.sound_s:
        metrics.TTS_RTF.labels(engine).observe(effort.work_s / effort.sound_s)


class _Output:
    """Brings one sentence's speech to `SAMPLE_RATE`."""

    def __init__(
        self,
        engine_rate: int,
        emit: Callable[[Speech], None],
        on_first_sound: Callable[[], None],
    ) -> None:
        self._engine_rate = engine_rate
        self._resampler = Resampler(engine_rate, SAMPLE_RATE)
        self._emit = emit
        self._on_first_sound = on_first_sound
        self.samples = 0
        self.first_samples = 0

    def take(self, piece: Speech) -> None:
        if isinstance(piece, WordTime):
            start, end = self._scaled(piece.start), self._scaled(piece.end)
            self._emit(replace(piece, start=start, end=end))
        else:
            self._pass_on(AudioChunk(self._resampler.push(piece.samples), SAMPLE_RATE))

    def finish(self) -> None:
        """Emit what the resampler held back."""
        self._pass_on(AudioChunk(self._resampler.flush(), SAMPLE_RATE))

    def _pass_on(self, chunk: AudioChunk) -> None:
        if not len(chunk.samples):
            return
        if not self.samples:
            self.first_samples = len(chunk.samples)
            self._on_first_sound()
        self.samples += len(chunk.samples)
        self._emit(chunk)

    def _scaled(self, sample: int) -> int:
        return round(sample * SAMPLE_RATE / self._engine_rate)
