#!/bin/sh
# Prints the path of a Chromium for the browser tests. Where there is none it installs one (root on
# Debian or Ubuntu) or says what to install. Everything but the path goes to standard error.
set -eu

is_browser() {
    "$1" --version >/dev/null 2>&1
}

find_browser() {
    for candidate in "${RHAPSODE_CHROMIUM:-}" chromium chromium-browser google-chrome \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -n "$candidate" ] && is_browser "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

install_on_debian() {
    echo "Installing Chromium for the browser tests" >&2
    {
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
    } </dev/null >&2
}

if [ -n "${RHAPSODE_CHROMIUM:-}" ] && ! is_browser "$RHAPSODE_CHROMIUM"; then
    printf '\nrhapsode: RHAPSODE_CHROMIUM=%s does not start\n\n' "$RHAPSODE_CHROMIUM" >&2
    exit 1
fi
find_browser && exit
if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
    install_on_debian || :
    find_browser && exit
fi
cat >&2 <<'TEXT'

rhapsode: the browser tests need Chromium or Chrome, and none was found. Install it:
  macOS          brew install --cask chromium
  Debian/Ubuntu  sudo apt-get install chromium      (Ubuntu: sudo snap install chromium)
  elsewhere      https://www.google.com/chrome/
or name one that is here: RHAPSODE_CHROMIUM=/path/to/chrome make test

TEXT
exit 1
