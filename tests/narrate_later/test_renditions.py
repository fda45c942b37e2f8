"""Whole narrations as files: made once, by one, and not for ever."""

import asyncio
import os
import time

import numpy as np

from rhapsode.audio.opus_clip import encode_clip
from rhapsode.narrate_later.renditions import Renditions

CLIP = encode_clip(np.zeros(4_800, np.int16))


class Shelf:
    def __init__(self):
        self.read = []

    def __call__(self, key):
        self.read.append(key)
        return CLIP


async def test_listeners_who_come_at_once_wait_for_one_file(tmp_path):
    shelf, renditions = Shelf(), Renditions(tmp_path)
    files = await asyncio.gather(*(renditions.file(["a", "b"], "wav", shelf) for _ in range(5)))
    assert len(set(files)) == 1
    assert shelf.read == ["a", "b"]
    assert files[0].stat().st_size == 44 + 2 * 2 * 4_800
    await renditions.file(["a", "b"], "wav", shelf)
    assert shelf.read == ["a", "b"]


async def test_other_sentences_or_another_format_are_another_file(tmp_path):
    renditions = Renditions(tmp_path)
    files = [
        await renditions.file(keys, format, Shelf())
        for keys, format in ((["a"], "wav"), (["a"], "opus"), (["b"], "wav"), (["a", "b"], "wav"))
    ]
    assert len(set(files)) == 4


async def test_old_files_make_room_and_those_in_use_stay(tmp_path):
    renditions = Renditions(tmp_path, max_bytes=25_000)
    old = await renditions.file(["a"], "wav", Shelf())
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    recent = [await renditions.file([key], "wav", Shelf()) for key in ("b", "c", "d")]
    assert not old.exists()
    assert all(path.exists() for path in recent)


async def test_a_file_that_cannot_be_made_leaves_nothing(tmp_path):
    def gone(key):
        raise KeyError(key)

    try:
        await Renditions(tmp_path).file(["a"], "mp3", gone)
    except KeyError:
        pass
    else:
        raise AssertionError("it was made of nothing")
    assert list(tmp_path.iterdir()) == []
