#!/bin/sh
# Makes frontend/node_modules and frontend/dist match their sources:
# `sh scripts/setup-frontend.sh modules|build`. Takes a few milliseconds when they already do.
set -eu
cd "$(dirname "$0")/../frontend"
level=${1:?modules or build}

fail() {
    printf '\nrhapsode: %s\n\n' "$1" >&2
    exit 1
}

is_new_enough() {
    node -e 'const [a, b] = process.versions.node.split(".").map(Number);
             process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

require_node() {
    is_new_enough && command -v npm >/dev/null 2>&1 && return
    found=$(node --version 2>/dev/null) || found=none
    fail "Node.js 20.19 or newer (or 22.12 or newer) with npm is needed; found: $found. Install it:
  macOS          brew install node@22
  elsewhere      https://nodejs.org/en/download"
}

# Runs the function $2 unless it was run before for the same text $3; $1 holds the mark.
once_for() {
    [ "$(cat "$1" 2>/dev/null)" != "$3" ] || return 0
    "$2"
    echo "$3" > "$1"
}

install_modules() {
    echo "Installing the page's packages"
    npm ci --no-audit --no-fund --loglevel=error
}

build_page() {
    echo "Building the page"
    npm run --silent build -- --logLevel error
}

# Tests are left out: changing one changes nothing that is served.
sources() {
    public=
    [ ! -d public ] || public=public
    find src $public -type f ! -name '*.test.ts' ! -name '*.test.tsx' | LC_ALL=C sort
    ls index.html vite.config.ts tsconfig*.json package.json package-lock.json
}

require_node
# Native packages differ between Node's versions and between machines.
machine="$(node --version) $(uname -sm)"
once_for node_modules/.installed install_modules "$machine $(cksum < package-lock.json)"
case $level in
    modules) ;;
    build) once_for dist/.built build_page "$(sources | tr '\n' '\0' | xargs -0 cksum | cksum)" ;;
    *) fail "unknown level '$level': modules or build" ;;
esac
