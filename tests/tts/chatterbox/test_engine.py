"""The engine as the product sees it: text in, sound out, whatever the text."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rhapsode.audio.encode import encode_wav
from rhapsode.audio.pcm import to_s16
from rhapsode.errors import SynthesisError, UnknownVoiceError
from rhapsode.tts.chatterbox.engine import ChatterboxEngine
from rhapsode.tts.chatterbox.offers import ChatterboxOptions
from rhapsode.tts.chatterbox.schedule import CHUNK_TOKENS
from rhapsode.tts.chatterbox.shelf import OwnVoice, clip_path, write_record
from rhapsode.tts.chatterbox.start import chunks_for, load_engine, slot_bytes, slots_for
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.watermark import Perth
from rhapsode.tts.engine import Demand, SpeechOptions
from tests.tts.chatterbox import tiny

TEXT = "A blue light burned all night."
PLAIN = SpeechOptions()
BACKGROUND = SpeechOptions(demand=Demand(live=False))


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Make an engine over a tiny model; each is closed in the end."""
    made, folders = [], {}

    def load(variant=Variant.ENGLISH, name="chatterbox", **changes) -> ChatterboxEngine:
        if variant not in folders:
            folders[variant] = tiny.write_weights(tmp_path_factory.mktemp("w") / variant, variant)
        options = ChatterboxOptions(
            voices_dir=tmp_path_factory.mktemp("voices"),
            weights_dir=folders[variant],
            device="cpu",
            precision="float32",
            slots=2,
            watermark=False,
        )
        engine = load_engine(name, replace(options, **changes), architecture=tiny.TINY)
        made.append(engine)
        return engine

    yield load
    for engine in made:
        engine.close()


@pytest.fixture(scope="module")
def engine(make):
    return make()


def spoken(engine, text=TEXT, options=PLAIN, voice="default"):
    chunks = [chunk.samples for chunk in engine.synthesize(text, voice, options)]
    return np.concatenate([np.zeros(0, np.float32), *chunks])


def test_a_sentence_becomes_sound_at_24_khz_piece_by_piece(engine):
    chunks = [chunk for chunk in engine.synthesize(TEXT, "default", PLAIN) if len(chunk.samples)]
    assert {chunk.sample_rate for chunk in chunks} == {24_000}
    assert len(chunks) > 1
    assert len(chunks[0].samples) == 6 * 480
    assert all(np.abs(chunk.samples).max() <= 1 for chunk in chunks)


def test_the_same_text_sounds_the_same_and_other_settings_otherwise(engine):
    first = spoken(engine)
    assert np.array_equal(first, spoken(engine))
    for changed in ({"exaggeration": 1.5}, {"cfg_weight": 0.0}, {"temperature": 2.0}):
        other = spoken(engine, options=replace(PLAIN, **changed))
        assert len(other) != len(first) or not np.allclose(other, first)


def test_frames_that_are_remembered_make_a_sentence_of_the_same_length(engine, make):
    """Another way to stream: not the same sound, but the same tokens and times."""
    remembered, computed = spoken(make(flow="cached")), spoken(engine)
    assert len(remembered) == len(computed)
    assert np.isfinite(remembered).all()
    assert np.abs(remembered).max() > 0.01
    assert np.array_equal(remembered, spoken(make(flow="cached")))


def test_a_sentence_can_be_spoken_in_bfloat16(make):
    rounded = spoken(make(precision="bfloat16"))
    assert np.isfinite(rounded).all()
    assert np.abs(rounded).max() > 0.01
    assert len(rounded) > 24_000


def test_warming_up_is_heard_by_nobody_and_changes_nothing(engine):
    before = spoken(engine)
    engine.warm_up()
    assert np.array_equal(before, spoken(engine))


def test_who_else_listens_changes_nothing(engine):
    in_session = replace(PLAIN, demand=Demand(session="someone", slack_s=0.5))
    assert np.array_equal(spoken(engine), spoken(engine, options=in_session))


def test_ten_thousand_characters_are_never_one_utterance(engine, monkeypatch):
    texts = []
    encode = engine._model.tokenizer.encode

    def note(text, language="en"):
        texts.append(text)
        return encode(text[:8], language)

    monkeypatch.setattr(engine._model.tokenizer, "encode", note)
    monkeypatch.setattr("rhapsode.tts.chatterbox.engine.token_limit", lambda _text: 4)
    spoken(engine, (TEXT + " ") * 323)
    assert all(len(text) <= 280 for text in texts)
    assert sum(map(len, texts)) > 9_900


def test_a_voice_that_does_not_exist_is_refused_before_anything_is_spoken(engine):
    with pytest.raises(UnknownVoiceError):
        engine.synthesize(TEXT, "voice-nobody", PLAIN)


def test_settings_out_of_range_cost_the_sentence_in_words(engine):
    with pytest.raises(SynthesisError, match="temperature"):
        spoken(engine, options=replace(PLAIN, temperature=99.0))


def test_leaving_early_frees_the_slots(engine):
    for _ in range(5):
        speech = engine.synthesize(TEXT * 8, "default", PLAIN)
        next(speech)
        speech.close()
    assert len(spoken(engine)) > 24_000
    figures = engine._scheduler.figures()
    assert (figures.running, figures.waiting) == (0, 0)


def test_a_take_that_is_judged_first_can_be_left_while_it_is_being_made(engine):
    speech = engine.synthesize(TEXT * 8, "default", BACKGROUND)
    assert len(next(speech).samples) == 0
    assert engine._scheduler.figures().running == 1
    speech.close()
    assert len(spoken(engine)) > 24_000
    figures = engine._scheduler.figures()
    assert (figures.running, figures.waiting) == (0, 0)


def test_numbers_that_are_none_lose_one_sentence_of_the_text_that_follows(engine, monkeypatch):
    reader = engine._scheduler.decoder._reader
    embed = reader.embed
    monkeypatch.setattr(reader, "embed", lambda *asked: embed(*asked) * float("nan"))
    with pytest.raises(SynthesisError):
        spoken(engine)
    monkeypatch.undo()
    assert np.isfinite(spoken(engine)).all()


def bad_once(engine, monkeypatch):
    """Let the first take of every text be silent; return the seeds that were asked for."""
    seeds, render = [], engine._scheduler._renderer.render

    def silence(due):
        sounds = render(due)
        first = seeds and seeds[0]
        return [
            sound * 0 if utterance._seed == first else sound
            for (utterance, _cut), sound in zip(due, sounds, strict=True)
        ]

    speak = engine._scheduler.speak

    def note(sentence):
        seeds.append(sentence.sampling.seed)
        return speak(sentence)

    monkeypatch.setattr(engine._scheduler._renderer, "render", silence)
    monkeypatch.setattr(engine._scheduler, "speak", note)
    return seeds


def test_a_bad_take_is_made_again_once_when_nobody_waits(engine, monkeypatch):
    seeds = bad_once(engine, monkeypatch)
    sound = spoken(engine, options=BACKGROUND)
    assert len(seeds) == 2
    assert seeds[0] != seeds[1]
    assert np.abs(sound).max() > 0.01


def test_a_bad_take_is_made_again_when_the_listener_has_enough_to_hear(engine, monkeypatch):
    seeds = bad_once(engine, monkeypatch)
    spoken(engine, options=replace(PLAIN, demand=Demand(slack_s=600.0)))
    assert len(seeds) == 2


def test_a_listener_who_has_used_up_the_slack_meanwhile_gets_the_first_take(engine, monkeypatch):
    """However quick the first take is, less than two seconds are left after it."""
    seeds = bad_once(engine, monkeypatch)
    monkeypatch.setattr(engine._scheduler._rtf, "value", 1e-6)
    spoken(engine, options=replace(PLAIN, demand=Demand(slack_s=2.0)))
    assert len(seeds) == 1


@pytest.mark.parametrize("slack_s", [0.0, 1.9])
def test_a_listener_who_would_wait_gets_every_sound_at_once(engine, monkeypatch, caplog, slack_s):
    seeds = bad_once(engine, monkeypatch)
    sound = spoken(engine, options=replace(PLAIN, demand=Demand(slack_s=slack_s)))
    assert len(seeds) == 1
    assert np.abs(sound).max() == 0
    assert "a sentence was heard as it was made, and is not good" in caplog.text
    assert "silent" in caplog.text


def test_a_processor_gets_fewer_chunks_than_a_graphics_card():
    def chunks(device, variant):
        return chunks_for(SimpleNamespace(device=torch.device(device), variant=variant))

    assert chunks("cuda", Variant.ENGLISH) == chunks("mps", Variant.TURBO) == CHUNK_TOKENS
    assert len(chunks("cpu", Variant.ENGLISH)) < len(chunks("cpu", Variant.TURBO))
    # Whoever listens hears the first sound as soon.
    assert {chunks("cpu", variant)[0] for variant in Variant} == {CHUNK_TOKENS[0]}


def test_the_sound_carries_the_watermark_unless_it_is_off(make, engine):
    """Proves 004-16: the watermark is on by default."""
    assert ChatterboxOptions(voices_dir="x").watermark
    perth, marked = Perth(), spoken(make(watermark=True))
    assert perth.confidence(marked) > 0.99
    assert perth.confidence(spoken(engine)) < 0.5


def test_turbo_takes_tags_and_has_no_feeling_to_set(make):
    turbo = make(Variant.TURBO, "chatterbox-turbo")
    assert turbo.info.parameters == ("temperature",)
    text = "Oh no. [laugh] That was not what I meant at all."
    seen = []
    encode = turbo._model.tokenizer.encode
    turbo._model.tokenizer.encode = lambda said, language: (
        seen.append(said),
        encode(said, language),
    )[1]
    first = spoken(turbo, text, replace(PLAIN, exaggeration=0.3))
    assert seen == [text]
    assert len(first) > 24_000
    assert all(0 <= id < 300 for id in encode(text, "en").tolist())


def test_the_multilingual_model_reads_what_the_voice_speaks(make):
    engine = make(Variant.MULTILINGUAL, "chatterbox-multilingual")
    voices = {voice.id: voice.language for voice in engine.voices()}
    assert voices["default-de"] == "de"
    assert len(voices) == 23
    seen = []
    encode = engine._model.tokenizer.encode
    engine._model.tokenizer.encode = lambda said, language: (
        seen.append(language),
        encode(said, language),
    )[1]
    assert len(spoken(engine, "Gute Nacht, ihr Lieben alle.", voice="default-de")) > 0
    spoken(engine, voice="default")
    assert seen == ["de", "en"]


def test_a_voice_that_is_given_another_language_reads_it_from_the_next_sentence_on(
    make, tmp_path, monkeypatch
):
    engine = make(Variant.MULTILINGUAL, "chatterbox-multilingual", voices_dir=tmp_path)
    voice = OwnVoice("voice-" + "a" * 32, 1, "Mara", "en", 2.0, "2026-01-01T00:00:00+00:00")
    clip = clip_path(tmp_path, voice.id)
    clip.parent.mkdir()
    clip.write_bytes(encode_wav(to_s16(tiny.spoken(2.0)), 24_000))
    seen, encode = [], engine._model.tokenizer.encode
    monkeypatch.setattr(
        engine._model.tokenizer,
        "encode",
        lambda said, language: (seen.append(language), encode(said, language))[1],
    )
    for language in ("en", "de"):
        write_record(clip.parent, replace(voice, language=language))
        assert len(spoken(engine, "Gute Nacht, ihr Lieben alle.", voice=voice.id)) > 0
    assert seen == ["en", "de"]


@pytest.mark.parametrize(("free_gib", "slots"), [(1.0, 1), (6.0, 7), (20.0, 34), (76.0, 64)])
def test_half_of_the_memory_that_is_free_is_left_to_others(free_gib, slots):
    """A language model, another of these models, the desktop: a card is seldom Chatterbox's alone.

    A slot of the English model takes 0.27 GiB, and computing 2 GiB.
    """
    assert slots_for(int(free_gib * 1024**3), 283_115_520) == slots


def test_without_a_graphics_card_two_sentences_are_written_at_once():
    assert slots_for(None, 283_115_520) == 2


def test_the_memory_of_a_slot_is_known(tiny_model):
    # Two layers, 64 channels, keys and values, with and without text, float32.
    assert slot_bytes(tiny_model) == 2 * 2 * 2 * 1152 * 64 * 4
    assert torch.float32 == tiny_model.t3.speech_head.weight.dtype
