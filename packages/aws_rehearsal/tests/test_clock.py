from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from aws_rehearsal.clock import Clock

START = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock(START)
    clock.start()
    yield clock
    clock.stop()


def test_start_must_carry_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock(datetime(2026, 11, 2))  # noqa: DTZ001  the mistake under test


def test_sleeping_hours_takes_no_real_time(clock: Clock) -> None:
    started = time.perf_counter()
    clock.sleep(5 * 3600)
    assert clock.now() >= START + 5 * HOUR
    assert time.perf_counter() - started < 5


def test_a_calendar_entry_is_never_leapt_to(clock: Clock) -> None:
    fired = threading.Event()
    clock.call_after(HOUR, fired.set, leap=False)
    assert not fired.wait(0.15)


def test_a_leap_fires_calendar_entries_on_the_way_at_their_own_moment(clock: Clock) -> None:
    seen: list[datetime] = []
    clock.call_after(HOUR, lambda: seen.append(clock.now()), leap=False)
    clock.sleep(3 * 3600)
    assert len(seen) == 1
    assert abs(seen[0] - (START + HOUR)) < timedelta(minutes=1)


def test_advance_fires_everything_on_the_way_in_order(clock: Clock) -> None:
    seen: list[int] = []
    for hours in (3, 1, 2, 9):
        clock.call_after(hours * HOUR, lambda hours=hours: seen.append(hours), leap=False)  # type: ignore[misc]
    clock.advance_to(START + 4 * HOUR)
    assert seen == [1, 2, 3]
    assert clock.now() >= START + 4 * HOUR


def test_an_entry_made_while_advancing_is_not_missed(clock: Clock) -> None:
    seen: list[str] = []

    def first() -> None:
        clock.call_after(HOUR, lambda: seen.append("second"), leap=False)

    clock.call_after(HOUR, first, leap=False)
    clock.advance_to(START + 4 * HOUR)
    assert seen == ["second"]


def test_nothing_leaps_while_the_cloud_is_busy() -> None:
    busy = Clock(START, idle_seconds=lambda: 0.0)
    busy.start()
    try:
        fired = threading.Event()
        busy.call_after(HOUR, fired.set)
        assert not fired.wait(0.15)
    finally:
        busy.stop()


def test_a_cancelled_appointment_never_fires(clock: Clock) -> None:
    seen: list[str] = []
    clock.call_after(HOUR, lambda: seen.append("fired"), leap=False).cancel()
    clock.advance_to(START + 2 * HOUR)
    assert seen == []


def test_an_error_on_the_clock_reaches_whoever_drives_it(clock: Clock) -> None:
    def broken() -> None:
        raise RuntimeError("broken appointment")

    clock.call_after(HOUR, broken, leap=False)
    with pytest.raises(RuntimeError, match="broken appointment"):
        clock.advance_to(START + 2 * HOUR)


def test_stopping_wakes_sleepers_and_restores_real_time() -> None:
    clock = Clock(START, idle_seconds=lambda: 0.0)
    clock.start()
    sleeper = threading.Thread(target=clock.sleep, args=(3600,))
    sleeper.start()
    clock.stop()
    clock.stop()
    sleeper.join(timeout=120)
    assert not sleeper.is_alive()
    assert abs(datetime.now(UTC).timestamp() - time.time()) < 1
