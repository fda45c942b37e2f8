#!/bin/sh
# Prints the folder of PostgreSQL's programs for the database tests. Where there are none it installs
# them (root on Debian or Ubuntu) or says what to install. Everything but the path goes to standard
# error.
set -eu

has_programs() {
    [ -x "$1/initdb" ] && [ -x "$1/postgres" ] && "$1/postgres" --version >/dev/null 2>&1
}

# A link on the search path leads to the folder that holds the other programs too.
folder_of_initdb() {
    initdb=$(command -v initdb) || return 0
    while [ -L "$initdb" ]; do
        target=$(readlink "$initdb")
        case $target in
            /*) initdb=$target ;;
            *) initdb=$(dirname "$initdb")/$target ;;
        esac
    done
    dirname "$initdb"
}

find_programs() {
    for folder in "${RHAPSODE_POSTGRES_BIN:-}" "$(folder_of_initdb)" \
        /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
        /Applications/Postgres.app/Contents/Versions/latest/bin; do
        if [ -n "$folder" ] && has_programs "$folder"; then
            echo "$folder"
            return
        fi
    done
    return 1
}

install_on_debian() {
    echo "Installing PostgreSQL for the database tests" >&2
    {
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
    } </dev/null >&2
}

if [ -n "${RHAPSODE_POSTGRES_BIN:-}" ] && ! has_programs "$RHAPSODE_POSTGRES_BIN"; then
    printf '\nrhapsode: RHAPSODE_POSTGRES_BIN=%s holds no initdb and postgres\n\n' \
        "$RHAPSODE_POSTGRES_BIN" >&2
    exit 1
fi
find_programs && exit
if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
    install_on_debian || :
    find_programs && exit
fi
cat >&2 <<'TEXT'

rhapsode: the database tests need PostgreSQL, and none was found. Install it:
  macOS          brew install postgresql@17
  Debian/Ubuntu  sudo apt-get install postgresql
  elsewhere      https://www.postgresql.org/download/
or name the folder of initdb: RHAPSODE_POSTGRES_BIN=/path/to/bin make test

TEXT
exit 1
