import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhapsode.audio.opus import OpusPackets


def chirp(samples: int) -> np.ndarray:
    at_s = np.arange(samples) / 24_000
    return (9000 * np.sin(2 * np.pi * (200 * at_s + 150 * at_s**2))).astype(np.int16)


def decode(packets: list[bytes]) -> np.ndarray:
    """Decode at 48 kHz, keeping the pre-skip."""
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.sample_rate = 48_000
    decoder.layout = "mono"
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.float64)


def lag_between(sound: np.ndarray, reference: np.ndarray) -> int:
    size = 2 * max(len(sound), len(reference))
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(reference, size))
    lag = int(np.argmax(np.fft.irfft(spectrum)))
    return lag if lag < size // 2 else lag - size


@settings(max_examples=20, deadline=None)
@given(counts=st.lists(st.integers(0, 7), max_size=12))
def test_every_480_samples_give_one_packet_at_once(counts):
    encoder = OpusPackets()
    for count in counts:
        assert len(encoder.push(chirp(480 * count))) == count


@pytest.mark.parametrize(("application", "packet_bytes"), [("voip", None), ("audio", 100)])
def test_after_the_pre_skip_every_sample_is_in_its_place(application, packet_bytes):
    encoder = OpusPackets(application, packet_bytes)
    source = chirp(48_000)
    packets = [packet for part in np.split(source, 20) for packet in encoder.push(part)]
    packets += encoder.flush()
    sound = decode(packets)[encoder.pre_skip :]
    expected = np.interp(np.arange(96_000) / 2, np.arange(48_000), source)
    # 4 samples at 48 kHz are 0.08 ms.
    assert abs(lag_between(sound, expected)) <= 4


def test_silence_of_160_samples_keeps_a_whole_sentence_inside_its_own_packets():
    encoder = OpusPackets()
    first = np.concatenate([chirp(4640), np.zeros(160, np.int16)])
    packets = encoder.push(first)
    assert len(packets) == 10
    heard_samples = (960 * len(packets) - encoder.pre_skip) / 2
    assert heard_samples >= 4640


def test_the_head_describes_the_stream():
    encoder = OpusPackets()
    assert encoder.head[:10] == b"OpusHead\x01\x01"
    assert encoder.pre_skip == 312
    assert int.from_bytes(encoder.head[12:16], "little") == 24_000


def test_a_broken_packet_is_refused():
    with pytest.raises(ValueError, match="481"):
        OpusPackets().push(np.zeros(481, np.int16))


def test_one_second_of_speech_takes_at_most_5_kilobytes():
    packets = OpusPackets().push(chirp(24_000 * 4))
    assert sum(map(len, packets)) / 4 <= 5_000
