"""Uploaded clips: what is refused, and whose a voice is."""

import io
import wave
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from rhapsode.audio.chunk import SAMPLE_RATE
from rhapsode.audio.encode import encode_wav
from rhapsode.audio.pcm import to_s16
from rhapsode.errors import ConflictError, InvalidInputError, NotFoundError
from rhapsode.tts.chatterbox import library as library_module
from rhapsode.tts.chatterbox.clips import decode_clip
from rhapsode.tts.chatterbox.library import VoiceLibrary
from rhapsode.tts.chatterbox.shelf import clip_path, read_record

ADA, BOB = 1, 2


def tone(seconds=2.0, level=0.3, rate=SAMPLE_RATE):
    time = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def encoded(form, codec, samples, rate=48_000, layout="stereo"):
    """Return a file of that kind."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        planes = np.stack([samples] * stream.codec_context.layout.nb_channels)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        fitting = av.AudioResampler(
            stream.codec_context.format, layout, rate, stream.codec_context.frame_size or None
        )
        for piece in [*fitting.resample(frame), *fitting.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()


WAV = encode_wav(to_s16(tone()), SAMPLE_RATE)
FILES = {
    "wav": ("wav", "pcm_s16le"),
    "mp3": ("mp3", "libmp3lame"),
    "flac": ("flac", "flac"),
    "m4a": ("ipod", "aac"),
    "ogg": ("ogg", "libopus"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_clip_of_every_kind_becomes_mono_sound_at_24_khz(kind):
    form, codec = FILES[kind]
    samples = decode_clip(encoded(form, codec, tone(rate=48_000)))
    assert samples.dtype == np.float32
    assert abs(len(samples) / SAMPLE_RATE - 2.0) < 0.1
    middle = samples[SAMPLE_RATE // 2 : SAMPLE_RATE]
    assert np.argmax(np.abs(np.fft.rfft(middle))) / 0.5 == pytest.approx(220, abs=4)


REFUSED = {
    "nothing": (b"", "no sound file"),
    "a web page": (b"<html>hello</html>", "no sound file"),
    "a playlist that names files": (b"#EXTM3U\n/etc/passwd\n", "no sound file"),
    "a list for concat": (b"ffconcat version 1.0\nfile /etc/passwd\n", "no sound file"),
    "half a header": (WAV[:20], "decoded"),
    "rubbish after the magic": (b"fLaC" + bytes(range(256)) * 40, "decoded"),
    "too much": (WAV[:44] + bytes(11 * 1024 * 1024), "10 MB"),
    "too short": (encode_wav(to_s16(tone(0.5)), SAMPLE_RATE), "0.5 s"),
    "too long": (encode_wav(to_s16(tone(64)), SAMPLE_RATE), "longer than 60 s"),
    "silence": (encode_wav(to_s16(tone(level=0.001)), SAMPLE_RATE), "hardly anything to hear"),
}


@pytest.mark.parametrize("what", list(REFUSED))
def test_what_is_no_clip_is_refused_in_words(what):
    content, words = REFUSED[what]
    with pytest.raises(InvalidInputError, match=words) as caught:
        decode_clip(content)
    assert caught.value.param == "file"


def test_a_clip_with_one_click_in_it_is_refused():
    samples = np.zeros(3 * SAMPLE_RATE, np.float32)
    samples[5000:5100] = 0.5
    with pytest.raises(InvalidInputError, match="hardly anything"):
        decode_clip(encode_wav(to_s16(samples), SAMPLE_RATE))


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_refused_or_decoded_and_never_breaks_anything(seed):
    chance = np.random.default_rng(seed)
    form, codec = list(FILES.values())[seed % len(FILES)]
    content = bytearray(encoded(form, codec, tone(rate=48_000)))
    for place in chance.integers(4, len(content), 50):
        content[place] = chance.integers(256)
    try:
        assert np.isfinite(decode_clip(bytes(content))).all()
    except InvalidInputError as error:
        assert error.message  # noqa: PT017 - either it decodes, or it says why not


@pytest.fixture
def library(tmp_path):
    return VoiceLibrary(tmp_path / "voices")


def test_a_voice_is_kept_with_its_name_and_clean_sound(library, tmp_path):
    voice = library.add(ADA, "  Mara  Voss ", WAV, "de-AT")
    assert (voice.name, voice.language, voice.duration_s) == ("Mara Voss", "de-AT", 2.0)
    with wave.open(str(clip_path(tmp_path / "voices", voice.id))) as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (24_000, 1, 2)
    assert library.list(ADA) == [voice]
    assert VoiceLibrary(tmp_path / "voices").list(ADA) == [voice]
    assert read_record(tmp_path / "voices", voice.id) == voice


def test_voices_are_listed_by_name(library):
    for name in ("zoe", "Ada", "mara"):
        library.add(ADA, name, WAV)
    assert [voice.name for voice in library.list(ADA)] == ["Ada", "mara", "zoe"]


def test_a_voice_is_its_owners_alone(library):
    voice = library.add(ADA, "Mara", WAV)
    assert library.list(BOB) == []
    for attempt in (library.get, library.delete):
        with pytest.raises(NotFoundError):
            attempt(BOB, voice.id)
    assert library.refuses(BOB, voice.id)
    assert not library.refuses(ADA, voice.id)
    assert library.get(ADA, voice.id) == voice
    assert library.add(BOB, "Mara", WAV).id != voice.id


def test_other_engines_voices_are_not_the_librarys_to_refuse(library):
    assert not library.refuses(ADA, "arthur")
    assert not library.refuses(ADA, "default-de")
    assert library.refuses(ADA, "voice-" + "0" * 32)


def test_a_deleted_voice_leaves_nothing(library, tmp_path):
    voice = library.add(ADA, "Mara", WAV)
    (tmp_path / "voices" / voice.id / "english-4-1.abc.pt").write_bytes(b"computed")
    library.delete(ADA, voice.id)
    assert list((tmp_path / "voices").iterdir()) == []
    with pytest.raises(NotFoundError):
        library.delete(ADA, voice.id)


@pytest.mark.parametrize("id", ["", "..", "../x", "voice-short", "voice-" + "0" * 31 + "/"])
def test_an_id_never_becomes_a_path(library, id):
    with pytest.raises(NotFoundError):
        library.delete(ADA, id)


def test_a_changed_voice_keeps_all_the_rest(library, tmp_path):
    voice = library.add(ADA, "Mara", WAV)
    folder = tmp_path / "voices" / voice.id
    (folder / "english-4-1.abc.pt").write_bytes(b"computed")
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"}
    changed = library.change(ADA, voice.id, name=" Mara  Voss", language="de-AT")
    assert changed == replace(voice, name="Mara Voss", language="de-AT")
    assert library.list(ADA) == [changed]
    assert {path: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"} == kept
    assert library.change(ADA, voice.id, name="mara voss").name == "mara voss"


def test_a_voice_is_changed_by_its_owner_alone(library):
    voice = library.add(ADA, "Mara", WAV)
    with pytest.raises(NotFoundError):
        library.change(BOB, voice.id, name="Bob")
    assert library.get(ADA, voice.id) == voice


def test_of_changes_at_the_same_time_none_is_lost(library):
    voice = library.add(ADA, "Mara", WAV)
    changes = [{"name": "Zoe"}, {"language": "de"}] * 20
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda change: library.change(ADA, voice.id, **change), changes))
    assert library.get(ADA, voice.id) == replace(voice, name="Zoe", language="de")


def test_of_voices_added_at_the_same_time_one_gets_the_name(library):
    def add(_):
        try:
            return library.add(ADA, "Mara", WAV)
        except ConflictError:
            return None

    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(add, range(8)))
    assert len([voice for voice in added if voice]) == len(library.list(ADA)) == 1


def test_a_name_is_taken_once_and_must_be_one(library):
    library.add(ADA, "Mara", WAV)
    with pytest.raises(ConflictError, match="already"):
        library.add(ADA, "mara", WAV)
    for name in ("", "   ", "x" * 81, "a\x00b"):
        with pytest.raises(InvalidInputError) as caught:
            library.add(ADA, name, WAV)
        assert caught.value.param == "name"


def test_a_language_that_nobody_reads_is_refused_with_those_that_are(library):
    with pytest.raises(InvalidInputError) as caught:
        library.add(ADA, "Mara", WAV, "tlh")
    assert (caught.value.param, "de" in caught.value.allowed) == ("language", True)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"id": 1}'])
def test_a_damaged_record_costs_one_voice_and_no_list(library, tmp_path, damage):
    lost, kept = (library.add(ADA, name, WAV) for name in ("Lost", "Kept"))
    clip_path(tmp_path / "voices", lost.id).with_name("voice.json").write_text(damage)
    assert library.list(ADA) == [kept]
    assert library.refuses(ADA, lost.id)


def test_a_voice_that_the_disk_has_no_room_for_leaves_nothing(library, tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(library_module, "write_record", full)
    with pytest.raises(OSError, match="No space"):
        library.add(ADA, "Mara", WAV)
    assert list((tmp_path / "voices").iterdir()) == []


def test_there_is_a_limit_of_voices(library, monkeypatch):
    monkeypatch.setattr(library_module, "MAX_VOICES", 1)
    library.add(ADA, "Mara", WAV)
    with pytest.raises(ConflictError, match="delete one"):
        library.add(ADA, "Zoe", WAV)
    library.add(BOB, "Zoe", WAV)


def test_a_clip_that_is_refused_leaves_nothing(library, tmp_path):
    with pytest.raises(InvalidInputError):
        library.add(ADA, "Mara", b"no sound")
    assert not (tmp_path / "voices").exists()
