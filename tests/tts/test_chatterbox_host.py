"""What the app says about Chatterbox without loading it."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.chatterbox import host as host_module
from rhapsode.tts.chatterbox.host import ChatterboxHost
from rhapsode.tts.chatterbox.offers import OFFERS, ChatterboxOptions
from rhapsode.tts.chatterbox.shelf import OwnVoice, write_record
from rhapsode.tts.engine import SpeechOptions
from rhapsode.tts.process_host import ProcessHost, worker_command
from rhapsode.tts.tone import ToneEngine

HERE = Path(sys.executable)


def host(tmp_path, name="chatterbox", **changes):
    options = ChatterboxOptions(voices_dir=tmp_path / "voices", python=HERE)
    return ChatterboxHost(OFFERS[name], replace(options, **changes))


def reason(host):
    info = host.info()
    assert not info.available
    return info.unavailable_reason


def test_without_its_environment_it_says_how_to_get_it(tmp_path):
    missing = reason(host(tmp_path, python=tmp_path / "bin" / "python"))
    assert missing == "Chatterbox is not installed. Run `make chatterbox`."


@pytest.mark.parametrize("name", OFFERS)
def test_without_its_weights_it_says_how_to_get_them(tmp_path, monkeypatch, name):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    assert f"make chatterbox-weights MODEL={OFFERS[name].variant}" in reason(host(tmp_path, name))


@pytest.mark.parametrize("name", OFFERS)
def test_people_are_told_of_the_watermark_where_there_is_one(tmp_path, name):
    assert "watermark" in host(tmp_path, name).info().description
    assert "watermark" not in host(tmp_path, name, watermark=False).info().description


def test_a_folder_that_lacks_weights_is_named_with_them(tmp_path):
    missing = reason(host(tmp_path, weights_dir=tmp_path))
    assert str(tmp_path) in missing
    assert "RHAPSODE_CHATTERBOX_DIR" in missing
    assert "t3_cfg.safetensors" in missing


def test_with_all_its_weights_it_can_be_chosen(tmp_path):
    for name in OFFERS["chatterbox"].files:
        (tmp_path / name).touch()
    assert host(tmp_path, weights_dir=tmp_path).info().available


@pytest.mark.parametrize(
    ("variable", "value", "hub"),
    [
        ("HF_HUB_CACHE", "{home}", "."),
        ("HUGGINGFACE_HUB_CACHE", "{home}", "."),
        ("HF_HOME", "{home}", "hub"),
        ("HF_HOME", "~/models", "models/hub"),
        ("HF_HOME", "$HOME/models", "models/hub"),
        ("XDG_CACHE_HOME", "{home}", "huggingface/hub"),
        ("HOME", "{home}", ".cache/huggingface/hub"),
    ],
)
def test_weights_in_the_cache_of_hugging_face_are_found(
    tmp_path, monkeypatch, variable, value, hub
):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, value.format(home=tmp_path))
    place = tmp_path / hub / "models--ResembleAI--chatterbox"
    snapshot = place / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc\n")
    for name in OFFERS["chatterbox"].files:
        (snapshot / name).touch()
    assert host(tmp_path).info().available
    assert not host(tmp_path, "chatterbox-turbo").info().available


async def test_speaking_without_it_fails_with_the_same_words(tmp_path):
    absent = host(tmp_path, python=tmp_path / "python")
    with pytest.raises(EngineUnavailableError, match="make chatterbox"):
        await absent.speak("Hi.", "default", SpeechOptions(), lambda _piece: None)


async def test_an_environment_that_cannot_import_it_says_so_and_stays_unavailable(
    tmp_path, monkeypatch
):
    """The app's own interpreter has no torch."""
    monkeypatch.setattr(host_module, "START_S", 30.0)
    for name in OFFERS["chatterbox"].files:
        (tmp_path / name).touch()
    broken = host(tmp_path, weights_dir=tmp_path)
    with pytest.raises(EngineUnavailableError, match="not installed here"):
        await broken.speak("Hi.", "default", SpeechOptions(), lambda _piece: None)
    assert "not installed here" in reason(broken)
    await broken.close()


async def test_the_engine_leaves_a_core_to_others(tmp_path, monkeypatch):
    for name in OFFERS["chatterbox"].files:
        (tmp_path / name).touch()
    told = tmp_path / "told"
    worker = [sys.executable, "-c", f"import os; open({str(told)!r}, 'w').write(str(os.environ))"]
    options = ChatterboxOptions(voices_dir=tmp_path, weights_dir=tmp_path, python=HERE)

    async def environment():
        engine = ChatterboxHost(OFFERS["chatterbox"], options, worker)
        with pytest.raises(EngineUnavailableError):
            await engine.speak("Hi.", "default", SpeechOptions(), lambda _piece: None)
        await engine.close()
        return told.read_text()

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(host_module.os, "sched_getaffinity", lambda _pid: range(6), raising=False)
    assert "'OMP_NUM_THREADS': '5'" in await environment()
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert "'OMP_NUM_THREADS': '2'" in await environment()


async def test_its_voices_are_known_without_loading_it(tmp_path):
    many = host(tmp_path, "chatterbox-multilingual")
    voices = await many.voices()
    assert (voices[0].id, len(voices)) == (many.info().default_voice, 23)
    assert many.pids == []


async def test_a_voice_that_nobody_made_is_not_known(tmp_path):
    assert not await host(tmp_path).language_of("voice-" + "0" * 32)
    assert not await host(tmp_path).language_of("../secrets")


async def test_an_own_voice_reads_its_language_where_the_model_can(tmp_path):
    voice = "voice-" + "1" * 32
    folder = tmp_path / "voices" / voice
    folder.mkdir(parents=True)
    write_record(folder, OwnVoice(voice, 1, "Ann", "fr-CA", 5.0, "2026-01-01T00:00:00Z"))
    assert await host(tmp_path, "chatterbox-multilingual").language_of(voice) == "fr"
    assert await host(tmp_path).language_of(voice) == "en"


def test_options_reach_the_process_by_its_environment(tmp_path):
    options = ChatterboxOptions(
        voices_dir=tmp_path,
        weights_dir=tmp_path / "w",
        device="cpu",
        precision="bfloat16",
        slots=3,
        flow="cached",
        watermark=False,
    )
    assert ChatterboxOptions.from_environment(options.to_environment()) == options
    plain = ChatterboxOptions(voices_dir=tmp_path)
    assert ChatterboxOptions.from_environment(plain.to_environment()) == plain


async def said(host, text="Good evening."):
    heard = []
    await host.speak(text, ToneEngine().voices()[0].id, SpeechOptions(), heard.append)
    return heard


def tone_host(**changes):
    return ProcessHost(ToneEngine.info, worker_command("tone"), processes=1, **changes)


async def test_a_lazy_host_starts_its_process_with_the_first_sentence():
    host = tone_host(lazy=True)
    await host.start()
    assert host.pids == []
    assert await said(host)
    assert len(host.pids) == 1
    await host.close()


def failing(tmp_path, **changes):
    """A host whose process notes every start in a file, and fails; and that file."""
    starts = tmp_path / "starts"
    code = f"open({str(starts)!r}, 'a').write('.'); raise SystemExit('no memory')"
    command = [sys.executable, "-c", code]
    return ProcessHost(ToneEngine.info, command, processes=1, lazy=True, **changes), starts


async def test_an_engine_that_cannot_be_loaded_is_not_loaded_for_every_sentence(tmp_path):
    host, starts = failing(tmp_path, rest_s=3600.0)
    for _ in range(3):
        with pytest.raises(EngineUnavailableError, match="no memory"):
            await said(host)
    assert starts.read_text() == "."
    assert "no memory" in reason(host)
    await host.close()


async def test_an_engine_that_could_not_be_loaded_can_be_chosen_again_after_a_rest(tmp_path):
    host, starts = failing(tmp_path, rest_s=0.0)
    for _ in range(2):
        with pytest.raises(EngineUnavailableError, match="no memory"):
            await said(host)
        assert host.info().available
    assert starts.read_text() == ".."
    await host.close()


async def test_loading_goes_on_when_the_one_who_asked_leaves(tmp_path):
    starts, go = tmp_path / "starts", tmp_path / "go"
    code = f"""
import pathlib, runpy, sys, time
open({str(starts)!r}, "a").write(".")
while not pathlib.Path({str(go)!r}).exists():
    time.sleep(0.01)
sys.argv[1:] = ["tone"]
runpy.run_module("rhapsode.tts.worker", run_name="__main__")
"""
    host = ProcessHost(
        ToneEngine.info, [sys.executable, "-c", code], processes=1, lazy=True, idle_s=3600.0
    )
    leaving = asyncio.create_task(said(host))
    while not starts.exists():  # noqa: ASYNC110 - a process that has started has no event
        await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    go.touch()
    assert await said(host)
    assert starts.read_text() == "."
    await host.close()
    assert host.pids == []


async def test_an_engine_that_was_loaded_for_nobody_frees_its_memory(tmp_path):
    host = tone_host(lazy=True, idle_s=0.01)
    await host.voices()
    async with asyncio.timeout(10):
        while host.pids:  # noqa: ASYNC110 - an ended process has no event to wait for
            await asyncio.sleep(0.01)
    await host.close()


async def test_a_process_that_is_not_used_ends_and_comes_back():
    host = tone_host(lazy=True, idle_s=0.2)
    assert await said(host)
    async with asyncio.timeout(10):
        while host.pids:  # noqa: ASYNC110 - an ended process has no event to wait for
            await asyncio.sleep(0.02)
    assert host.info().available
    assert await said(host)
    await host.close()
    assert host.pids == []


async def test_a_process_in_use_does_not_end():
    host = tone_host(idle_s=0.05)
    await said(host)
    [pid] = host.pids
    await asyncio.gather(*(said(host, "la " * 400) for _ in range(3)))
    assert host.pids in ([pid], [])
    await host.close()
