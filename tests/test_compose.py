"""The container files, as far as they can be checked where no container engine runs."""

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from rhapsode.settings import Settings
from tests.test_repository import NOT_OF_THE_SERVER

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text("utf-8"))


@pytest.fixture(scope="module")
def instructions():
    """The Dockerfile's instructions, with continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.strip().split(maxsplit=1)) for line in lines]


def test_every_service_is_healthy_or_says_so(compose, instructions):
    checked_by_image = {"app"} if any(name == "HEALTHCHECK" for name, _ in instructions) else set()
    for name, service in compose["services"].items():
        assert "healthcheck" in service or name in checked_by_image
        assert service["restart"] == "unless-stopped"
    assert compose["services"]["app"]["depends_on"]["db"] == {"condition": "service_healthy"}


def test_what_faces_people_has_no_rights(compose, instructions):
    for name in ("app", "db"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert ("USER", "10001") in instructions
    assert compose["services"]["db"]["user"] == "postgres"
    assert not any("privileged" in service for service in compose["services"].values())


def test_only_the_page_is_published_and_the_database_is_out_of_reach(compose):
    published = {name: s["ports"] for name, s in compose["services"].items() if "ports" in s}
    assert published == {"app": ["${PUBLISH:-127.0.0.1:9876}:9876"]}
    assert compose["networks"]["database"] == {"internal": True}
    assert compose["services"]["db"]["networks"] == ["database"]
    assert "database" not in compose["services"]["ollama"]["networks"]


def test_ollama_comes_only_when_asked_for(compose):
    always = {name for name, service in compose["services"].items() if "profiles" not in service}
    assert always == {"app", "db"}
    assert compose["services"]["ollama"]["profiles"] == ["ollama"]


def test_named_volumes_and_networks_are_declared(compose):
    services = compose["services"].values()
    volumes = {volume.split(":")[0] for service in services for volume in service["volumes"]}
    assert volumes == compose["volumes"].keys()
    networks = {network for service in services for network in service["networks"]}
    assert networks == compose["networks"].keys()


def test_the_example_names_every_variable_and_only_those():
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text("utf-8")))
    example = (ROOT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == used
    deployment = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    assert all(f"`{name}`" in deployment for name in used)


def test_defaults_in_the_example_and_in_the_file_agree():
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE.read_text("utf-8")))
    example = (ROOT / ".env.example").read_text("utf-8")
    values = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert {name: values[name] for name in defaults} == defaults
    assert values["POSTGRES_PASSWORD"] == ""


def test_every_setting_that_is_passed_exists(compose, instructions):
    known = {f"RHAPSODE_{name.upper()}" for name in Settings.model_fields} | NOT_OF_THE_SERVER
    passed = set(compose["services"]["app"]["environment"])
    image = " ".join(rest for name, rest in instructions if name == "ENV")
    passed |= {name for name in re.findall(r"(\w+)=", image) if name.startswith("RHAPSODE_")}
    assert {name for name in passed if name.startswith("RHAPSODE_")} <= known


def test_the_server_takes_its_settings_from_the_file(compose, monkeypatch):
    """The values as Compose gives them to the container: defaults, and a password."""
    for name, value in compose["services"]["app"]["environment"].items():
        value = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:\?[^}]*\}", "abc123", value))
    monkeypatch.setenv("RHAPSODE_HOST", "0.0.0.0")
    settings = Settings()
    assert settings.resolved_auth == "accounts"
    assert settings.database_url == "postgresql+psycopg://rhapsode:abc123@db/rhapsode"
    assert settings.allowed_servers == ["ollama:11434"]


def test_everything_that_the_image_copies_is_there_and_is_let_in(instructions):
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    stages = {rest.split(" AS ")[1] for name, rest in instructions if " AS " in rest}
    for name, rest in instructions:
        if name != "COPY":
            continue
        *sources, _ = shlex.split(rest)
        if sources[0].startswith("--from="):
            assert sources[0].removeprefix("--from=") in stages
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in let_in, source


def test_nothing_private_or_built_gets_into_the_image():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored, "everything is left out that is not let in"
    left_out = [line.removeprefix("**/") for line in ignored if line.startswith("**/")]
    for name in (".env", "node_modules", "dist", "__pycache__", ".ruff_cache"):
        assert any(fnmatch(name, pattern) for pattern in left_out), name


def test_the_image_is_built_from_pinned_packages_only(instructions):
    installs = [rest for name, rest in instructions if name == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]
    assert any(rest == "npm ci" for name, rest in instructions if name == "RUN")
