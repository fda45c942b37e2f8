"""Rules of the repository that no linter knows."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rhapsode.cli import main
from rhapsode.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "backend" / "README.md", *(ROOT / "docs").glob("*.md")]
NOT_OF_THE_SERVER = {
    "RHAPSODE_LLM_API_KEY",
    "RHAPSODE_CHROMIUM",
    "RHAPSODE_POSTGRES_BIN",
    "RHAPSODE_URL",
}
"""Read by one command, the tests and the page's development server."""


def repository_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""  # a picture


def documented(pattern: str) -> set[str]:
    return {name for path in DOCUMENTS for name in re.findall(pattern, path.read_text("utf-8"))}


@pytest.mark.parametrize(
    "pattern",
    [
        # In pieces, so that this file does not find itself.
        r"/(?:work|root)" + "/",
        r"/(?:home|Users)" + r"/(?!you\b)\w",
        r"registry\." + "npmjs",
        r"(?:files\.)?python" + "hosted",
        r"pypi\.org/" + "simple",
    ],
)
def test_nothing_names_a_machine_s_folder_or_a_registry_s_host(pattern):
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in repository_files()
        if (match := re.search(pattern, text_of(path)))
    ]

    assert found == []


def test_the_page_s_lock_file_leaves_the_registry_open():
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))

    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def pins(name: str) -> dict[str, str]:
    lock = (ROOT / "backend" / name).read_text("utf-8")
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)", lock, re.MULTILINE))


def test_everything_the_product_runs_on_is_pinned_and_tested_in_the_same_version():
    project = tomllib.loads((ROOT / "backend" / "pyproject.toml").read_text("utf-8"))
    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")

    needed = {
        re.match(r"[\w.-]+", text).group().lower() for text in project["project"]["dependencies"]
    }
    assert needed <= runtime.keys()
    assert runtime.items() <= dev.items()


def test_every_pinned_package_has_a_hash():
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-build.lock"):
        lock = (ROOT / "backend" / name).read_text("utf-8")
        entries = re.split(r"^(?=[\w.-]+(?:\[[\w,]+\])?==)", lock, flags=re.MULTILINE)[1:]
        assert entries
        assert all("--hash=sha256:" in entry for entry in entries)


def test_every_setting_is_documented_and_every_documented_one_exists():
    settings = {f"RHAPSODE_{name.upper()}" for name in Settings.model_fields}
    configuration = (ROOT / "docs" / "configuration.md").read_text("utf-8")

    assert set(re.findall(r"^\| `(RHAPSODE_\w+)`", configuration, re.MULTILINE)) == (
        settings | NOT_OF_THE_SERVER
    )
    assert documented(r"RHAPSODE_[A-Z][A-Z_]*[A-Z]") <= settings | NOT_OF_THE_SERVER


def test_every_make_target_in_the_documents_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    named = documented(r"(?:`|^|\s)make ([a-z]+)(?=`|\s+#|\s*$)")
    assert {"run", "test"} <= named
    assert named <= targets


def test_every_command_in_the_documents_exists():
    assert documented(r"rhapsode ([a-z]+)[` ]") - {"is"} <= main.commands.keys()


def test_every_link_in_the_documents_leads_somewhere():
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]

    assert broken == []


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").glob("*.sh")), ids=lambda p: p.name)
def test_scripts_are_posix_shell(script):
    assert script.read_text("utf-8").startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n", script], check=True)


VIOLATIONS = {
    "Imports go down the floors only": ("audio/chunk.py", "import rhapsode.llm.client"),
    "Torch and Chatterbox only in tts.chatterbox": ("tts/synthesizer.py", "import torch"),
    "FastAPI and Starlette only in api and app": ("live/sessions.py", "import starlette.routing"),
    "SQL only in models, repositories, database and migration": (
        "stories/context.py",
        "import sqlalchemy",
    ),
    "Engines are known to the registry only": (
        "tts/synthesizer.py",
        "import rhapsode.tts.espeak.engine",
    ),
    "Settings are read by cli, app and assembly only": (
        "api/stories.py",
        "import rhapsode.settings",
    ),
}


def test_each_import_contract_catches_what_it_forbids(tmp_path):
    shutil.copytree(ROOT / "backend" / "rhapsode", tmp_path / "rhapsode")
    for module, statement in VIOLATIONS.values():
        with (tmp_path / "rhapsode" / module).open("a") as file:
            file.write(f"\n{statement}\n")

    report = subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--no-cache",
            "--config",
            ROOT / "backend" / "pyproject.toml",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    contracts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", report.stdout, re.MULTILINE))
    assert contracts == dict.fromkeys(VIOLATIONS, "BROKEN"), report.stdout
