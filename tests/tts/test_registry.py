import subprocess
import sys

import pytest

from rhapsode.network import OWN_MACHINE
from rhapsode.tts.chatterbox.offers import ChatterboxOptions
from rhapsode.tts.registry import ENGINES, build_hosts


def test_importing_the_registry_loads_no_engine():
    script = (
        "import sys, rhapsode.tts.registry\n"
        "heavy = {'torch', 'av', 'espeakng_loader', 'ctypes.util', 'chatterbox'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["espeak", "tone"])
def test_every_engine_of_this_environment_loads_under_its_own_name(name):
    engine = ENGINES[name]()
    assert engine.name == engine.info.name == name
    assert engine.info.default_voice in [voice.id for voice in engine.voices()]


def test_an_engine_that_lives_in_another_environment_says_how_to_get_it():
    elsewhere = "import sys; sys.modules['torch'] = None\n"
    script = elsewhere + (
        "from rhapsode.errors import EngineUnavailableError\n"
        "from rhapsode.tts.registry import ENGINES\n"
        "try:\n    ENGINES['chatterbox']()\n"
        "except EngineUnavailableError as error:\n    print(error.message)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "not installed here" in done.stdout, done.stderr
    assert "`make chatterbox`" in done.stdout


async def test_what_people_can_choose_is_real_speech():
    hosts = build_hosts(espeak_workers=3, network=OWN_MACHINE)
    assert list(hosts) == ["espeak", "openai"]
    assert hosts["espeak"].concurrency == 3
    assert hosts["espeak"].info().default_voice == "arthur"


async def test_chatterbox_is_offered_in_three_sizes_with_what_each_of_them_follows(tmp_path):
    options = ChatterboxOptions(voices_dir=tmp_path)
    hosts = build_hosts(espeak_workers=1, network=OWN_MACHINE, chatterbox=options)
    guided = ("exaggeration", "cfg_weight", "temperature")
    assert hosts["chatterbox"].info().parameters == guided
    assert hosts["chatterbox-multilingual"].info().parameters == guided
    assert hosts["chatterbox-turbo"].info().parameters == ("temperature",)
