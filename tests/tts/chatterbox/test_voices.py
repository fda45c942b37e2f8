"""Reference clips become voices, once; a clip that was replaced is noticed."""

import os
import threading
import wave
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from rhapsode.audio.pcm import to_s16
from rhapsode.errors import SynthesisError, UnknownVoiceError
from rhapsode.tts.chatterbox import conditionals
from rhapsode.tts.chatterbox.conditionals import CLIP_RATE, Speakers, read_clip, version_of
from rhapsode.tts.chatterbox.load import load
from rhapsode.tts.chatterbox.offers import LANGUAGES, OFFERS
from rhapsode.tts.chatterbox.shelf import clip_path
from rhapsode.tts.chatterbox.t3 import T3Decoder
from rhapsode.tts.chatterbox.texts import SUPPORTED_LANGUAGES
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.weights import WEIGHTS
from tests.tts.chatterbox import tiny

MARA = "voice-" + "a" * 32
VOSS = "voice-" + "b" * 32


def put_clip(folder, voice, samples, rate=CLIP_RATE):
    path = clip_path(folder, voice)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(rate)
        clip.writeframes(to_s16(samples).tobytes())
    return path


@pytest.fixture
def counted(monkeypatch):
    """Counts how often a voice is computed from a clip."""
    clips, embed = [], conditionals.embed_clip

    def count(model, samples):
        clips.append(len(samples))
        return embed(model, samples)

    monkeypatch.setattr(conditionals, "embed_clip", count)
    return clips


@pytest.fixture(scope="module")
def decoder(tiny_model):
    return T3Decoder(tiny_model.t3, 1, 256)


@pytest.fixture
def speakers(tiny_model, decoder, tmp_path):
    def make(version="v1"):
        return Speakers(tiny_model, tmp_path, decoder.voice_prefix, version)

    return make


def test_a_clip_becomes_a_voice_with_a_prompt_of_four_seconds_at_most(speakers, tmp_path):
    put_clip(tmp_path, MARA, tiny.spoken(7.0))
    speaker = speakers().find(MARA)
    assert speaker.flow.prompt_tokens.shape == (100,)
    assert speaker.flow.prompt_mel.shape == (80, 200)
    assert speaker.prefix.positions == 33
    assert torch.isfinite(speaker.prefix.keys).all()


def test_a_clip_of_one_second_is_enough(speakers, tmp_path):
    put_clip(tmp_path, MARA, tiny.spoken(1.0))
    assert len(speakers().find(MARA).flow.prompt_tokens) == 25


def test_two_clips_are_two_voices(speakers, tmp_path):
    put_clip(tmp_path, MARA, tiny.spoken(2.0))
    put_clip(tmp_path, VOSS, np.roll(tiny.spoken(2.0)[::-1], 999))
    made = speakers()
    mara, voss = made.find(MARA), made.find(VOSS)
    assert not torch.allclose(mara.prefix.keys, voss.prefix.keys)
    assert not torch.allclose(mara.flow.embedding, voss.flow.embedding)


def test_a_voice_is_computed_once(speakers, tmp_path, counted):
    """Proves 004-7: the same file is not computed again, here nor after a restart."""
    put_clip(tmp_path, MARA, tiny.spoken(2.0))
    made = speakers()
    first = made.find(MARA)
    assert made.find(MARA) is first
    again = speakers().find(MARA)
    assert torch.equal(again.flow.prompt_mel, first.flow.prompt_mel)
    assert len(counted) == 1


def test_a_clip_that_was_replaced_is_noticed(speakers, tmp_path, counted):
    """Proves 004-7: a touched file is looked at again."""
    path = put_clip(tmp_path, MARA, tiny.spoken(2.0))
    made = speakers()
    first = made.find(MARA)
    os.utime(path, ns=(1, 1))
    assert made.find(MARA) is first
    put_clip(tmp_path, MARA, tiny.spoken(3.0))
    second = made.find(MARA)
    assert len(second.flow.prompt_tokens) == 75
    assert counted == [2 * CLIP_RATE, 3 * CLIP_RATE]


def test_other_weights_make_the_voice_anew(speakers, tmp_path, counted):
    put_clip(tmp_path, MARA, tiny.spoken(2.0))
    speakers("v1").find(MARA)
    speakers("v2").find(MARA)
    assert len(counted) == 2


def test_the_version_tells_weights_from_others(tiny_model, weights, tmp_path):
    assert version_of(tiny_model, weights) == version_of(tiny_model, weights)
    (tmp_path / "t3_cfg.safetensors").write_bytes(b"others")
    assert version_of(tiny_model, tmp_path) != version_of(tiny_model, weights)


@pytest.mark.parametrize("voice", ["../../etc/passwd", "voice-x", ""])
def test_a_voice_that_is_not_there_is_unknown(speakers, voice):
    with pytest.raises(UnknownVoiceError, match="has no voice"):
        speakers().find(voice)


def test_a_voice_that_was_deleted_is_told_in_words_and_not_by_its_id(speakers, tmp_path):
    path = put_clip(tmp_path, MARA, tiny.spoken(2.0))
    made = speakers()
    made.find(MARA)
    path.unlink()
    with pytest.raises(UnknownVoiceError, match="has been deleted") as caught:
        made.find(MARA)
    assert MARA not in caught.value.message


def test_the_voice_that_comes_with_the_weights_is_the_default(speakers, tiny_model):
    speaker = speakers().find("default")
    assert torch.equal(speaker.flow.prompt_mel, tiny_model.built_in_voice.flow.prompt_mel)
    assert speakers().find("default-de").flow is not None


def test_a_file_that_the_library_did_not_write_is_refused_in_words(tmp_path):
    with pytest.raises(SynthesisError, match="24 kHz"):
        read_clip(put_clip(tmp_path, MARA, tiny.spoken(1.0), rate=16_000))
    path = clip_path(tmp_path, MARA)
    path.write_bytes(b"RIFF")
    with pytest.raises(SynthesisError, match="cannot be read"):
        read_clip(path)


def test_a_voice_on_disk_that_is_damaged_is_computed_anew(speakers, tmp_path, counted):
    clip = put_clip(tmp_path, MARA, tiny.spoken(2.0))
    first = speakers().find(MARA)
    [kept] = clip.parent.glob("*.pt")
    kept.write_bytes(kept.read_bytes()[:500])
    assert torch.equal(speakers().find(MARA).flow.prompt_mel, first.flow.prompt_mel)
    speakers().find(MARA)
    assert len(counted) == 2


def test_a_voice_that_cannot_be_kept_on_disk_can_speak(speakers, tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    clip = put_clip(tmp_path, MARA, tiny.spoken(2.0))
    monkeypatch.setattr(torch, "save", full)
    assert len(speakers().find(MARA).flow.prompt_tokens) == 50
    assert [path.name for path in clip.parent.iterdir()] == ["clip.wav"]


def test_who_is_known_does_not_wait_for_a_voice_that_is_being_computed(
    speakers, tmp_path, monkeypatch
):
    put_clip(tmp_path, MARA, tiny.spoken(1.0))
    put_clip(tmp_path, VOSS, tiny.spoken(2.0))
    made = speakers()
    mara = made.find(MARA)
    begun, go, embed = threading.Event(), threading.Event(), conditionals.embed_clip

    def slowly(*asked):
        begun.set()
        go.wait(20)
        return embed(*asked)

    monkeypatch.setattr(conditionals, "embed_clip", slowly)
    with ThreadPoolExecutor(2) as threads:
        voss = threads.submit(made.find, VOSS)
        begun.wait(20)
        assert threads.submit(made.find, MARA).result(10) is mara
        go.set()
        assert len(voss.result().flow.prompt_tokens) == 50


@pytest.mark.parametrize("seconds", [4.996, 5.0])
def test_turbo_speaks_in_every_voice_that_it_offers(tmp_path, seconds):
    """The library rounds the length of a clip to hundredths of a second."""
    assert round(seconds, 2) >= OFFERS["chatterbox-turbo"].cloning.min_clip_s
    folder = tiny.write_weights(tmp_path / "turbo", Variant.TURBO)
    turbo = load(Variant.TURBO, folder=folder, device="cpu", architecture=tiny.TINY)
    assert conditionals.embed_clip(turbo, tiny.spoken(seconds))["gen"]


def test_turbo_needs_five_seconds_and_says_so(tmp_path):
    folder = tiny.write_weights(tmp_path / "turbo", Variant.TURBO)
    turbo = load(Variant.TURBO, folder=folder, device="cpu", architecture=tiny.TINY)
    with pytest.raises(SynthesisError, match="at least 5 s"):
        conditionals.embed_clip(turbo, tiny.spoken(4.0))
    raw = conditionals.embed_clip(turbo, tiny.spoken(6.0))
    assert raw["t3"]["cond_prompt_speech_tokens"].shape == (1, 150)


def test_what_is_offered_is_what_upstream_has():
    for offer in OFFERS.values():
        files = WEIGHTS[Variant(offer.variant)]
        assert set(offer.files) == set(files.required)
        assert offer.repository == files.repository
    assert dict(SUPPORTED_LANGUAGES) == LANGUAGES
