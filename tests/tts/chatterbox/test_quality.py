"""The gate: bad takes are caught, good ones let through."""

from functools import lru_cache

import numpy as np
import pytest

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.tts.chatterbox.quality import find_faults, token_limit

TEXT = "The lamp went out at ten, and nobody in the harbor saw it happen."


def voice(seed, seconds, *, start=0.0):
    """Something like speech: syllables of changing pitch, vowel and loudness, with pauses."""
    chance = np.random.default_rng(seed)
    sound = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
    at = start
    while at < seconds - 0.12:
        length = min(chance.uniform(0.08, 0.28), seconds - at)
        time = np.arange(int(length * SAMPLE_RATE)) / SAMPLE_RATE
        pitch = chance.uniform(90, 240) * (1 + 0.15 * chance.normal() * time / length)
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        formants = chance.uniform([250, 800, 2000], [800, 2200, 3200])
        syllable = sum(
            np.sin(k * phase) * sum(np.exp(-(((k * 150 - f) / 250) ** 2)) for f in formants)
            for k in range(1, 24)
        )
        syllable = syllable + chance.uniform(0, 0.3) * chance.standard_normal(len(time))
        loud = chance.uniform(0.05, 0.3) * np.sin(np.pi * time / length) ** 0.5
        first = int(at * SAMPLE_RATE)
        part = sound[first : first + len(time)]
        part += (loud * syllable / max(1e-3, np.abs(syllable).max()))[: len(part)]
        at += length + (chance.uniform(0.1, 0.5) if chance.random() < 0.15 else 0.01)
    return sound


@lru_cache(maxsize=20)
def good(seed):
    """A good take; most of the bad ones begin as one."""
    chars_per_s = np.random.default_rng(10_000 + seed).uniform(9, 20)
    sound = voice(seed, len(TEXT) / chars_per_s)
    sound.flags.writeable = False
    return sound


def silence(seconds):
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def babbling(seed):
    return voice(seed, len(TEXT) * 0.16 + 3)


def cut_short(seed):
    return good(seed)[: int(SAMPLE_RATE * 0.02 * len(TEXT))]


def mute(_seed):
    return silence(4)


def late(seed):
    return np.concatenate([silence(1.2), good(seed)])


def trailing(seed):
    return np.concatenate([good(seed), silence(1.5)])


def holed(seed):
    sound = good(seed)
    return np.concatenate([sound[: len(sound) // 2], silence(2.5), sound[len(sound) // 2 :]])


def clipped(seed):
    return np.clip(good(seed) * 20, -1, 1)


def looping(seed):
    chance = np.random.default_rng(seed)
    start = voice(seed, 2.0)
    loop = voice(seed + 5000, chance.uniform(0.3, 0.9))
    return np.concatenate([start, *[loop] * 8])[: int(8.5 * SAMPLE_RATE)]


def humming(seed):
    time = np.arange(int(3.5 * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = np.random.default_rng(seed).uniform(90, 240)
    hum = sum(np.sin(2 * np.pi * k * pitch * time) / k for k in range(1, 12))
    return np.concatenate([voice(seed, 2.0), (0.1 * hum).astype(np.float32)])


BAD = {
    "long": babbling,
    "short": cut_short,
    "silent": mute,
    "leading": late,
    "trailing": trailing,
    "pause": holed,
    "clipped": clipped,
    "repeated": looping,
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_take_is_caught_and_named(kind):
    caught = [kind in {fault.kind for fault in find_faults(BAD[kind](s), TEXT)} for s in range(20)]
    assert np.mean(caught) >= 0.95


def test_a_hum_that_goes_on_is_a_loop_too():
    caught = ["repeated" in {f.kind for f in find_faults(humming(s), TEXT)} for s in range(20)]
    assert np.mean(caught) >= 0.95


def test_good_takes_pass():
    alarms = [find_faults(good(seed), TEXT) for seed in range(100)]
    assert np.mean([bool(faults) for faults in alarms]) < 0.02, [a for a in alarms if a]


def test_a_short_line_may_take_its_time():
    assert find_faults(voice(1, 0.9), "Hi!") == []
    assert {fault.kind for fault in find_faults(voice(1, 4.0), "Hi!")} == {"long"}


def test_a_take_that_ran_into_its_limit_is_too_long():
    tokens = token_limit(TEXT)
    assert "long" in {f.kind for f in find_faults(voice(1, tokens / 25), TEXT)}


def test_the_limit_grows_with_the_text_up_to_that_of_upstream():
    assert token_limit("Hi!") < 60
    assert token_limit(TEXT) == pytest.approx(25 * (1.2 + 0.16 * len(TEXT)), abs=1)
    assert token_limit("x" * 280) == 1000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("昨天晚上十点，港口的灯突然熄灭了，可是没有人看见。", 6.5),
        ("昨夜十時に港の灯が突然消えたが、誰もそれを見ていなかった。", 7.0),
        ("어젯밤 열 시에 항구의 불이 갑자기 꺼졌지만 아무도 보지 못했다.", 7.0),
        ("Das war 1987654.", 5.0),
    ],
)
def test_a_slow_reader_of_any_script_comes_to_the_end(text, seconds):
    assert token_limit(text) >= 25 * seconds
    kinds = [fault.kind for fault in find_faults(voice(1, seconds), text)]
    assert "long" not in kinds
    assert "short" not in kinds
