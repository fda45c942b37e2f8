"""Tiny models, built once. What needs torch is collected only where torch is installed."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

PURE = {
    "test_figures.py",
    "test_inbox.py",
    "test_pieces.py",
    "test_policy.py",
    "test_pulse.py",
    "test_quality.py",
    "test_schedule.py",
    "test_ticket.py",
}
"""Tests of what knows no torch: they run in the app's environment too."""

HAS_TORCH = find_spec("torch") is not None and find_spec("chatterbox") is not None

collect_ignore = (
    []
    if HAS_TORCH
    else [path.name for path in Path(__file__).parent.glob("test_*.py") if path.name not in PURE]
)


# The fixtures of the other tests are out of reach in the engine's own environment; see there.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_configure(config):
    # Upstream's own calls of what its dependencies deprecate.
    for warning in (
        "ignore:.*sdp_kernel:FutureWarning",
        "ignore:.*LoRACompatibleLinear:FutureWarning",
        "ignore:.*weight_norm:FutureWarning",
    ):
        config.addinivalue_line("filterwarnings", warning)


if HAS_TORCH:
    import torch

    from rhapsode.tts.chatterbox import shapes
    from rhapsode.tts.chatterbox.load import load
    from rhapsode.tts.chatterbox.variants import Variant
    from tests.tts.chatterbox import tiny
    from tests.tts.chatterbox.recording import OperationRecorder

    torch.set_grad_enabled(False)
    # More threads than the machine has free cores make small operations slower.
    torch.set_num_threads(2)

    @pytest.fixture(scope="session", autouse=True)
    def segmenter_downloads(tmp_path_factory):
        """Where Chinese words get their model: nowhere, unless a test says where."""
        from spacy_pkuseg import config

        config.pkuseg_home = str(tmp_path_factory.mktemp("pkuseg"))
        config.model_urls = dict.fromkeys(config.model_urls, "http://127.0.0.1:9/nobody.zip")
        return config.model_urls

    @pytest.fixture(scope="session")
    def english():
        return tiny.build_t3(Variant.ENGLISH)

    @pytest.fixture(scope="session")
    def turbo():
        t3 = tiny.build_t3(Variant.TURBO)
        del t3.tfmr.wte
        return t3

    @pytest.fixture(scope="session")
    def s3gen():
        return tiny.build_s3gen(Variant.ENGLISH)

    @pytest.fixture(scope="session")
    def meanflow_s3gen():
        return tiny.build_s3gen(Variant.TURBO)

    @pytest.fixture(scope="session")
    def weights(tmp_path_factory):
        """A folder of tiny weights of the English model, in upstream's names."""
        return tiny.write_weights(tmp_path_factory.mktemp("tiny") / "english", Variant.ENGLISH)

    @pytest.fixture(scope="session")
    def tiny_model(weights):
        return load(folder=weights, device="cpu", architecture=tiny.TINY)

    @pytest.fixture(scope="session")
    def ada():
        return tiny.voice(seed=1)

    @pytest.fixture(scope="session")
    def bob():
        return tiny.voice(seed=2)

    @pytest.fixture
    def recorded(monkeypatch):
        """Let the engine record what it computes and replay it, as it does on a GPU."""
        monkeypatch.setattr(shapes, "recorder_for", lambda _device: OperationRecorder())

    @pytest.fixture(params=["called", "recorded"])
    def called_or_recorded(request):
        """What is so on a processor is so on a GPU."""
        if request.param == "recorded":
            request.getfixturevalue("recorded")
