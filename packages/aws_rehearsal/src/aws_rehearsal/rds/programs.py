"""The MariaDB programs on this machine: found once, run with bounded output, missed with one line that says what to install."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

SERVER = ("mariadbd",)
INSTALL = ("mariadb-install-db",)
BACKUP = ("mariadb-backup", "mariabackup")
CLIENT = ("mariadb",)
BINLOG = ("mariadb-binlog",)
PACKAGES = (
    "apt: mariadb-server-core mariadb-client mariadb-backup",
    "dnf: mariadb-server mariadb mariadb-backup",
    "brew: mariadb",
)
# Debian keeps mariadbd in /usr/sbin, Fedora in /usr/libexec, which are on no ordinary user's PATH.
_OFF_PATH = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin")
_SHOWN_BYTES = 2000


class MariaDbMissing(RuntimeError):
    """A MariaDB program is not on this machine; the text names the packages that bring it."""


class ProgramFailed(RuntimeError):
    """A program ended with an error; the text holds the end of what it printed, never all of it."""


@functools.cache
def program(names: Sequence[str]) -> str:
    """Path of the first of `names` found on PATH or where distributions hide servers; raises MariaDbMissing."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *_OFF_PATH))
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise MariaDbMissing(f"MariaDB's {names[0]} is missing: install it with {', or '.join(PACKAGES)}")


def require() -> None:
    """Raise MariaDbMissing now, rather than in the middle of a rehearsal."""
    for names in (SERVER, INSTALL, BACKUP, CLIENT, BINLOG):
        program(names)


def run(command: Sequence[str], *, directory: Path) -> None:
    """Run to the end in `directory`; raises ProgramFailed with the end of its output."""
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
        if done.returncode:
            raise ProgramFailed(f"{Path(command[0]).name} ended with {done.returncode}: {tail(output)}")


def pipe(producer: Sequence[str], consumer: Sequence[str]) -> None:
    """`producer | consumer`; raises ProgramFailed when either fails: half a replay must never pass for a restore."""
    with tempfile.TemporaryFile() as produced, tempfile.TemporaryFile() as consumed:
        with subprocess.Popen(producer, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=produced) as source:
            sink = subprocess.run(consumer, stdin=source.stdout, stdout=subprocess.DEVNULL, stderr=consumed, check=False)
            if source.stdout:  # a producer must see that its reader is gone
                source.stdout.close()
        if sink.returncode:
            raise ProgramFailed(f"{Path(consumer[0]).name} ended with {sink.returncode}: {tail(consumed)}")
        if source.returncode:
            raise ProgramFailed(f"{Path(producer[0]).name} ended with {source.returncode}: {tail(produced)}")


def tail(output: IO[bytes]) -> str:
    """The end of an output file as text."""
    output.seek(0, os.SEEK_END)
    output.seek(max(0, output.tell() - _SHOWN_BYTES))
    return output.read().decode(errors="replace").strip()
