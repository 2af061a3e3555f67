#!/bin/sh
# A Chromium without a window, in which the tests look at the report. Silent when there is one: Chrome, Chromium, or Debian's headless
# shell (64 MB to fetch, 230 MB on the disk). Nothing of it runs when the tests are over.
set -eu

found() {
    for program in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$program" >/dev/null && return 0
    done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] || [ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ]
}

found && exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    # Ubuntu has no such package, and its chromium is a snap, which a container cannot run.
    if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
        echo "installing chromium-headless-shell"
        apt-get -qq install --no-install-recommends --yes chromium-headless-shell >/dev/null
        found && exit 0
    fi
fi

echo "Chromium is missing, and the tests look at the report in it: install it with apt: chromium-headless-shell (Debian), \
google-chrome-stable (Ubuntu, from Google), or dnf: chromium, or brew: --cask chromium" >&2
exit 2
