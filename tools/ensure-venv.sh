#!/bin/sh
# Makes .venv with the exact, hashed pins. Needs python3 >= 3.11; installs Debian's venv module when root may do so.
set -eu
PYTHON=${PYTHON:-python3}
command -v "$PYTHON" >/dev/null || { echo "set-up: python3 is missing: install Python 3.11 or newer" >&2; exit 2; }
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "set-up: $PYTHON is $("$PYTHON" -V 2>&1 | cut -d' ' -f2); Python 3.11 or newer is needed (make PYTHON=python3.12 …)" >&2
    exit 2
}
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "set-up: installing python${version}-venv"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "python${version}-venv" >/dev/null
    else
        echo "set-up: Python's venv module is missing: apt install python${version}-venv (Debian, Ubuntu)" >&2
        exit 2
    fi
fi
[ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || {
    rm -rf .venv
    echo "set-up: creating .venv"
    "$PYTHON" -m venv .venv
}
echo "set-up: installing the pinned packages (a minute or two, once)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
# A path has no hash, so the embedded AWS is installed by itself: its dependencies are among the pins.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable packages/aws_rehearsal
