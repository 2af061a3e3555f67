"""When, in virtual time, the binary log had reached which position.

The binary log's own timestamps are the machine's real time, in whole seconds, and the virtual clock leaps days in a
millisecond. So we do not use them. Instead the length of the log is noted against the virtual clock: before every leap, and
every `LOOK_SECONDS` of ticking. A log only grows, and a commit is in the file before the client hears of it; hence the
last note at or before a moment names everything that was committed by then, give or take one look, and recovery
replays to a *position* (`--stop-position`), never to a datetime. AWS resolves to one second.
"""

from __future__ import annotations

import bisect
import os
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aws_rehearsal.clock import Clock

LOG_NAME = "binlog"
LOOK_SECONDS = 0.05


@dataclass(frozen=True, order=True)
class Position:
    """A place in a binary log: the number of its file, and the byte."""

    number: int
    offset: int

    @classmethod
    def of(cls, file: str, offset: int) -> Position:
        """From MariaDB's spelling: `binlog.000003`, 1234."""
        return cls(int(file.rsplit(".", 1)[1]), offset)


def log_file(logs: Path, number: int) -> Path:
    return logs / f"{LOG_NAME}.{number:06d}"


class Journal:
    """The notes of one server's life. `look` is cheap (a stat) and may be called from any thread."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.moments: list[datetime] = []
        self.positions: list[Position] = []
        self._lock = threading.Lock()
        self._number, self._size = 0, -1
        self._next = str(log_file(logs, 1))
        self._go_on()

    def _go_on(self) -> None:
        self._number, self._size = self._number + 1, -1
        self._file, self._next = self._next, str(log_file(self.logs, self._number + 1))

    def look(self) -> None:
        """Note the end of the log. The length is read before the time: a commit is never noted earlier than it was."""
        with self._lock:
            while os.path.exists(self._next):  # noqa: PTH110  twenty times a second, of every server
                self._go_on()
            try:
                size = os.stat(self._file).st_size  # noqa: PTH116
            except FileNotFoundError:
                return  # deleted with its region, while its server was being killed
            if size == self._size:
                return
            position, self._size = Position(self._number, size), size
            if not self.positions or position > self.positions[-1]:
                self.positions.append(position)
                self.moments.append(Clock.now())

    def position_at(self, moment: datetime) -> Position:
        """Where the log ended at `moment`; raises LookupError before the first note."""
        with self._lock:
            index = bisect.bisect_right(self.moments, moment)
            if not index:
                raise LookupError(f"the binary log had not begun at {moment}")
            return self.positions[index - 1]

    def copy_until(self, end: Position, logs: Path) -> Journal:
        """The same notes up to `end`, for a copy of the log kept elsewhere."""
        journal = Journal(logs)
        with self._lock:
            count = bisect.bisect_right(self.positions, end)
            journal.moments, journal.positions = self.moments[:count], self.positions[:count]
        return journal
