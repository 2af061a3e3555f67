#!/bin/sh
# pt-table-checksum, for `make bench ONLY=verify` alone. Silent when it is there.
set -eu

found() { command -v pt-table-checksum >/dev/null; }
found && exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
    echo "installing percona-toolkit"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install --no-install-recommends --yes percona-toolkit >/dev/null
    found && exit 0
fi

echo "pt-table-checksum is missing: install percona-toolkit" >&2
exit 2
