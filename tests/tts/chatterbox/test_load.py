"""Weights that lie in a folder, come from Hugging Face, or do not come at all."""

import errno
import subprocess
import sys

import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError

from rhapsode.errors import EngineUnavailableError, InvalidInputError
from rhapsode.tts.chatterbox import devices
from rhapsode.tts.chatterbox.devices import (
    choose_device,
    choose_precision,
    is_built_for,
    require_memory,
)
from rhapsode.tts.chatterbox.load import load, weight_bytes
from rhapsode.tts.chatterbox.texts import read_tokenizer
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.weights import WEIGHTS, Download, download_failure, find_weights
from tests.tts.chatterbox import tiny
from tests.tts.chatterbox.hub import serving


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A folder of tiny weights for each variant, made when it is asked for."""
    root, made = tmp_path_factory.mktemp("weights"), {}

    def folder(variant):
        if variant not in made:
            made[variant] = tiny.write_weights(root / variant, variant)
        return made[variant]

    return folder


@pytest.mark.parametrize("variant", list(Variant))
def test_a_variant_is_loaded_from_files_with_the_names_of_upstream(folders, variant):
    model = load(variant, folder=folders(variant), device="cpu", architecture=tiny.TINY)
    assert model.solver_steps == (2 if variant is Variant.TURBO else 10)
    assert bool(model.aligned_heads) == (variant is Variant.MULTILINGUAL)
    assert not any(weight.requires_grad for weight in model.t3.parameters())
    assert not any(part.training for part in (model.t3, model.s3gen, model.voice_encoder))
    saved = tiny.build_t3(variant)
    assert torch.equal(model.t3.speech_head.weight, saved.speech_head.weight)
    assert model.built_in_voice.flow.prompt_tokens.dtype == torch.int64
    assert model.built_in_voice.t3.speaker.shape == (1, 256)
    tokens = model.tokenizer.encode("Hello there.", "en")
    assert tokens.dtype == torch.int64
    assert len(tokens) > 5


def test_only_the_largest_networks_may_be_rounded(folders):
    model = load(
        folder=folders(Variant.ENGLISH),
        device="cpu",
        precision="bfloat16",
        architecture=tiny.TINY,
    )
    estimator = model.s3gen.flow.decoder.estimator
    for network, dtype in (
        (model.t3, torch.bfloat16),
        (estimator, torch.bfloat16),
        (model.s3gen.flow.encoder, torch.float32),
        (model.s3gen.mel2wav, torch.float32),
        (model.voice_encoder, torch.float32),
    ):
        assert {weight.dtype for weight in network.parameters()} == {dtype}
    assert model.built_in_voice.flow.prompt_tokens.dtype == torch.int64


@pytest.mark.parametrize(
    ("abilities", "dtype"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx512_bf16": False, "avx512_f": True}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_a_processor_computes_in_bfloat16_where_it_is_built_for_it(monkeypatch, abilities, dtype):
    # The torch of a graphics card is older and has no such function.
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities, raising=False)
    cpu = torch.device("cpu")
    assert choose_precision("auto", cpu) == dtype
    assert choose_precision("float32", cpu) == torch.float32
    assert choose_precision("bfloat16", cpu) == torch.bfloat16


TORCH_26 = ["sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90"]
TORCH_213 = ["sm_75", "sm_80", "sm_86", "sm_90a", "sm_100", "sm_120"]


@pytest.mark.parametrize(
    ("capability", "architectures", "runs"),
    [
        ((6, 1), TORCH_26, True),
        ((8, 9), TORCH_26, True),
        ((9, 0), TORCH_26, True),
        ((12, 0), TORCH_26, False),
        ((12, 0), TORCH_213, True),
        ((12, 1), TORCH_213, True),
        ((6, 1), TORCH_213, False),
        ((12, 0), [*TORCH_26, "compute_90"], True),
        ((8, 6), ["compute_90"], False),
    ],
)
def test_a_card_is_too_new_or_too_old_for_a_build_of_torch(capability, architectures, runs):
    assert is_built_for(capability, architectures) is runs


def test_text_stands_between_its_marks_and_names_its_language(folders):
    english = load(folder=folders(Variant.ENGLISH), device="cpu", architecture=tiny.TINY)
    tokens = english.tokenizer.encode("hi").tolist()
    assert (tokens[0], tokens[-1]) == (255, 0)
    variant = Variant.MULTILINGUAL
    every = load(variant, folder=folders(variant), device="cpu", architecture=tiny.TINY).tokenizer
    assert every.encode("hi", "de").tolist()[:2] == [255, 201]
    with pytest.raises(InvalidInputError, match="cannot read 'xx'") as caught:
        every.encode("hi", "xx")
    assert "zh" in caught.value.allowed
    assert len(every.encode("日月", "zh")) > 2


def test_baking_the_weights_of_the_vocoder_changes_nothing(folders, s3gen):
    model = load(folder=folders(Variant.ENGLISH), device="cpu", architecture=tiny.TINY)
    mel, source = torch.randn(1, 80, 12), torch.randn(1, 1, 12 * 480)
    decoded = model.s3gen.mel2wav.decode(mel, source)
    assert torch.allclose(decoded, s3gen.mel2wav.decode(mel, source), atol=1e-5)


def test_a_folder_that_lacks_files_is_named_with_them(tmp_path):
    (tmp_path / "tokenizer.json").touch()
    with pytest.raises(EngineUnavailableError) as caught:
        find_weights(Variant.ENGLISH, tmp_path)
    message = caught.value.message
    assert str(tmp_path) in message
    assert "lacks t3_cfg.safetensors, s3gen.safetensors, ve.safetensors, conds.pt." in message


@pytest.mark.parametrize(
    ("variant", "file", "length"),
    [
        (Variant.ENGLISH, "s3gen.safetensors", 100),
        (Variant.ENGLISH, "tokenizer.json", 100),
        (Variant.ENGLISH, "conds.pt", 1000),
        (Variant.ENGLISH, "conds.pt", 0),
        (Variant.MULTILINGUAL, "ve.pt", 5000),
        (Variant.MULTILINGUAL, "Cangjie5_TC.json", 1),
        (Variant.TURBO, "tokenizer_config.json", 1),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(folders, tmp_path, variant, file, length):
    for whole in folders(variant).iterdir():
        (tmp_path / whole.name).symlink_to(whole)
    broken = tmp_path / file
    begun = broken.read_bytes()[:length]
    broken.unlink()
    blob = tmp_path / "blob"
    blob.write_bytes(begun)
    broken.symlink_to(blob)
    with pytest.raises(EngineUnavailableError) as caught:
        load(variant, folder=tmp_path, device="cpu", architecture=tiny.TINY)
    assert f"{blob} cannot be read (" in caught.value.message
    assert "make chatterbox-weights" in caught.value.message


def test_japanese_signs_are_read_as_they_sound(folders):
    tokenizer = read_tokenizer(Variant.MULTILINGUAL, folders(Variant.MULTILINGUAL))
    read = tokenizer.encode("東京", "ja").tolist()
    assert read == tokenizer.encode("とうきょう", "ja").tolist()
    unknown = 1
    assert unknown not in read


def test_chinese_is_read_where_its_segmenter_cannot_be_downloaded(folders):
    tokenizer = read_tokenizer(Variant.MULTILINGUAL, folders(Variant.MULTILINGUAL))
    assert len(tokenizer.encode("日月", "zh")) > 2


@pytest.mark.parametrize("cut_at", [None, 10])
def test_chinese_is_read_where_something_else_is_downloaded(
    folders, tmp_path, monkeypatch, segmenter_downloads, cut_at
):
    (tmp_path / "model.zip").write_text("<html>Log in to this network</html>")
    with serving(tmp_path, cut_at=cut_at) as address:
        monkeypatch.setitem(segmenter_downloads, "spacy_ontonotes", f"{address}/model.zip")
        tokenizer = read_tokenizer(Variant.MULTILINGUAL, folders(Variant.MULTILINGUAL))
    assert len(tokenizer.encode("日月", "zh")) > 2


def test_weights_of_another_model_are_refused(folders, tmp_path):
    for file in folders(Variant.TURBO).iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "tokenizer.json").touch()
    (tmp_path / "s3gen.safetensors").touch()
    english = tmp_path / "t3_cfg.safetensors"
    english.symlink_to(tmp_path / WEIGHTS[Variant.TURBO].t3)
    with pytest.raises(EngineUnavailableError, match=r"another model's weights: .*text_emb"):
        load(folder=tmp_path, device="cpu", architecture=tiny.TINY)
    english.unlink()
    english.symlink_to(tmp_path / WEIGHTS[Variant.TURBO].s3gen)
    with pytest.raises(EngineUnavailableError, match=r"another model's weights: .* such as"):
        load(folder=tmp_path, device="cpu", architecture=tiny.TINY)


def test_a_download_reports_its_progress_and_is_needed_once_only(folders, tmp_path):
    files, heard = folders(Variant.TURBO), []
    with serving(files) as endpoint:
        place = find_weights(
            Variant.TURBO, progress=heard.append, cache=tmp_path, endpoint=endpoint
        )
    assert {path.name for path in place.iterdir()} == {path.name for path in files.iterdir()}
    size = (files / "t3_turbo_v1.safetensors").stat().st_size
    assert Download("t3_turbo_v1.safetensors", size, size) in heard
    # Nobody answers at that address any more.
    assert find_weights(Variant.TURBO, cache=tmp_path, endpoint=endpoint) == place


def test_a_login_that_is_needed_is_asked_for(tmp_path):
    """Proves 004-15: a refused download says how to log in."""
    with serving(tmp_path, status=401) as endpoint, pytest.raises(EngineUnavailableError) as caught:
        find_weights(Variant.ENGLISH, cache=tmp_path / "cache", endpoint=endpoint)
    assert "answers 401" in caught.value.message
    assert "HF_TOKEN" in caught.value.message


def test_being_offline_is_said(tmp_path):
    with serving(tmp_path) as endpoint:
        pass
    with pytest.raises(EngineUnavailableError, match="cannot be reached") as caught:
        find_weights(Variant.ENGLISH, cache=tmp_path, endpoint=endpoint)
    assert "RHAPSODE_CHATTERBOX_DIR" in caught.value.message


def test_a_file_that_hugging_face_lacks_is_named(tmp_path):
    lacking = pytest.raises(EngineUnavailableError, match=r"t3_cfg\.safetensors .* no such file")
    with serving(tmp_path) as endpoint, lacking:
        find_weights(Variant.ENGLISH, cache=tmp_path / "cache", endpoint=endpoint)


def test_a_transfer_that_breaks_off_is_told_in_words(tmp_path, monkeypatch):
    """Large files come by `hf_xet`, which knows no other errors."""

    def breaks(*_arguments, local_files_only=False, **_options):
        if local_files_only:
            raise LocalEntryNotFoundError("not here")
        raise RuntimeError("Data processing error: CAS service error")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", breaks)
    broken = pytest.raises(EngineUnavailableError, match=r"CAS service error\. Try again")
    with serving(tmp_path) as endpoint, broken:
        find_weights(Variant.ENGLISH, cache=tmp_path / "cache", endpoint=endpoint)


def test_a_full_disk_is_named(tmp_path):
    error = OSError(errno.ENOSPC, "No space left on device")
    reason = download_failure(error, "s3gen.pt", "ResembleAI/chatterbox", tmp_path)
    assert f"the disk of {tmp_path} is full" in reason
    other = download_failure(PermissionError(13, "denied"), "s3gen.pt", "some/where", tmp_path)
    assert "denied" in other


def test_auto_takes_a_device_that_is_there():
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    assert choose_device("cpu") == torch.device("cpu")


def test_a_device_of_no_such_name_is_refused():
    with pytest.raises(EngineUnavailableError, match="auto, cuda, mps, cpu"):
        choose_device("tpu")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_here_is_refused_with_the_reason(name, monkeypatch):
    monkeypatch.setattr(devices.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices.torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(EngineUnavailableError, match=f"cannot run on {name}: .{{20}}"):
        choose_device(name)


def test_too_little_memory_says_how_much_is_needed_and_free():
    gib = 1024**3
    with pytest.raises(EngineUnavailableError) as caught:
        require_memory(int(5.5 * gib), 2 * gib)
    assert "needs 5.5 GiB" in caught.value.message
    assert "2.0 GiB are free" in caught.value.message
    require_memory(gib, gib)
    require_memory(gib, None)


def test_weights_are_counted_in_bytes():
    assert weight_bytes(torch.nn.Linear(10, 5)) == 4 * 55


def test_importing_the_package_imports_no_torch():
    script = "import sys, rhapsode.tts.chatterbox, rhapsode.tts.chatterbox.schedule; "
    loaded = subprocess.run(
        [sys.executable, "-c", script + "print('torch' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "False"
