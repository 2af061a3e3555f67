"""Bounded load: reading pauses while a server is busy, ends when it stays so, and ends in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from recovery.verify.observer import MeasurementError
from recovery.verify.pace import ASKED_EVERY, Limits, Pace


class Server:
    """As a cursor: how many threads run, each time it is asked."""

    def __init__(self, *running: int) -> None:
        self._running: Iterator[int] = iter(running)
        self.asked = 0

    def execute(self, statement: str, _values: object) -> None:
        assert statement == "SHOW GLOBAL STATUS LIKE 'Threads_running'"
        self.asked += 1

    def fetchone(self) -> tuple[str, str]:
        return "Threads_running", str(next(self._running))


class Clock:
    def __init__(self) -> None:
        self.now, self.slept = 0.0, 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now, self.slept = self.now + seconds, self.slept + seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace(clock: Clock, limits: Limits | None = None, **more: Any) -> Pace:
    return Pace(limits or Limits(running=10, lag=5, patience=3), clock=clock, sleep=clock.sleep, **more)


def before(of: Pace, server: Server) -> None:
    cursor: Any = server
    of.before(cursor)


def test_a_quiet_server_is_read_at_once_and_asked_once_in_a_while(clock: Clock) -> None:
    server, of = Server(10, 10), pace(clock)
    before(of, server)
    before(of, server)
    assert (server.asked, clock.slept) == (1, 0)
    clock.now += ASKED_EVERY
    before(of, server)
    assert (server.asked, clock.slept) == (2, 0)


@pytest.mark.proves("verification.pace")
def test_reading_pauses_until_a_busy_server_is_quiet(clock: Clock) -> None:
    before(pace(clock), Server(11, 40, 10))
    assert clock.slept == 2


def test_reading_ends_when_the_server_stays_busy(clock: Clock) -> None:
    with pytest.raises(MeasurementError, match="runs 11 threads at once, more than 10, and was so for 3 s"):
        before(pace(clock), Server(11, 11, 11, 11))


def test_pauses_count_together(clock: Clock) -> None:
    of = pace(clock)
    before(of, Server(11, 11, 10))
    clock.now += ASKED_EVERY
    with pytest.raises(MeasurementError, match="was so for 3 s"):
        before(of, Server(11, 11))


@pytest.mark.proves("verification.pace")
def test_reading_pauses_while_a_replica_is_behind(clock: Clock) -> None:
    behind = iter([9.0, 6.0, 5.0])
    before(pace(clock, lag=lambda: next(behind)), Server(1, 1, 1))
    assert clock.slept == 2
    with pytest.raises(MeasurementError, match="a replica is 9 s behind, more than 5 s"):
        before(pace(clock, lag=lambda: 9.0), Server(1, 1, 1, 1))


@pytest.mark.proves("verification.pace")
def test_reading_ends_in_time_also_while_it_pauses(clock: Clock) -> None:
    of = pace(clock, Limits(running=10, patience=99, ends_at=2))
    of.read("a.b", 1000)
    with pytest.raises(MeasurementError, match="no time for more than 1000 rows"):
        before(of, Server(*[11] * 9))
    assert clock.now == 2


def test_a_scan_ends_in_time(clock: Clock) -> None:
    of = pace(clock, Limits(ends_at=2))
    of.page(500)
    clock.now = 2
    with pytest.raises(MeasurementError, match="no time for more than 500 rows or items"):
        of.page(1)


def test_rows_are_counted_and_told(clock: Clock) -> None:
    told = []

    class Told:
        def before(self, cursor: object) -> None:
            told.append(cursor)

        def read(self, part: str, rows: int) -> None:
            told.append((part, rows))

    of = pace(clock, beside=Told())
    server = Server(1)
    before(of, server)
    of.read("a.b", 3)
    of.read("a.c", 4)
    assert (of.rows, told) == (7, [server, ("a.b", 3), ("a.c", 4)])
