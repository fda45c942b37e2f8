"""Whole narrations as files: made once, by one, while they are heard, and not for ever."""

import asyncio
import io
import os
import threading
import time
from contextlib import aclosing

import av
import numpy as np
import pytest

from rhapsode.audio.opus_clip import decode_clip, encode_clip
from rhapsode.narrate_later.rendering import Contents, Rendering
from rhapsode.narrate_later.renditions import Renditions

SAMPLES = 24_000
CLIP = encode_clip(np.zeros(SAMPLES, np.int16))


class Shelf:
    """Clips; one of them can be held back."""

    def __init__(self, held_back=None):
        self.read = []
        self._held_back = held_back
        self.let = threading.Event()

    def __call__(self, key):
        if key == self._held_back:
            assert self.let.wait(10)
        self.read.append(key)
        return CLIP


def contents(keys, format, shelf):
    return Contents(list(keys), SAMPLES * len(keys), format, shelf)


async def content_of(rendition, start=0):
    return b"".join([piece async for piece in rendition.read(start, rendition.size)])


async def test_listeners_who_come_at_once_wait_for_one_file(tmp_path):
    shelf, renditions = Shelf(), Renditions(tmp_path)
    files = [renditions.open(contents("ab", "wav", shelf)) for _ in range(5)]
    heard = await asyncio.gather(*(content_of(file) for file in files))
    assert len(set(heard)) == 1
    assert shelf.read == ["a", "b"]
    assert len(heard[0]) == 44 + 2 * 2 * SAMPLES
    await content_of(renditions.open(contents("ab", "wav", shelf)))
    assert shelf.read == ["a", "b"]


@pytest.mark.parametrize("format", ["wav", "mp3", "opus"])
async def test_the_first_sentence_is_heard_before_the_last_one_is_read(tmp_path, format):
    shelf, renditions = Shelf(held_back="c"), Renditions(tmp_path)
    file = renditions.open(contents("abc", format, shelf))
    assert shelf.read == []
    async with aclosing(file.read(0, 1_000)) as pieces:
        early = b"".join([piece async for piece in pieces])
    assert len(early) == 1_000
    assert shelf.read == ["a", "b"][: len(shelf.read)]
    shelf.let.set()
    whole = await content_of(file)
    assert len(whole) == file.size
    assert whole[:1_000] == early
    assert await content_of(file, 5_000) == whole[5_000:]


async def test_the_far_end_is_waited_for(tmp_path):
    shelf, renditions = Shelf(held_back="c"), Renditions(tmp_path)
    file = renditions.open(contents("abc", "wav", shelf))
    ending = asyncio.create_task(content_of(file, file.size - 10))
    await content_of(renditions.open(contents("ab", "wav", shelf)))
    assert not ending.done()
    shelf.let.set()
    assert await ending == (await content_of(file))[-10:]


@pytest.mark.parametrize("format", ["wav", "mp3", "opus"])
async def test_what_is_read_while_it_is_written_is_what_is_kept(tmp_path, format):
    finished = threading.Event()
    rendering = Rendering(tmp_path / "file", contents("ab", format, Shelf()), finished.set)
    await rendering.reach(1)
    with rendering.open() as early:
        size = await rendering.task
        assert early.read() == (tmp_path / "file").read_bytes()
    assert finished.is_set()
    assert size == (tmp_path / "file").stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


async def test_other_sentences_or_another_format_are_another_file(tmp_path):
    renditions = Renditions(tmp_path)
    files = [
        renditions.open(contents(keys, format, Shelf()))
        for keys, format in (("a", "wav"), ("a", "opus"), ("b", "wav"), ("ab", "wav"))
    ]
    assert len({file.name for file in files}) == 4


async def test_old_files_make_room_and_those_in_use_stay(tmp_path):
    renditions = Renditions(tmp_path, max_bytes=25_000)
    old = renditions.open(contents("a", "opus", Shelf()))
    await content_of(old)
    an_hour_ago = time.time() - 3600
    os.utime(tmp_path / old.name, (an_hour_ago, an_hour_ago))
    assert old.size < 6_000
    (tmp_path / "large").write_bytes(bytes(25_000))
    recent = [renditions.open(contents(key, "opus", Shelf())) for key in "bcd"]
    for file in recent:
        await content_of(file)
    assert not (tmp_path / old.name).exists()
    assert all((tmp_path / file.name).exists() for file in recent)


@pytest.mark.parametrize("format", ["mp3", "opus"])
async def test_a_file_that_cannot_be_made_leaves_nothing(tmp_path, format):
    def gone(key):
        raise KeyError(key)

    with pytest.raises(KeyError):
        await content_of(Renditions(tmp_path).open(contents("a", format, gone)))
    assert list(tmp_path.iterdir()) == []


def tone(index: int) -> np.ndarray:
    """A second that breaks off into the shortest silence there is between two sentences."""
    at_s = np.arange(24_000) / 24_000
    samples = (9_000 * np.sin(2 * np.pi * (180 + 37 * index) * at_s)).astype(np.int16)
    samples[-160:] = 0
    return samples


async def test_an_opus_file_sounds_as_its_sentences_do_at_their_joints_too(tmp_path):
    clips = {str(index): encode_clip(tone(index)) for index in range(5)}
    file = Renditions(tmp_path).open(Contents(list(clips), 5 * 24_000, "opus", clips.__getitem__))
    with av.open(io.BytesIO(await content_of(file))) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    heard = np.concatenate(frames)[::2] * 32_768
    apart = np.concatenate([decode_clip(clip) for clip in clips.values()])
    assert len(heard) == len(apart)
    error = np.abs(heard - apart)
    joints = [error[end - 300 : end + 300] for end in range(24_000, 5 * 24_000, 24_000)]
    # A decoder with another sentence's state where one begins is wrong by 4,700 there.
    assert max(joint.max() for joint in joints) < 2_000
