#!/bin/sh
# Every check that needs no running program. All of them run, even after one has failed.
set -u
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
failed=

step() {
    name=$1
    shift
    printf -- '-- %s\n' "$name"
    "$@" || failed="$failed $name"
}

# With the interpreter of the environment that has torch, so that torch is typed for real.
types_of_chatterbox() {
    python=$PWD/.venv-chatterbox/bin/python
    if [ -x "$python" ]; then
        in_backend "$bin/pyright" --warnings --project pyright-chatterbox.json --pythonpath "$python"
    else
        echo "What needs torch is not type-checked, because it is not installed: make chatterbox"
    fi
}

in_backend() { (cd backend && "$@"); }
in_frontend() { (cd frontend && "$@"); }

# The rules lie in backend/ and hold for the whole repository.
step lint in_backend "$bin/ruff" check --quiet ..
step format in_backend "$bin/ruff" format --quiet --check ..
step types in_backend "$bin/pyright" --warnings
step chatterbox-types types_of_chatterbox
step floors in_backend "$bin/lint-imports" --no-cache
step page in_frontend npm run --silent check
step openapi "$bin/python" scripts/openapi.py --check
step client in_frontend npm run --silent types -- --check

[ -z "$failed" ] || { printf '\nFailed:%s\n' "$failed" >&2; exit 1; }
