import ast
import importlib
import sys
from pathlib import Path

import pytest
import torch

from rhapsode.tts.chatterbox import upstream
from tests.tts.chatterbox import tiny

TYPES = ast.parse(Path(upstream.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))


def test_the_parts_of_torchaudio_that_are_needed_work():
    import torchaudio

    sound = torch.randn(1, 16_000)
    features = torchaudio.compliance.kaldi.fbank(sound, num_mel_bins=80)
    assert features.shape == (98, 80)
    assert torchaudio.transforms.Resample(24_000, 16_000)(sound).shape == (1, 10_667)


def test_what_the_missing_extension_would_do_is_refused():
    extension = upstream._absent_extension()
    with pytest.raises(RuntimeError, match="not available here"):
        extension.fail_if_no_align(len)("anything")


def test_importing_torchaudio_again_changes_nothing():
    before = sys.modules["torchaudio"]
    upstream.import_torchaudio()
    assert importlib.import_module("torchaudio") is before


def members(typed):
    """Return the names that a class of the types declares."""
    declared = {node.target.id for node in typed.body if isinstance(node, ast.AnnAssign)}
    return declared | {node.name for node in typed.body if isinstance(node, ast.FunctionDef)}


def test_what_the_types_offer_can_be_imported():
    [offered] = [node.value for node in TYPES.body if isinstance(node, ast.Assign)]
    assert ast.literal_eval(offered) == upstream.__all__


def test_networks_have_every_member_that_their_types_declare(english, turbo, s3gen, meanflow_s3gen):
    typed = {node.name: members(node) for node in TYPES.body if isinstance(node, ast.ClassDef)}
    # Loading takes this one out of Turbo.
    typed["GPT2Model"].remove("wte")
    seen = set()
    for network in (english, turbo, s3gen, meanflow_s3gen, tiny.build_voice_encoder()):
        for module in network.modules():
            # Some of the tiny model's classes stand in for upstream's.
            name = type(module).__name__.removeprefix("Tiny")
            name = {"S3Token2Wav": "S3Gen"}.get(name, name)
            if name in typed:
                seen.add(name)
                assert [member for member in typed[name] if not hasattr(module, member)] == []
    assert len(seen) > 25, seen
