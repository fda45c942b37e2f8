import importlib
import sys

import pytest
import torch

from rhapsode.tts.chatterbox import upstream


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
