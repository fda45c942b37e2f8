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

# In the engine's own environment, which has none of the app's packages: the app's fixtures stay out.
test_chatterbox() {
    .venv/bin/python scripts/chatterbox_env.py --dev &&
        PYTHONPATH=backend .venv-chatterbox/bin/python -m pytest -c backend/pyproject.toml \
            --rootdir . --confcutdir tests/tts/chatterbox -q tests/tts/chatterbox
}

# Beside the others, because it takes as long as they do; one after the other where cores are few,
# for some of its tests have a time limit.
cores=$(getconf _NPROCESSORS_ONLN)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
without="--ignore tests/e2e/test_chatterbox.py"
chatterbox=
if [ -x .venv-chatterbox/bin/python ]; then
    without=
    chatterbox=later
    if [ "$cores" -ge 4 ]; then
        test_chatterbox >"$log" 2>&1 &
        chatterbox=$!
    fi
fi
finish_chatterbox() {
    if [ "$chatterbox" = later ]; then
        test_chatterbox
        return
    fi
    wait "$chatterbox"
    status=$?
    cat "$log"
    return $status
}

step check sh scripts/check.sh
step page test_page
step product run_pytest -n 2 --dist loadfile tests --ignore tests/e2e
if [ -n "$chatterbox" ]; then
    step chatterbox finish_chatterbox
else
    printf '\n== chatterbox\nNot installed here, so its engine is not tested: make chatterbox\n'
fi
# Last: it listens to sound as it plays, which is mostly waiting, so two listen at once. In processes
# of their own, because the browser's driver keeps an event loop running, beside which no other can.
step browser run_pytest -n 2 --dist loadfile tests/e2e $without

[ -z "$failed" ] || { printf '\nFailed:%s\n' "$failed" >&2; exit 1; }
