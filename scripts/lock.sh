#!/bin/sh
# Pins every Python package with its hashes, for all supported Pythons and systems at once.
# Keeps the versions that are pinned already; `sh scripts/lock.sh --upgrade` takes the newest.
set -eu
cd "$(dirname "$0")/../backend"
python=../.venv/bin/python
uv=../.venv/uv/bin/uv

[ -x "$uv" ] || "$python" -m pip install -qq --target ../.venv/uv 'uv==0.13.8'

# No header: it would hold this machine's package index.
compile() {
    output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --output-file "$output" "$@"
}

compile requirements.lock pyproject.toml ${1:-}
compile requirements-dev.lock pyproject.toml --group dev ${1:-}
"$python" -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]))' |
    compile requirements-build.lock - --constraint requirements-dev.lock ${1:-}
