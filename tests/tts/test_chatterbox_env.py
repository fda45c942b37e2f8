"""Which versions `make chatterbox` installs. A script stands in for NVIDIA's program."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "chatterbox_env.py"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("chatterbox_env", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def card(tmp_path, monkeypatch, script):
    """Put an `nvidia-smi` in the way, which answers what it is told to."""
    monkeypatch.setattr(script.platform, "system", lambda: "Linux")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    def answers(text):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)

    return answers


@pytest.mark.parametrize(
    ("answer", "pinned"),
    [
        ("echo 8.9", True),
        ("echo 9.0", True),
        ("echo 12.0", False),
        ("printf '8.6\\n12.0\\n'", False),
        ("exit 9", False),
        ("[ $1 = -L ] && echo 'GPU 0: Tesla P40'", True),
    ],
    ids=["40 series", "H100", "50 series", "one of each", "no driver", "old driver"],
)
def test_a_card_gets_the_versions_that_support_it(card, script, answer, pinned):
    card(answer)
    assert script.suits_pins() is pinned


def test_every_file_of_versions_is_there(script):
    for pinned in (True, False):
        for step in script.steps(pinned=pinned, dev=True):
            assert Path(step[-1]).is_file()
