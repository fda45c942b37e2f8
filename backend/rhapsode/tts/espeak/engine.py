"""EspeakEngine: eSpeak NG as a speech engine."""

import threading
import unicodedata
from collections.abc import Generator, Iterator
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from rhapsode.audio.chunk import AudioChunk
from rhapsode.audio.silence import TrailingSilence
from rhapsode.errors import UnknownVoiceError
from rhapsode.tts.engine import Speech, SpeechOptions, Voice
from rhapsode.tts.espeak.library import Event, Library, Parameter, the_library
from rhapsode.tts.espeak.narrators import ESPEAK, NARRATORS, Narrator, language_tag
from rhapsode.tts.espeak.words import WordClock
from rhapsode.tts.handoff import Handoff

MIN_PAUSE_S, MAX_PAUSE_S = 0.25, 0.35
"""Natural pauses after a sentence, at speed 1.

The library's own is 0.3 s there, but 0.9 s at half the speed and 0.06 s at twice the speed.
"""

CHUNKS_AHEAD = 16
"""The library is about 1000 times faster than sound: let it wait, not pile up."""

_RATE_OF_PACE = (
    (0.47, 80), (0.56, 100), (0.676, 120), (0.80, 140), (0.912, 160), (1.0, 175), (1.147, 200),
    (1.29, 225), (1.43, 250), (1.58, 275), (1.75, 300), (1.905, 325), (2.065, 350), (2.20, 375),
    (2.37, 400), (2.48, 420), (2.52, 455), (2.78, 500), (3.34, 600), (3.89, 700), (4.46, 800),
)  # fmt: skip
"""How fast the library really speaks, relative to rate 175, for each rate it is given.

Measured by duration over four sentences in English, within 2 %. It is no straight line, and at 450
the library changes its method: it speaks slower there than at 425.
"""

_Piece = tuple[NDArray[np.int16], list[Event]]


class EspeakEngine:
    """Speaks with libespeak-ng, one sentence at a time in each process."""

    name = ESPEAK.name
    info = ESPEAK
    max_concurrency = 1

    def __init__(self) -> None:
        """Load the library.

        Raises:
            EngineUnavailableError: It cannot be loaded here.
        """
        self._library = the_library()
        self.sample_rate = self._library.sample_rate
        self._narrators = {n.voice.id: n for n in (*NARRATORS, *_raw_voices(self._library))}

    def voices(self) -> list[Voice]:
        """Return the narrators, then every voice of the library (not featured)."""
        return [narrator.voice for narrator in self._narrators.values()]

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[Speech]:
        """Speak one sentence; sound leaves while the rest is still being synthesized.

        Raises:
            UnknownVoiceError: There is no such voice.
            SynthesisError: The library could not speak this sentence.
        """
        narrator = self._narrators.get(voice)
        if narrator is None:
            raise UnknownVoiceError(
                f"eSpeak NG has no voice {voice!r}.", param="voice", allowed=list(self._narrators)
            )
        return self._speak(_speakable(text), narrator, options.speed)

    def _speak(self, text: str, narrator: Narrator, speed: float) -> Generator[Speech]:
        pieces: Handoff[_Piece] = Handoff(CHUNKS_AHEAD)
        # The library calls back from inside one long call: that call needs a thread of its own
        # for its sound to leave as a generator.
        thread = threading.Thread(
            target=self._fill, args=(pieces, text, narrator, speed), name="espeak", daemon=True
        )
        thread.start()
        try:
            yield from _assemble(pieces, text, self.sample_rate, MIN_PAUSE_S / max(1.0, speed))
        finally:
            pieces.close()
            thread.join()

    def _fill(self, pieces: Handoff[_Piece], text: str, narrator: Narrator, speed: float) -> None:
        parameters = {
            Parameter.RATE: _rate(narrator.words_per_minute, speed),
            Parameter.PITCH: narrator.pitch,
            Parameter.RANGE: narrator.pitch_range,
        }

        def give(samples: NDArray[np.int16], events: list[Event]) -> bool:
            return pieces.put((samples, events))

        try:
            self._library.speak(text, narrator.identifier, parameters, give)
        except Exception as error:  # noqa: BLE001 - raised again where the speech is taken
            pieces.fail(error)
        else:
            pieces.finish()


def _assemble(
    pieces: Handoff[_Piece], text: str, sample_rate: int, min_pause_s: float
) -> Iterator[Speech]:
    words = WordClock(text)
    silence = TrailingSilence(round(MAX_PAUSE_S * sample_rate))
    for samples, events in pieces:
        yield from words.push(samples, events)
        yield from _chunk(silence.push(samples.astype(np.float32) / 32768.0), sample_rate)
    yield from words.finish()
    pause = silence.flush()
    missing = max(0, round(min_pause_s * sample_rate) - len(pause))
    yield from _chunk(np.pad(pause, (0, missing)), sample_rate)


def _chunk(samples: NDArray[np.float32], sample_rate: int) -> Iterator[AudioChunk]:
    if len(samples):
        yield AudioChunk(samples, sample_rate)


def _rate(words_per_minute: int, speed: float) -> int:
    """Return the library's rate at which a voice speaks `speed` times as fast as at its own."""
    paces, rates = zip(*_RATE_OF_PACE, strict=True)
    own_pace = np.interp(words_per_minute, rates, paces)
    return round(float(np.interp(own_pace * speed, paces, rates)))


def _raw_voices(library: Library) -> list[Narrator]:
    return [
        Narrator(
            Voice(
                id=PurePosixPath(file.identifier).name,
                name=file.name.strip(),
                language=language_tag(file.language),
                featured=False,
            ),
            file.identifier,
        )
        for file in library.voices()
    ]


def _speakable(text: str) -> str:
    """Put a space for every character that C strings or UTF-8 cannot carry; offsets stay."""
    return "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)
