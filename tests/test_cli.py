"""The `rhapsode` command, run as people run it: as a process of its own, with real speech."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import av
import pytest

from rhapsode.cli.examination import CHECKS
from rhapsode.llm.storyteller import Storyteller
from rhapsode.settings import REPOSITORY, Settings
from rhapsode.tts.chatterbox.offers import OFFERS
from tests.doubles import STORY, ScriptedLLM, Tells, cut, slow

PROMPT = "a lighthouse keeper finds a door"
TIMEOUT_S = 60


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The machine's environment with a data folder of its own, and nobody's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RHAPSODE_")}
    return {**kept, "RHAPSODE_DATA_DIR": str(tmp_path / "data")}


def rhapsode(
    *arguments: str | Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rhapsode", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


def seconds_of(path: Path) -> float:
    with av.open(path) as container:
        frames = container.decode(audio=0)
        return sum(frame.samples / frame.sample_rate for frame in frames)


@contextmanager
def serving(environment: dict[str, str], *arguments: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Run `rhapsode serve` and give its process and the address that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rhapsode", "serve", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        announcement = next((line for line in process.stdout if "http://" in line), "")
        assert announcement, process.communicate(timeout=TIMEOUT_S)[1]
        yield process, announcement.split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=TIMEOUT_S)


def test_tell_shows_the_scene_and_writes_a_wav_of_a_length_that_fits_it(tmp_path, environment):
    out = tmp_path / "scene.wav"

    told = rhapsode("tell", PROMPT, "--out", out, environment=environment)

    assert told.returncode == 0, told.stderr
    words = len(told.stdout.split())
    assert 100 <= words <= 500
    with wave.open(str(out)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        seconds = file.getnframes() / file.getframerate()
    assert 0.2 * words < seconds < 0.8 * words
    assert Storyteller().label in told.stderr
    assert "sentences" in told.stderr
    assert str(out) in told.stderr


def test_tell_writes_an_mp3_where_the_name_asks_for_one(tmp_path, environment):
    out = tmp_path / "scene.MP3"
    with ScriptedLLM.in_thread(Tells.text()) as llm:
        told = rhapsode(
            "tell", PROMPT, "--llm-url", llm.base_url, "--out", out, environment=environment
        )

    assert told.returncode == 0, told.stderr
    assert told.stdout == STORY + "\n"
    assert not out.read_bytes().startswith(b"RIFF")
    assert 8 < seconds_of(out) < 30


def test_tell_sends_the_prompt_the_premise_and_the_key_to_the_only_model(tmp_path, environment):
    with ScriptedLLM.in_thread(Tells.text(), models=["only-one"]) as llm:
        told = rhapsode(
            "tell",
            PROMPT,
            "--premise",
            "The sea has gone.",
            "--llm-url",
            llm.base_url,
            environment={**environment, "RHAPSODE_LLM_API_KEY": "sesame"},
        )

    assert told.returncode == 0, told.stderr
    request = llm.completions[0]
    assert request.body["model"] == "only-one"
    assert request.headers["authorization"] == "Bearer sesame"
    assert PROMPT in json.dumps(request.body)
    assert "The sea has gone." in json.dumps(request.body)


def test_tell_asks_which_model_where_there_are_several(environment):
    with ScriptedLLM.in_thread(Tells.text(), models=["small", "large"]) as llm:
        told = rhapsode("tell", PROMPT, "--llm-url", llm.base_url, environment=environment)

    assert told.returncode == 2
    assert "--model" in told.stderr
    assert "large, small" in told.stderr


def test_tell_without_a_file_shows_the_text_and_says_that_there_is_no_sound(environment):
    told = rhapsode("tell", PROMPT, environment=environment)

    assert told.returncode == 0
    assert len(told.stdout.split()) >= 100
    assert "--out" in told.stderr


def test_the_same_seed_tells_the_same_scene(environment):
    first, again, other = (
        rhapsode("tell", PROMPT, "--seed", seed, environment=environment).stdout
        for seed in ("7", "7", "8")
    )

    assert first == again
    assert first != other


def test_quiet_says_nothing_but_the_story(tmp_path, environment):
    out = tmp_path / "scene.wav"

    told = rhapsode("tell", PROMPT, "--quiet", "--out", out, environment=environment)

    assert told.stderr == ""
    assert seconds_of(out) > 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "scene.ogg"], [".wav", ".mp3"]),
        (["--out", "scene"], [".wav", ".mp3"]),
        (["--out", "no/such/folder/scene.wav"], ["no/such/folder"]),
        (["--out", "scene.wav", "--engine", "parrot"], ["parrot", "espeak"]),
        (["--out", "scene.wav", "--voice", "nobody"], ["nobody", "Allowed: "]),
        (["--out", "scene.wav", "--speed", "9"], ["speeds from", "to 4"]),
        (["--model", "large"], ["--llm-url"]),
        (["--llm-url", "ftp://somewhere"], ["http://"]),
    ],
)
def test_tell_refuses_what_cannot_be_and_says_what_can(tmp_path, environment, options, said):
    options = [str(tmp_path / o) if o.startswith(("scene", "no/")) else o for o in options]

    told = rhapsode("tell", PROMPT, *options, environment=environment)

    assert told.returncode == 2
    assert told.stdout == ""
    assert all(part in told.stderr for part in said), told.stderr
    assert not list(tmp_path.glob("scene*"))


def test_tell_names_the_address_where_nobody_answers(tmp_path, environment):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"

    told = rhapsode("tell", PROMPT, "--llm-url", url, "--model", "m", environment=environment)

    assert told.returncode == 1
    assert url in told.stderr
    assert "Traceback" not in told.stderr


def test_tell_keeps_what_was_written_and_spoken_when_the_model_breaks_off(tmp_path, environment):
    out = tmp_path / "scene.wav"
    with ScriptedLLM.in_thread(cut(after=30)) as llm:
        told = rhapsode(
            "tell", PROMPT, "--llm-url", llm.base_url, "--out", out, environment=environment
        )

    assert told.returncode == 1
    assert STORY.startswith(told.stdout.rstrip("\n"))
    assert len(told.stdout.split()) > 10
    assert "Error: " in told.stderr
    assert seconds_of(out) > 3


def test_tell_keeps_what_was_spoken_at_ctrl_c(tmp_path, environment):
    out = tmp_path / "scene.wav"
    with ScriptedLLM.in_thread(slow(tokens_per_s=60)) as llm:
        arguments = ["tell", PROMPT, "--llm-url", llm.base_url, "--out", str(out)]
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "rhapsode", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        heard = ""
        while "yesterday. " not in heard:
            heard += process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 1
    assert "Traceback" not in errors
    assert seconds_of(out) > 1


def test_speak_reads_a_text_into_a_file_and_twice_the_speed_takes_half_the_time(
    tmp_path, environment
):
    slow, fast = tmp_path / "slow.wav", tmp_path / "fast.wav"

    for out, speed in ((slow, "1"), (fast, "2")):
        spoken = rhapsode("speak", STORY, "--speed", speed, "--out", out, environment=environment)
        assert spoken.returncode == 0, spoken.stderr
        assert spoken.stdout == ""

    assert 0.35 < seconds_of(fast) / seconds_of(slow) < 0.65


def test_speak_says_how_to_get_an_engine_that_is_not_installed(tmp_path, environment):
    absent = {**environment, "RHAPSODE_CHATTERBOX_PYTHON": str(tmp_path / "nowhere")}
    options = ("--engine", "chatterbox", "--out", tmp_path / "a.wav")

    spoken = rhapsode("speak", "Good evening.", *options, environment=absent)

    assert spoken.returncode == 1
    assert "Chatterbox is not installed. Run `make chatterbox`." in spoken.stderr


def test_speak_refuses_an_empty_text(tmp_path, environment):
    spoken = rhapsode("speak", " ", "--out", tmp_path / "nothing.wav", environment=environment)

    assert spoken.returncode == 2
    assert "empty" in spoken.stderr


def test_doctor_tells_programs_what_works(tmp_path, environment):
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").touch()

    seen = rhapsode(
        "doctor",
        "--json",
        environment={
            **environment,
            "RHAPSODE_FRONTEND_DIR": str(page),
            "RHAPSODE_CHATTERBOX_PYTHON": str(tmp_path / "nowhere"),
        },
    )

    assert seen.returncode == 0, seen.stdout
    report = json.loads(seen.stdout)
    status = {finding["name"]: finding["status"] for finding in report["findings"]}
    assert report["ok"]
    for name in ("Python", "Speech", "Sound files", "Data folder", "Database", "Page"):
        assert status[name] == "ok", report
    [voices] = [each for each in report["findings"] if each["name"] == "Natural voices"]
    assert voices["status"] == "optional"
    assert "Chatterbox is not installed. Run `make chatterbox`." in voices["detail"]
    assert (tmp_path / "data" / "rhapsode.db").exists()


@pytest.mark.parametrize(
    ("answer", "driver", "status", "said"),
    [
        ("echo Tesla T4", True, "ok", "Chatterbox, on Tesla T4"),
        ("true", False, "ok", "on the processor"),
        ("true", True, "optional", "although an NVIDIA GPU is here"),
        ("echo No module named torch >&2; exit 1", False, "optional", "damaged: No module named"),
    ],
)
def test_doctor_says_what_natural_voices_compute_on(
    tmp_path, monkeypatch, answer, driver, status, said
):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, script in [("python", answer), *([("nvidia-smi", "true")] if driver else [])]:
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    for name in OFFERS["chatterbox"].files:
        (tmp_path / name).touch()
    settings = Settings(
        data_dir=tmp_path / "data", chatterbox_python=tools / "python", chatterbox_dir=tmp_path
    )

    [check] = [check for check in CHECKS if check.name == "Natural voices"]
    finding = check.run(settings)

    assert finding.status == status
    assert said in finding.detail


def test_doctor_fails_and_names_the_remedy_where_something_needed_is_missing(tmp_path, environment):
    missing = {**environment, "RHAPSODE_FRONTEND_DIR": str(tmp_path / "nowhere")}

    seen = rhapsode("doctor", environment=missing)

    assert seen.returncode == 1
    assert "missing" in seen.stdout
    assert "make setup" in seen.stdout


def test_serve_announces_its_address_when_it_answers_and_ends_at_ctrl_c(environment):
    with serving(environment, "--port", "0") as (process, address):
        with urlopen(f"{address}/livez", timeout=TIMEOUT_S) as answer:
            assert json.load(answer)["status"] == "ok"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=TIMEOUT_S) == 0


def send(method: str, url: str, **body: object) -> dict[str, object]:
    request = Request(
        url,
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
        method=method,
    )
    with urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def test_the_example_client_of_the_protocol_page_follows_a_scene(environment):
    page = (REPOSITORY / "docs" / "protocol.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)

    with (
        ScriptedLLM.in_thread(Tells.text()) as llm,
        serving(environment, "--port", "0") as (_, address),
    ):
        send(
            "PUT",
            f"{address}/api/llm/settings",
            provider="openai",
            base_url=llm.base_url,
            model="scripted",
        )
        story = send("POST", f"{address}/api/stories", title="The door")
        client = example.replace("127.0.0.1:9876", address.removeprefix("http://"))
        followed = subprocess.run(
            [sys.executable, "-c", client, str(story["id"])],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )

    assert followed.stdout == STORY, followed.stderr


def test_serve_says_who_may_hold_the_port_and_how_to_take_another(environment):
    with serving(environment, "--port", "0") as (_, address):
        port = address.rpartition(":")[2]
        second = rhapsode("serve", "--port", port, environment=environment)

    assert second.returncode == 1
    assert address in second.stderr
    assert f"RHAPSODE_PORT={int(port) + 1}" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"RHAPSODE_PORT": "many"}, "RHAPSODE_PORT"),
        ({"RHAPSODE_HOST": "0.0.0.0", "RHAPSODE_AUTH": "single"}, "RHAPSODE_AUTH=accounts"),
        ({"RHAPSODE_ALLOWED_HOSTS": "stories.example"}, "allowed_hosts"),
        ({"RHAPSODE_SECRET_KEYS": "short"}, "secret key"),
        ({"RHAPSODE_DATA_DIR": f"{__file__}/data"}, "RHAPSODE_DATA_DIR"),
    ],
)
def test_serve_refuses_settings_that_cannot_be(environment, settings, said):
    refused = rhapsode("serve", environment={**environment, **settings})

    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_help_loads_neither_server_nor_engines(environment):
    probe = "import sys, rhapsode.cli; print({'fastapi', 'numpy', 'openai'} & set(sys.modules))"

    shown = subprocess.run(
        [sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == "set()"


def test_version_is_the_package_s(environment):
    shown = rhapsode("--version", environment=environment)

    assert shown.returncode == 0
    assert shown.stdout.startswith("rhapsode ")
