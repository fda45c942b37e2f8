"""ChatterboxEngine: speaks with Chatterbox, many sentences at once."""

import hashlib
import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rhapsode.audio.chunk import SAMPLE_RATE, AudioChunk
from rhapsode.errors import InvalidInputError, SynthesisError
from rhapsode.tts.chatterbox.conditionals import Speakers
from rhapsode.tts.chatterbox.job import Sentence
from rhapsode.tts.chatterbox.load import ChatterboxModel
from rhapsode.tts.chatterbox.offers import DEFAULT_VOICE, Offer, built_in_voices
from rhapsode.tts.chatterbox.pieces import cut, letters
from rhapsode.tts.chatterbox.policy import MAX_WAITING
from rhapsode.tts.chatterbox.quality import Fault, badness, find_faults, token_limit
from rhapsode.tts.chatterbox.sampling import MULTILINGUAL_SAMPLING, TURBO_SAMPLING, Sampling
from rhapsode.tts.chatterbox.scheduler import Scheduler
from rhapsode.tts.chatterbox.shelf import read_record
from rhapsode.tts.chatterbox.speakers import Speaker
from rhapsode.tts.chatterbox.ticket import Sound
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.watermark import MarkedStream, Perth
from rhapsode.tts.engine import Demand, SpeechOptions, Voice

_log = logging.getLogger(__name__)

_BASE = {
    Variant.ENGLISH: Sampling(),
    Variant.MULTILINGUAL: MULTILINGUAL_SAMPLING,
    Variant.TURBO: TURBO_SAMPLING,
}

SECOND_TAKE_SLACK_S = 2.0
"""A listener with less than this to hear gets every sound at once, good or bad."""

FIRST_WORDS = "Good evening, and welcome back."
"""Long enough for chunks of every size."""

_LETTERS_PER_S = 15.0


@dataclass(frozen=True, slots=True)
class _Take:
    """One attempt at a piece of text."""

    text: str
    speaker: Speaker
    language: str
    options: SpeechOptions
    seed: int


class ChatterboxEngine:
    """A `TTSEngine` over one model."""

    sample_rate = SAMPLE_RATE
    max_concurrency = MAX_WAITING
    """Sentences that may be open at once: those that do not have a slot yet wait for one here,
    where listeners go first and sessions take turns."""

    def __init__(
        self,
        offer: Offer,
        model: ChatterboxModel,
        scheduler: Scheduler,
        speakers: Speakers,
        voices_dir: Path,
        perth: Perth | None,
    ) -> None:
        """Take the parts.

        Args:
            offer: What this engine says about itself.
            model: The model, for its tokenizer.
            scheduler: Runs the model.
            speakers: Knows the voices.
            voices_dir: The voice library's folder.
            perth: Marks the sound; None leaves it unmarked.
        """
        self.name = offer.info.name
        self.info = offer.info
        self._offer = offer
        self._model = model
        self._scheduler = scheduler
        self._speakers = speakers
        self._voices_dir = voices_dir
        self._perth = perth

    def voices(self) -> list[Voice]:
        """Return the voice that comes with the model; those of users belong to the users."""
        return built_in_voices(self._offer)

    def synthesize(self, text: str, voice: str, options: SpeechOptions) -> Iterator[AudioChunk]:
        """Speak one sentence of any length; see `TTSEngine.synthesize`."""
        speaker = self._speakers.find(voice)
        return self._spoken(text, speaker, self._language(voice), options)

    def warm_up(self) -> None:
        """Say a few words to nobody, so that no listener pays for what happens once."""
        options = SpeechOptions(demand=Demand(live=False))
        for _ in self.synthesize(FIRST_WORDS, DEFAULT_VOICE, options):
            pass

    def close(self) -> None:
        """Stop the engine's thread."""
        self._scheduler.close()

    def _language(self, voice: str) -> str:
        name, _, language = voice.partition("-")
        if name == DEFAULT_VOICE:
            return language or "en"
        record = read_record(self._voices_dir, voice)
        return self._offer.language_for(record.language if record else "en")

    def _spoken(
        self, text: str, speaker: Speaker, language: str, options: SpeechOptions
    ) -> Iterator[AudioChunk]:
        for piece in cut(text):
            take = _Take(piece, speaker, language, options, _seed(piece, options))
            patient = self._has_time(take, takes=2)
            sounds = self._gated(take) if patient else self._streamed(take)
            for sound in sounds:
                yield AudioChunk(sound, SAMPLE_RATE)
        _log.debug("%s", self._scheduler.figures())

    def _has_time(self, take: _Take, *, takes: int, spent_s: float = 0.0) -> bool:
        """Tell whether so many takes can be made before the listener runs dry."""
        demand = take.options.demand
        if not demand.live:
            return True
        takes_s = takes * self._scheduler.figures().rtf * letters(take.text) / _LETTERS_PER_S
        return demand.slack_s - spent_s >= max(SECOND_TAKE_SLACK_S, 1.5 * takes_s)

    def _gated(self, take: _Take) -> Iterator[Sound]:
        """Yield a take that is good; of two bad ones, the better."""
        began_at_s = time.monotonic()
        first = yield from self._collected(take)
        faults = find_faults(first, take.text)
        if faults and self._has_time(take, takes=1, spent_s=time.monotonic() - began_at_s):
            second = yield from self._collected(replace(take, seed=take.seed ^ 1))
            first, faults = _better((first, faults), (second, find_faults(second, take.text)))
        yield from self._marked(iter([first]))

    def _collected(self, take: _Take) -> Generator[Sound, None, Sound]:
        """Yield signs of life only; return the whole sound."""
        sounds: list[Sound] = []
        for sound in self._raw(take):
            sounds.append(sound)
            # A sign of life, and the moment at which a caller who wants no more can leave.
            yield sound[:0]
        return np.concatenate(sounds) if sounds else np.zeros(0, np.float32)

    def _streamed(self, take: _Take) -> Iterator[Sound]:
        """Yield a take while it is being made; what is wrong with it can only be told."""
        sounds: list[Sound] = []
        yield from self._marked(_noted(self._raw(take), sounds))
        whole = np.concatenate(sounds) if sounds else np.zeros(0, np.float32)
        if faults := find_faults(whole, take.text):
            _log.warning("a sentence was heard as it was made, and is not good: %s", faults)

    def _raw(self, take: _Take) -> Iterator[Sound]:
        ticket = self._scheduler.speak(self._sentence(take))
        try:
            yield from ticket
        finally:
            ticket.cancel()

    def _marked(self, sounds: Iterator[Sound]) -> Iterator[Sound]:
        if self._perth is None:
            yield from sounds
            return
        stream = MarkedStream(self._perth)
        for sound in sounds:
            yield stream.push(sound) if len(sound) else sound
        yield stream.flush()

    def _sentence(self, take: _Take) -> Sentence:
        options = take.options
        guided = "cfg_weight" in self.info.parameters
        base = _BASE[self._model.variant]
        try:
            sampling = replace(
                base,
                temperature=options.temperature,
                cfg_weight=options.cfg_weight if guided else base.cfg_weight,
                seed=take.seed,
            )
        except InvalidInputError as error:
            raise SynthesisError(error.message) from error
        return Sentence(
            self._model.tokenizer.encode(take.text, take.language),
            take.speaker,
            sampling,
            options.exaggeration,
            token_limit(take.text),
            options.demand,
        )


def _noted(sounds: Iterator[Sound], notes: list[Sound]) -> Iterator[Sound]:
    for sound in sounds:
        notes.append(sound)
        yield sound


def _seed(text: str, options: SpeechOptions) -> int:
    """Return the seed of a text: who hears it again, hears the same."""
    settings = (text, options.exaggeration, options.cfg_weight, options.temperature)
    return int.from_bytes(hashlib.blake2b(repr(settings).encode(), digest_size=7).digest())


def _better(
    one: tuple[Sound, list[Fault]], other: tuple[Sound, list[Fault]]
) -> tuple[Sound, list[Fault]]:
    found, again = ([fault.kind for fault in faults] for _, faults in (one, other))
    _log.info("a second take was made: %s, then %s", found, again)
    return min(one, other, key=lambda take: badness(take[1]))
