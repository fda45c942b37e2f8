import subprocess
import sys

from rhapsode.tts.registry import ENGINES, build_hosts


def test_importing_the_registry_loads_no_engine():
    script = (
        "import sys, rhapsode.tts.registry\n"
        "heavy = {'torch', 'av', 'espeakng_loader', 'ctypes.util', 'chatterbox'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_engine_loads_under_its_own_name():
    for name, load in ENGINES.items():
        engine = load()
        assert engine.name == engine.info.name == name
        assert engine.info.default_voice in [voice.id for voice in engine.voices()]


async def test_what_people_can_choose_is_real_speech():
    hosts = build_hosts(espeak_workers=3)
    assert list(hosts) == ["espeak"]
    assert hosts["espeak"].concurrency == 3
    assert hosts["espeak"].info().default_voice == "arthur"
