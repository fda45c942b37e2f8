#!/bin/sh
# Makes .venv hold exactly what the lock files say: `sh scripts/setup-python.sh runtime|dev`.
# Takes a few milliseconds when it already does. POSIX sh, so that macOS and Debian agree.
set -eu
cd "$(dirname "$0")/.."
level=${1:?runtime or dev}
export PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1

fail() {
    printf '\nrhapsode: %s\n\n' "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed, and none was found. Install it:
  macOS          brew install python@3.13
  Debian/Ubuntu  sudo apt-get install python3 python3-venv
  elsewhere      https://www.python.org/downloads/
or name one that is here: make PYTHON=/path/to/python3.12 run"
}

create_venv() {
    python=$(find_python)
    "$python" -c 'import ensurepip' 2>/dev/null || fail \
        "$("$python" --version) has no venv module here, so no virtual environment can be made.
  Debian/Ubuntu  sudo apt-get install python3-venv"
    echo "Creating .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
}

# An environment is tied to its folder and to its interpreter: after the clone was moved or Python was
# upgraded away, only a new one works.
is_usable() {
    is_new_enough .venv/bin/python && grep -qF " -m venv $(pwd -P)/.venv" .venv/pyvenv.cfg
}

# Runs the commands of the function $2 unless they were run before for the same files $3...
once_for() {
    stamp=.venv/$1.installed
    step=$2
    shift 2
    wanted=$(cat "$@" | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
    "$step" "$@"
    echo "$wanted" > "$stamp"
}

install_locked() {
    echo "Installing Python packages: $* (the first time takes a minute)"
    requirements=
    for lock in "$@"; do requirements="$requirements -r $lock"; done
    # shellcheck disable=SC2086 # one argument per lock is wanted
    .venv/bin/python -m pip install -qq --require-hashes $requirements
}

# The build backend came with the locks, hashes checked: building needs neither network nor isolation.
install_product() {
    .venv/bin/python -m pip install -qq --no-deps --no-build-isolation --editable backend
}

is_usable || create_venv
once_for runtime install_locked backend/requirements-build.lock backend/requirements.lock
once_for product install_product backend/pyproject.toml
case $level in
    runtime) ;;
    dev) once_for dev install_locked backend/requirements-dev.lock ;;
    *) fail "unknown level '$level': runtime or dev" ;;
esac
