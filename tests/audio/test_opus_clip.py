import io

import av
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rhapsode.audio.ogg import OggOpusWriter
from rhapsode.audio.opus_clip import decode_clip, encode_clip, opus_head, packets_of


def sentence(seed: int, packets: int = 50) -> np.ndarray:
    """A tone that swells three times a second and ends in silence, as sentences do."""
    at_s = np.arange(480 * packets) / 24_000
    swell = np.abs(np.sin(3 * np.pi * at_s))
    samples = (9_000 * np.sin(2 * np.pi * (180 + 37 * seed) * at_s) * swell).astype(np.int16)
    samples[-160:] = 0
    return samples


def lag_between(sound: np.ndarray, reference: np.ndarray) -> int:
    spectrum = np.fft.rfft(sound, 2 * len(sound)) * np.conj(np.fft.rfft(reference, 2 * len(sound)))
    lag = int(np.argmax(np.fft.irfft(spectrum)))
    return lag if lag < len(sound) else lag - 2 * len(sound)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30))
def test_a_clip_decodes_to_as_many_samples_as_went_in(packets):
    assert len(decode_clip(encode_clip(sentence(1, packets)))) == 480 * packets


def test_every_sample_is_in_its_place():
    # Noise, because it has one place only where it fits.
    noise = np.random.default_rng(0).normal(0, 3_000, 24_000).astype(np.int16)
    assert lag_between(decode_clip(encode_clip(noise)), noise) == 0


def test_the_same_sound_is_the_same_bytes():
    assert encode_clip(sentence(2)) == encode_clip(sentence(2))


def test_a_clip_without_sound_is_empty():
    assert encode_clip(np.zeros(0, np.int16)) == b""
    assert len(decode_clip(b"")) == 0


def test_a_clip_is_small():
    assert len(encode_clip(sentence(1, 500))) < 60_000


def test_a_file_of_many_pages_is_read_to_its_end():
    packets = list(packets_of(encode_clip(sentence(1, 700))))
    file = io.BytesIO()
    writer = OggOpusWriter(file, opus_head())
    writer.write(packets)
    writer.close()
    assert file.getvalue().count(b"OggS") == 2 + -(-700 // 42)
    file.seek(0)
    with av.open(file) as container:
        assert [bytes(p) for p in container.demux(audio=0) if p.size] == packets
