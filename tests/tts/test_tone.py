import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhapsode.audio.chunk import AudioChunk
from rhapsode.errors import SynthesisError, UnknownVoiceError
from rhapsode.tts.engine import Speech, SpeechOptions, WordTime
from rhapsode.tts.tone import ToneEngine


def speak(engine: ToneEngine, text: str, voice: str = "tone", speed: float = 1.0) -> list[Speech]:
    return list(engine.synthesize(text, voice, SpeechOptions(speed)))


def test_the_same_text_gives_the_same_samples():
    first, second = (speak(ToneEngine(), "one two") for _ in range(2))
    assert [p.samples.tolist() for p in first if isinstance(p, AudioChunk)] == [
        p.samples.tolist() for p in second if isinstance(p, AudioChunk)
    ]


def test_different_words_sound_different():
    (_, one), (_, two) = speak(ToneEngine(), "one"), speak(ToneEngine(), "two")
    assert isinstance(one, AudioChunk)
    assert isinstance(two, AudioChunk)
    assert not np.array_equal(one.samples, two.samples)


@given(text=st.text(max_size=40))
def test_each_word_has_its_time_and_its_sound(text):
    speech = speak(ToneEngine(seconds_per_word=0.01), text)
    times = [piece for piece in speech if isinstance(piece, WordTime)]
    assert [text[t.char_start : t.char_end] for t in times] == text.split()
    assert [(t.start, t.end) for t in times] == [
        (n * 240, n * 240 + 240) for n in range(len(times))
    ]
    assert all(len(p.samples) == 240 for p in speech if isinstance(p, AudioChunk))


def test_twice_the_speed_is_half_the_length():
    (_, chunk) = speak(ToneEngine(seconds_per_word=0.1), "word", speed=2.0)
    assert isinstance(chunk, AudioChunk)
    assert chunk.duration_s == pytest.approx(0.05)


def test_it_fails_where_it_is_told_to():
    engine = ToneEngine(fails_on="fail")
    with pytest.raises(SynthesisError):
        speak(engine, "please fail here")
    assert speak(engine, "not here")


def test_an_unknown_voice_is_refused_before_the_first_sound():
    with pytest.raises(UnknownVoiceError) as caught:
        ToneEngine().synthesize("word", "nobody", SpeechOptions())
    assert caught.value.allowed == ["tone", "high"]
