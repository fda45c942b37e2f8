import io

import av
import numpy as np
import pytest

from rhapsode.audio.mp3 import Mp3Stream, mp3_size


class OneWay(io.RawIOBase):
    """Somewhere that can only be written on, like a connection."""

    def __init__(self):
        self.written = b""

    def writable(self):
        return True

    def write(self, piece):
        self.written += bytes(piece)
        return len(piece)


def tone(samples):
    return (8000 * np.sin(np.arange(samples) * 2 * np.pi * 440 / 24_000)).astype(np.int16)


def stream(samples, piece):
    file = OneWay()
    writer = Mp3Stream(file, len(samples))
    for start in range(0, len(samples), piece):
        writer.write(samples[start : start + piece])
    writer.close()
    return file.written


@pytest.mark.parametrize("length", [0, 1, 480, 575, 576, 577, 1_152, 24_000, 60_001])
def test_the_size_is_known_before_anything_is_encoded(length):
    assert len(stream(tone(length), 4_800)) == mp3_size(length)


@pytest.mark.parametrize("length", [480, 24_000, 60_001])
def test_players_hear_exactly_the_samples_that_were_written(length):
    source = tone(length)
    with av.open(io.BytesIO(stream(source, 480))) as file:
        frames = list(file.decode(audio=0))
    heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    assert len(heard) == length
    error = heard[1_000:-1_000] - source[1_000:-1_000] / 32_768
    assert not len(error) or np.sqrt(np.mean(error**2)) < 0.02


def test_the_same_sound_gives_the_same_bytes():
    assert stream(tone(24_000), 480) == stream(tone(24_000), 480)
    assert stream(tone(24_000), 480) == stream(tone(24_000), 5_760)
