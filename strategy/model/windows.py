"""The two windows RDS keeps for itself, in UTC: the daily backup window and the weekly maintenance window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORTEST = timedelta(minutes=30)
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"


@dataclass(frozen=True)
class Span:
    """A stretch of time, `[start, end)`."""

    start: datetime
    end: datetime

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class DailyWindow:
    """RDS's PreferredBackupWindow, `hh:mm-hh:mm`; it may pass midnight."""

    start: time
    length: timedelta

    @classmethod
    def parse(cls, text: str) -> Self:
        match = re.fullmatch(f"{_CLOCK}-{_CLOCK}", text)
        if match is None:
            raise ValueError("a daily window is 'hh:mm-hh:mm' in UTC")
        first, last = (timedelta(hours=int(match[each]), minutes=int(match[each + 1])) for each in (1, 3))
        return cls(time(int(match[1]), int(match[2])), _length(first, last, timedelta(days=1)))

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Every opening that touches [start, end), oldest first."""
        opening = datetime.combine(start.date(), self.start, UTC) - timedelta(days=1)
        yield from _openings(opening, self.length, timedelta(days=1), start, end)


@dataclass(frozen=True)
class WeeklyWindow:
    """RDS's PreferredMaintenanceWindow, `ddd:hh:mm-ddd:hh:mm`."""

    weekday: int
    """Monday is 0."""
    start: time
    length: timedelta

    @classmethod
    def parse(cls, text: str) -> Self:
        day = f"({'|'.join(_DAYS)})"
        match = re.fullmatch(f"{day}:{_CLOCK}-{day}:{_CLOCK}", text.lower())
        if match is None:
            raise ValueError("a weekly window is 'ddd:hh:mm-ddd:hh:mm' in UTC, for example 'sun:19:00-sun:19:30'")
        first, last = (
            timedelta(days=_DAYS.index(match[each]), hours=int(match[each + 1]), minutes=int(match[each + 2])) for each in (1, 4)
        )
        return cls(first.days, time(int(match[2]), int(match[3])), _length(first, last, timedelta(days=7)))

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Every opening that touches [start, end), oldest first."""
        monday = start.date() - timedelta(days=start.weekday() + 7)
        opening = datetime.combine(monday + timedelta(days=self.weekday), self.start, UTC)
        yield from _openings(opening, self.length, timedelta(days=7), start, end)


def _length(first: timedelta, last: timedelta, cycle: timedelta) -> timedelta:
    length = (last - first) % cycle
    if length < _SHORTEST:
        raise ValueError("RDS windows last at least 30 minutes")
    return length


def _openings(opening: datetime, length: timedelta, cycle: timedelta, start: datetime, end: datetime) -> Iterator[Span]:
    while opening < end:
        if opening + length > start:
            yield Span(opening, opening + length)
        opening += cycle
