#!/bin/sh
# MariaDB's server and tools, for the rehearsal's RDS. Silent when they are there. Starts no service, makes no user.
set -eu

PATH="$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec:/opt/homebrew/opt/mariadb/bin:/usr/local/opt/mariadb/bin"
packages="mariadb-server-core mariadb-client mariadb-backup"

found() {
    for program in mariadbd mariadb-install-db mariadb mariadb-binlog; do
        command -v "$program" >/dev/null || return 1
    done
    command -v mariadb-backup >/dev/null || command -v mariabackup >/dev/null
}

found && exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
    echo "installing $packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    # shellcheck disable=SC2086  # three packages
    apt-get -qq install --no-install-recommends --yes $packages >/dev/null
    found && exit 0
fi

echo "MariaDB is missing: install it with apt: $packages, or dnf: mariadb-server mariadb mariadb-backup, or brew: mariadb" >&2
exit 2
