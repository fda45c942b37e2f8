"""A real PostgreSQL server for tests: a private cluster in a folder of its own, on a socket file.

It starts with the first test that needs it and is stopped and deleted with the last one, whether
they passed or not.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from rhapsode.migration import migrate
from rhapsode.settings import REPOSITORY

START_S = 30.0
STOP_S = 15.0

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""What protects rows from a power cut, which these do not live long enough to see."""

_TEMPLATE = "migrated"


class PostgresCluster:
    """A running server."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self._process = process
        self._numbers = itertools.count(1)
        self._templates: set[str] = set()

    @contextmanager
    def database(self, *, migrated: bool = False) -> Iterator[str]:
        """Give the URL of a database of one's own, empty or with the newest tables."""
        name = f"test_{next(self._numbers)}"
        if migrated:
            self._make_template()
            self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        else:
            self._run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://rhapsode@/{database}?host={self._folder}"

    def await_start(self) -> None:
        """Return when the server takes connections."""
        give_up_at = time.monotonic() + START_S
        while True:
            try:
                self._run("SELECT 1")
                return
            except psycopg.OperationalError:
                log = (self._folder / "log").read_text(errors="replace")
                assert self._process.poll() is None, f"PostgreSQL ended:\n{log}"
                assert time.monotonic() < give_up_at, f"PostgreSQL does not start:\n{log}"
                time.sleep(0.05)

    def _make_template(self) -> None:
        if _TEMPLATE not in self._templates:
            self._run(f"CREATE DATABASE {_TEMPLATE}")
            migrate(self.url(_TEMPLATE), REPOSITORY / "migrations")
            self._templates.add(_TEMPLATE)

    def _run(self, statement: str) -> None:
        address = f"host={self._folder} user=rhapsode dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_cluster() -> Iterator[PostgresCluster]:
    """Run a server while the context is open, and leave nothing behind."""
    programs = _find_programs()
    # Not pytest's own folder, which its server's user may not enter. Short: a socket's path may
    # have about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="rhapsode-pg-"))
    try:
        identity = _identity(folder)
        _initialize(programs, folder, identity)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                _command(programs, folder), stdout=log, stderr=log, **identity
            )
        try:
            cluster = PostgresCluster(folder, process)
            cluster.await_start()
            yield cluster
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder)


def _find_programs() -> Path:
    """Return the folder of `initdb` and `postgres`; without them the tests fail and say why."""
    found = subprocess.run(
        ["sh", REPOSITORY / "scripts" / "find-postgres.sh"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        pytest.fail(found.stderr, pytrace=False)
    return Path(found.stdout.strip())


def _identity(folder: Path) -> dict[str, object]:
    """Return who runs the server: it refuses to run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _initialize(programs: Path, folder: Path, identity: dict[str, object]) -> None:
    made = subprocess.run(
        [
            programs / "initdb",
            *("--pgdata", folder / "data", "--username", "rhapsode", "--auth", "trust"),
            *("--encoding", "UTF8", "--no-locale", "--no-sync"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **identity,
    )
    assert made.returncode == 0, f"initdb failed:\n{made.stderr}"


def _command(programs: Path, folder: Path) -> list[str]:
    options = ("listen_addresses=", f"unix_socket_directories={folder}", *_FAST)
    flags = [part for option in options for part in ("-c", option)]
    return [str(programs / "postgres"), "-D", str(folder / "data"), *flags]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # "fast": open connections are ended
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_S)
