import io

import av
import numpy as np
import pytest

from rhapsode.audio.opus_stream import PACKET_BYTES, OpusStream, opus_stream_size


def swell(samples: int) -> np.ndarray:
    at_s = np.arange(samples) / 24_000
    return (9_000 * np.sin(440 * np.pi * at_s) * np.sin(3 * np.pi * at_s)).astype(np.int16)


def written(samples: np.ndarray, cuts: tuple[int, ...] = ()) -> bytes:
    file = io.BytesIO()
    stream = OpusStream(file)
    for part in np.split(samples, cuts):
        stream.write(part)
    stream.close()
    return file.getvalue()


def heard(content: bytes) -> np.ndarray:
    with av.open(io.BytesIO(content)) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(frames)[::2] * 32_768


@pytest.mark.parametrize("packets", [0, 1, 41, 42, 43, 83, 84, 700])
def test_the_size_is_known_beforehand(packets):
    assert len(written(swell(480 * packets))) == opus_stream_size(480 * packets)


def test_an_hour_is_18_megabytes():
    assert opus_stream_size(3_600 * 24_000) == pytest.approx(18e6, rel=0.02)


@pytest.mark.parametrize("packets", [1, 2, 41, 42, 150])
def test_players_give_every_sample_in_its_place(packets):
    source = swell(480 * packets)
    sound = heard(written(source))
    assert len(sound) == len(source)
    assert np.sqrt(np.mean((sound - source) ** 2)) < 1_000


def test_a_player_knows_the_length_without_decoding():
    with av.open(io.BytesIO(written(swell(48_000)))) as container:
        stream = container.streams.audio[0]
        assert stream.duration * stream.time_base == pytest.approx(2, abs=0.007)


def test_the_same_sound_is_the_same_bytes_however_it_is_cut():
    source = swell(480 * 100)
    assert written(source) == written(source, cuts=(480, 480 * 37, 480 * 99))


def test_every_packet_has_one_size():
    with av.open(io.BytesIO(written(swell(480 * 60)))) as container:
        sizes = {packet.size for packet in container.demux(audio=0) if packet.size}
    assert sizes == {PACKET_BYTES}
