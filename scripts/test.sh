#!/bin/sh
# Every check and every test. All of them run, even after one has failed; the last lines say how it went.
set -u
cd "$(dirname "$0")/.."
failed=

step() {
    name=$1
    shift
    printf -- '\n== %s\n' "$name"
    "$@" || failed="$failed $name"
}

test_page() { (cd frontend && npm test --silent); }
run_pytest() { .venv/bin/python -m pytest -c backend/pyproject.toml --rootdir . -q "$@"; }

step check sh scripts/check.sh
step page test_page
step product run_pytest tests --ignore tests/e2e
# A process of its own: the browser's driver keeps an event loop running, beside which no other can.
step browser run_pytest tests/e2e

[ -z "$failed" ] || { printf '\nFailed:%s\n' "$failed" >&2; exit 1; }
