import io
import wave

import av
import numpy as np
import pytest

from rhapsode.audio.encode import encode_mp3, encode_wav, write_audio
from rhapsode.errors import InvalidInputError


def tone(samples: int) -> np.ndarray:
    return (8000 * np.sin(np.arange(samples) * 2 * np.pi * 440 / 24_000)).astype(np.int16)


def decode(clip: bytes) -> tuple[np.ndarray, int]:
    with av.open(io.BytesIO(clip)) as container:
        frames = list(container.decode(audio=0))
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
        return samples, frames[0].sample_rate


def test_wav_holds_exactly_the_samples():
    samples = tone(12_345)
    with wave.open(io.BytesIO(encode_wav(samples, 24_000))) as reader:
        assert (reader.getnchannels(), reader.getframerate()) == (1, 24_000)
        assert np.array_equal(np.frombuffer(reader.readframes(99_999), "<i2"), samples)


@pytest.mark.parametrize("length", [480, 24_000, 60_001])
def test_mp3_is_playable_and_as_long_as_its_samples(length):
    """Proves 003-G7 as far as the clip goes: one complete playable MP3."""
    samples, sample_rate = decode(encode_mp3(tone(length)))
    assert sample_rate == 24_000
    # A frame of MP3 is 576 samples at this rate; the encoder's own delay is cut by the header.
    assert abs(len(samples) - length) <= 576


def test_mp3_sounds_like_its_samples():
    source = tone(24_000).astype(np.float64) / 32768
    samples, _ = decode(encode_mp3(tone(24_000)))
    lag = np.argmax(np.correlate(samples[:4000], source[:2000], "valid"))
    error = samples[2000 + lag : 20_000] - source[2000 : 20_000 - lag]
    assert np.sqrt(np.mean(error**2)) < 0.02


def test_an_mp3_of_nothing_is_still_a_file():
    assert isinstance(encode_mp3(tone(0)), bytes)


def test_the_name_of_the_file_chooses_the_format(tmp_path):
    write_audio(tmp_path / "a.wav", tone(100))
    write_audio(tmp_path / "b.MP3", tone(100))
    assert (tmp_path / "a.wav").read_bytes() == encode_wav(tone(100), 24_000)
    assert (tmp_path / "b.MP3").read_bytes() == encode_mp3(tone(100))


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(InvalidInputError, match=r"\.wav or \.mp3") as caught:
        write_audio(tmp_path / "a.ogg", tone(100))
    assert caught.value.allowed == [".wav", ".mp3"]
    assert list(tmp_path.iterdir()) == []
