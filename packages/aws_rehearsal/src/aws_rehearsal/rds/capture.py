"""Physical backups of a server: taken hot, restored as files, brought forward by replaying the binary log.

`mariadb-backup` copies a running server and notes the binary log's position; `--prepare` makes the copy consistent at that
instant. A capture is never written to again: a restore copies it, because a server writes in place.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aws_rehearsal.clock import Clock
from aws_rehearsal.rds.journal import Position, log_file
from aws_rehearsal.rds.mariadb import Server
from aws_rehearsal.rds.programs import BACKUP, BINLOG, CLIENT, pipe, program, run

_NOTES = "xtrabackup_*", "mariadb_backup_*", "backup-my.cnf"
_POSITION = "xtrabackup_binlog_info", "mariadb_backup_binlog_info"  # named so before and since MariaDB 11.1


@dataclass(frozen=True)
class Capture:
    """Files of a server as of `moment` (virtual), when its binary log ended at `position`."""

    directory: Path
    moment: datetime
    position: Position

    @property
    def size(self) -> int:
        return sum(file.stat().st_size for file in self.directory.rglob("*") if file.is_file())

    def copy(self, directory: Path) -> Capture:
        """A physically separate copy: losing the region of one loses nothing of the other."""
        shutil.copytree(self.directory, directory)
        return Capture(directory, self.moment, self.position)

    def restore(self, data: Path) -> None:
        """Copy the files back as a data directory that does not exist yet."""
        shutil.copytree(self.directory, data, ignore=shutil.ignore_patterns(*_NOTES))

    def delete(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)


def capture(server: Server, directory: Path) -> Capture:
    """Back up a running server into a directory that does not exist yet; a failed attempt leaves nothing behind."""
    backup = program(BACKUP)
    connection = f"--defaults-file={server.client_settings}"
    # Its log thread sleeps this many milliseconds, and the end of every backup waits for it: the default is a second.
    speed = ("--log-copy-interval=10", "--innodb-flush-method=nosync")
    source, target = f"--datadir={server.data}", f"--target-dir={directory}"
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        run([backup, connection, "--backup", source, target, *speed], directory=server.directory)
        run([backup, "--no-defaults", "--prepare", target, "--innodb-flush-method=nosync"], directory=server.directory)
        note = next(path for name in _POSITION if (path := directory / name).exists())
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    file, offset = note.read_text().split()[:2]
    return Capture(directory, Clock.now(), Position.of(file, int(offset)))


def replay(logs: Path, start: Position, stop: Position, server: Server) -> None:
    """Apply what the binary log in `logs` holds from `start` up to `stop`; raises ProgramFailed on either side's error.

    A transaction that `stop` cuts in two is rolled back: it was not committed. The packet limit of 1 GB on both sides
    lets one big transaction through; with the default the client dies in the middle and leaves half a database.
    """
    if start >= stop:
        return
    files = [str(log_file(logs, number)) for number in range(start.number, stop.number + 1)]
    between = (f"--start-position={start.offset}", f"--stop-position={stop.offset}")
    pipe(
        [program(BINLOG), "--no-defaults", "--disable-log-bin", *between, *files],
        [program(CLIENT), f"--defaults-file={server.client_settings}", "--binary-mode", "--max-allowed-packet=1G"],
    )
