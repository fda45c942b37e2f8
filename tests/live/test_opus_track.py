"""The Opus of a session is made once, in order, whoever asks for whichever part."""

import asyncio

import av
import numpy as np
import pytest

from rhapsode.audio.opus_clip import opus_head
from rhapsode.errors import JournalGapError
from rhapsode.live.journal import Journal, weight_bytes
from rhapsode.live.opus_track import OpusTrack
from rhapsode.narration.events import SentenceAudio, TextDelta

FRAME = 2_400


def tone(index: int) -> SentenceAudio:
    t = (np.arange(FRAME) + index * FRAME) / 24_000
    samples = (8_000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    return SentenceAudio(0, index * FRAME, samples, first=index == 0, last=False)


def spoken(max_bytes: int = 10_000_000, frames: int = 8) -> Journal:
    """Fill a journal in which sound has odd numbers and text has even ones."""
    journal = Journal(max_bytes)
    for index in range(frames):
        journal.append(tone(index))
        journal.append(TextDelta("word ", 5 * index))
    return journal


async def test_a_frame_has_one_packet_for_each_20_ms() -> None:
    track = OpusTrack(spoken())
    assert [len(await track.packets(seq)) for seq in (1, 3, 5)] == [5, 5, 5]


async def test_every_reader_gets_the_same_packets_in_whatever_order_they_ask() -> None:
    in_order = OpusTrack(spoken())
    expected = {seq: await in_order.packets(seq) for seq in range(1, 17, 2)}
    track = OpusTrack(spoken())
    seqs = [9, 1, 15, 3, 9, 5]
    answers = await asyncio.gather(*(track.packets(seq) for seq in seqs))
    assert [list(answer) for answer in answers] == [list(expected[seq]) for seq in seqs]


async def test_a_reader_that_leaves_does_not_disturb_the_stream() -> None:
    undisturbed = OpusTrack(spoken())
    expected = [await undisturbed.packets(seq) for seq in (13, 15)]
    track = OpusTrack(spoken())
    leaving = asyncio.create_task(track.packets(13))
    await asyncio.sleep(0)
    leaving.cancel()
    assert [await track.packets(13), await track.packets(15)] == expected


async def test_the_packets_decode_to_the_sound() -> None:
    journal = spoken()
    track = OpusTrack(journal)
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.extradata = opus_head()
    decoder.sample_rate = 48_000
    decoded = [
        frame.to_ndarray().ravel()
        for seq in range(1, 17, 2)
        for packet in await track.packets(seq)
        for frame in decoder.decode(av.Packet(packet))
    ]
    sound = np.concatenate(decoded).astype(np.float64)
    peak_hz = np.argmax(np.abs(np.fft.rfft(sound))) * 48_000 / len(sound)
    assert peak_hz == pytest.approx(440, abs=3)


async def test_dropped_sound_is_a_gap() -> None:
    journal = spoken(max_bytes=3 * weight_bytes(tone(0)))
    track = OpusTrack(journal)
    with pytest.raises(JournalGapError):
        await track.packets(1)
    assert len(await track.packets(15)) == 5
