import threading
from collections.abc import Iterable
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from rhapsode.audio.chunk import AudioChunk
from rhapsode.errors import UnknownVoiceError
from rhapsode.tts.engine import Speech, SpeechOptions, WordTime
from rhapsode.tts.espeak.engine import EspeakEngine
from rhapsode.tts.espeak.narrators import ESPEAK, NARRATORS, language_tag

FOX = "The quick brown fox jumps over the lazy dog, and runs away from the old lighthouse."


def sound_of(speech: Iterable[Speech]) -> np.ndarray:
    chunks = [piece.samples for piece in speech if isinstance(piece, AudioChunk)]
    return np.concatenate([np.zeros(0, np.float32), *chunks])


def words_of(speech: Iterable[Speech]) -> list[WordTime]:
    return [piece for piece in speech if isinstance(piece, WordTime)]


def seconds_of_sound(espeak, voice: str, speed: float) -> float:
    sound = sound_of(espeak.synthesize(FOX, voice, SpeechOptions(speed)))
    return float(np.flatnonzero(sound)[-1]) / espeak.sample_rate


def test_the_first_chunk_leaves_while_the_rest_is_still_synthesized(espeak):
    speech = espeak.synthesize(FOX * 200, "arthur", SpeechOptions())
    first = next(piece for piece in speech if isinstance(piece, AudioChunk))
    still_speaking = [t for t in threading.enumerate() if t.name == "espeak"]
    assert len(first.samples) < espeak.sample_rate
    assert len(still_speaking) == 1
    speech.close()
    assert not still_speaking[0].is_alive()


def test_after_a_sentence_was_closed_the_next_one_is_whole(espeak):
    expected = len(sound_of(espeak.synthesize(FOX, "arthur", SpeechOptions())))
    interrupted = espeak.synthesize(FOX * 50, "edith", SpeechOptions())
    next(interrupted)
    interrupted.close()
    # The waver of the pitch goes on from sentence to sentence: two renderings differ a little.
    again = len(sound_of(espeak.synthesize(FOX, "arthur", SpeechOptions())))
    assert again == pytest.approx(expected, abs=500)


@pytest.mark.parametrize(
    "text",
    [
        FOX,
        "Café 𝒳 naïve, the 3.14 world; “Hello” she said — 1,234 don't e-mail, one of the best.",
        "Dr. W. Smith met Mr. O’Brien at 5 p.m. sharp!",
        "He paid $1,999.99 for it… twice (in 2024).",
    ],
)
def test_every_word_has_a_time_inside_the_sound_on_the_right_characters(espeak, text):
    speech = list(espeak.synthesize(text, "arthur", SpeechOptions()))
    words = words_of(speech)
    spoken = [text[word.char_start : word.char_end] for word in words]
    expected = [run.strip(" .,;:!?…—()“”") for run in text.replace("…", " ").split()]
    assert spoken == [word for word in expected if word]
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert all(word.start < word.end for word in words)
    assert words[-1].end <= len(sound_of(speech))


def test_characters_without_spaces_between_them_are_timed_one_by_one(espeak):
    text = "你好，世界。"
    words = words_of(espeak.synthesize(text, "mei", SpeechOptions()))
    assert [text[word.char_start : word.char_end] for word in words] == list("你好世界")


def test_word_times_are_where_the_words_sound(espeak):
    text = "Stop, stop."
    sound = sound_of(espeak.synthesize(text, "arthur", SpeechOptions(0.7)))
    first, second = words_of(espeak.synthesize(text, "arthur", SpeechOptions(0.7)))
    between = sound[first.end : second.start]
    assert len(between) > 0.05 * espeak.sample_rate
    assert np.max(np.abs(between)) < 0.01
    for word in (first, second):
        assert np.max(np.abs(sound[word.start : word.end])) > 0.1


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.25, 1.5, 2.0, 2.5, 2.7, 3.0, 4.0])
@pytest.mark.parametrize("voice", ["arthur", "ruth", "clara", "en-US"])
def test_speed_is_what_it_says_over_the_whole_range_offered(espeak, voice, speed):
    assert ESPEAK.min_speed <= speed <= ESPEAK.max_speed
    ratio = seconds_of_sound(espeak, voice, 1.0) / seconds_of_sound(espeak, voice, speed)
    assert ratio == pytest.approx(speed, rel=0.1)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0, 4.0])
def test_a_sentence_ends_with_a_natural_pause(espeak, speed):
    sound = sound_of(espeak.synthesize("He waited.", "arthur", SpeechOptions(speed)))
    pause_s = (len(sound) - np.flatnonzero(np.abs(sound) > 0.004)[-1]) / espeak.sample_rate
    assert 0.25 / max(1, speed) - 0.01 < pause_s < 0.36


def test_the_voice_falls_and_pauses_by_itself_at_the_end(espeak):
    """More silence than is put in place of a missing pause: it is the library's own."""
    sound = sound_of(espeak.synthesize("He waited.", "arthur", SpeechOptions()))
    assert not np.any(sound[-round(0.28 * espeak.sample_rate) :])


@pytest.mark.parametrize(
    "text",
    ["Hi\0there", "\ud800 hello", "\x1b[0m\x07", "…", " ", "", "😀 fine", "<b>&amp;</b> [[x]]"],
)
def test_odd_text_does_no_harm(espeak, text):
    list(espeak.synthesize(text, "arthur", SpeechOptions()))
    assert len(sound_of(espeak.synthesize("Still here.", "arthur", SpeechOptions()))) > 10_000


def test_a_nul_does_not_cut_the_sentence(espeak):
    words = words_of(espeak.synthesize("One\0two \ud800three", "arthur", SpeechOptions()))
    assert [(word.char_start, word.char_end) for word in words] == [(0, 3), (4, 7), (9, 14)]


def test_two_engines_in_one_process_share_the_library(espeak):
    """The library has one state and one callback: a second copy would silence the first."""
    second = EspeakEngine()
    for engine in (second, espeak):
        assert len(sound_of(engine.synthesize(FOX, "arthur", SpeechOptions()))) > 50_000


def test_an_unknown_voice_is_refused_with_those_that_exist(espeak):
    with pytest.raises(UnknownVoiceError) as caught:
        espeak.synthesize(FOX, "nobody", SpeechOptions())
    assert caught.value.param == "voice"
    assert "arthur" in (caught.value.allowed or [])


def test_featured_voices_come_first_and_all_of_the_library_follows(espeak):
    voices = espeak.voices()
    featured = [voice for voice in voices if voice.featured]
    assert voices[: len(featured)] == featured
    assert 8 <= len(featured) <= 12
    assert len(voices) - len(featured) > 130
    assert len({voice.id for voice in voices}) == len(voices)
    assert all(voice.description for voice in featured)
    assert voices[0].id == ESPEAK.default_voice


def test_every_narrator_has_a_voice_and_a_timbre_that_exist(espeak):
    data = Path(espeakng_loader.get_data_path())
    for narrator in NARRATORS:
        voice, _, variant = narrator.identifier.partition("+")
        assert (data / "lang" / voice).is_file(), narrator
        assert not variant or (data / "voices" / "!v" / variant).is_file(), narrator


def test_every_narrator_speaks_without_clipping(espeak):
    for narrator in NARRATORS:
        speech = espeak.synthesize(narrator.voice.description, narrator.voice.id, SpeechOptions())
        assert 0.1 < np.max(np.abs(sound_of(speech))) < 0.999, narrator


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        ("en-gb", "en-GB"),
        ("en-gb-scotland", "en-GB-scotland"),
        ("en-gb-x-rp", "en-GB-x-rp"),
        ("en-shaw", "en-Shaw"),
        ("en-029", "en-029"),
        ("es-419", "es-419"),
        ("cmn-latn-pinyin", "cmn-Latn-pinyin"),
        ("ca-ba", "ca-x-balearic"),
        ("de", "de"),
    ],
)
def test_languages_are_named_by_the_standard(language, tag):
    assert language_tag(language) == tag
