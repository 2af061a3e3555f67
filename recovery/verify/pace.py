"""How fast a server is read: not at all while it is busy with others' work, and not for longer than there is time.

Before each statement over a range (about a second of work), at most once in ASKED_EVERY, the server is asked how many of its
threads run, and how far a replica is behind. Above a limit reading pauses; after `patience` of pausing it ends, and nothing was
checked. Threads of this reading are among those counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from pymysql.cursors import Cursor

from recovery.verify.observer import MeasurementError, Quiet, Watch

MOST_RUNNING = 25
"""Threads at once: many more than the smallest instance has cores, and what tools that copy or check tables wait for."""
MOST_LAG = 60.0
"""Seconds: half of what a replica may be behind before monitors would call it late."""
PATIENCE = 600.0
"""Seconds of pausing, all in all."""
ASKED_EVERY = 2.0
_PAUSE = 1.0
_FOR_THE_REPORT = 60.0

Lag = Callable[[], float | None]
"""Seconds that the slowest replica is behind; None when there is none, or nobody knows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`ends_at` is of the monotonic clock: reading ends then, whatever is left."""

    running: int = MOST_RUNNING
    lag: float = MOST_LAG
    patience: float = PATIENCE
    ends_at: float | None = None


@dataclass(slots=True)
class Pace:
    """A Watch that waits. Tells `beside`, who looks on; safe to share between the threads of one measurement."""

    limits: Limits = field(default_factory=Limits)
    lag: Lag = lambda: None
    beside: Watch = field(default_factory=Quiet)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    rows: int = 0
    _asked: float = field(default=float("-inf"), init=False)
    _paused: float = field(default=0.0, init=False)
    _one: threading.Lock = field(default_factory=threading.Lock, init=False)

    def before(self, cursor: Cursor) -> None:
        """Who comes while another pauses waits for it."""
        with self._one:
            self._in_time()
            while self.clock() - self._asked >= ASKED_EVERY and (busy := self._busy(cursor)):
                if self._paused >= self.limits.patience:
                    raise MeasurementError(
                        f"{busy}, and was so for {self._paused:.0f} s: reading stopped, to be tried again later"
                    )
                self.sleep(_PAUSE)
                self._paused += _PAUSE
                self._in_time()
        self.beside.before(cursor)

    def read(self, part: str, rows: int) -> None:
        """Counts, and tells."""
        with self._one:
            self.rows += rows
        self.beside.read(part, rows)

    def page(self, items: int) -> None:
        """Of a scan of DynamoDB, which needs no pauses: it is throttled by itself, and pays for what it takes."""
        with self._one:
            self._in_time()
            self.rows += items
        self.beside.read("items", items)

    def _busy(self, cursor: Cursor) -> str:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_running'", ())
        running = int((cursor.fetchone() or ("", 0))[1])
        if running > self.limits.running:
            return f"the server runs {running} threads at once, more than {self.limits.running}"
        behind = self.lag()
        if behind is not None and behind > self.limits.lag:
            return f"a replica is {behind:.0f} s behind, more than {self.limits.lag:.0f} s"
        self._asked = self.clock()
        return ""

    @classmethod
    def of_function(cls, context: Any, *, seconds: float | None = None) -> Self:
        """For what a function may take: its time, or the `seconds` its caller gives it, less what its report needs.

        Without a context nobody ends it, as in a test.
        """
        if not context:
            return cls()
        left = min(context.get_remaining_time_in_millis() / 1000, seconds or float("inf"))
        return cls(Limits(ends_at=time.monotonic() + left - _FOR_THE_REPORT))

    def _in_time(self) -> None:
        if self.limits.ends_at is not None and self.clock() >= self.limits.ends_at:
            raise MeasurementError(
                f"there was no time for more than {self.rows} rows or items: verify it by `recovery verify`, which takes its time"
            )
