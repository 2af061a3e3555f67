"""AWS's cron, as AWS Backup reads it: six fields, UTC, whole minutes.

    cron(minutes hours day-of-month month day-of-week year)

Why our own. No library on PyPI reads this dialect reliably: pyawscron 1.0.7 accepts `*` in both day fields, never returns on a
step of 0 and stops with an internal error on `29 2`, `LW` or `FRI-MON`; aws-croniter 2.1.1, better kept, stops on `LW` and never
fires on a lone `L` in day-of-week; croniter and cronsim read Unix's dialect (0 is Sunday, other fields). AWS's is
small, so it is written out here and tested against the reader of the embedded AWS, which shares no line with it.

Where AWS's page is silent, its model (the Quartz scheduler) decides: a lone `L` in day-of-week is Saturday; a range may run
past the end (`FRI-MON`, `22-2`); `31W` skips a month without a 31st; `W` never leaves its month; `L`, `W` and `#` stand alone.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_MONTHS = {
    name: number
    for number, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
_DAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
_SATURDAY = 7


class CronError(ValueError):
    """An expression AWS would not take. `field` is None when the expression as a whole is wrong."""

    def __init__(self, expression: str, field: str | None, value: str, allowed: str) -> None:
        where = f"{field} {value!r} is not allowed" if field else f"{value!r} is no schedule"
        self.problem = f"{where}; allowed: {allowed}"
        super().__init__(f"{expression!r}: {self.problem}")
        self.expression, self.field, self.value, self.allowed = expression, field, value, allowed


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    allowed: str
    names: dict[str, int]
    steps: bool = True


_MINUTE = _Field("minutes", 0, 59, "0-59 with , - * /", {})
_HOUR = _Field("hours", 0, 23, "0-23 with , - * /", {})
_DAY_OF_MONTH = _Field("day-of-month", 1, 31, "1-31 with , - * /, or one of ? L L-1..L-30 LW 1W..31W alone", {})
_MONTH = _Field("month", 1, 12, "1-12 or JAN-DEC with , - * /", _MONTHS)
_DAY_OF_WEEK = _Field(
    "day-of-week", 1, 7, "1-7 or SUN-SAT (1 = SUN) with , - *, or one of ? L FRIL FRI#1..FRI#5 alone", _DAYS, steps=False
)
_YEAR = _Field("year", 1970, 2199, "1970-2199 with , - * /", {})
_FIELDS = (_MINUTE, _HOUR, _DAY_OF_MONTH, _MONTH, _DAY_OF_WEEK, _YEAR)


class _RefusedError(Exception):
    """The text of one field does not parse; `parse` knows which field and says so."""


@dataclass(frozen=True)
class Cron:
    """A parsed expression."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    years: frozenset[int]
    day_of_month: str
    """As written, upper case; `?` when the day of the week decides."""
    day_of_week: str

    def days(self, year: int, month: int) -> list[int]:
        """The days of that month on which it runs, in order."""
        if self.day_of_month != "?":
            return _days_by_date(self.day_of_month, year, month)
        return _days_by_weekday(self.day_of_week, year, month)

    def runs(self, start: datetime, end: datetime) -> Iterator[datetime]:
        for day in self._dates(start, end):
            for hour in self.hours:
                for minute in self.minutes:
                    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                    if start <= moment < end:
                        yield moment

    def _dates(self, start: datetime, end: datetime) -> Iterator[date]:
        for year in range(start.year, end.year + 1):
            for month in range(1, 13):
                if year in self.years and month in self.months:
                    for day in self.days(year, month):
                        if start.date() <= date(year, month, day) <= end.date():
                            yield date(year, month, day)


@lru_cache(maxsize=256)
def parse(expression: str) -> Cron:
    """Read `cron(…)`; raise CronError naming the field, the value and what is allowed."""
    match = re.fullmatch(r"cron\((.*)\)", expression.strip())
    if match is None:
        raise CronError(expression, None, expression, "cron(minutes hours day-of-month month day-of-week year)")
    texts = match[1].upper().split()
    if len(texts) != len(_FIELDS):
        raise CronError(expression, None, f"{len(texts)} fields", "six fields: minutes hours day-of-month month day-of-week year")
    values: dict[str, set[int]] = {}
    for field, text in zip(_FIELDS, texts, strict=True):
        try:
            values[field.name] = _values(field, text)
        except _RefusedError:
            raise CronError(expression, field.name, text, field.allowed) from None
    if (texts[2] == "?") == (texts[4] == "?"):
        both = f"{texts[2]} and {texts[4]}"
        raise CronError(expression, "day-of-month and day-of-week", both, "'?' in exactly one of the two")
    return Cron(
        minutes=tuple(sorted(values["minutes"])),
        hours=tuple(sorted(values["hours"])),
        months=frozenset(values["month"]),
        years=frozenset(values["year"]),
        day_of_month=texts[2],
        day_of_week=texts[4],
    )


def runs(expression: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every moment `expression` fires in [start, end), oldest first, in UTC. Both moments must be aware."""
    for moment in (start, end):
        if moment.utcoffset() is None:
            raise ValueError(f"{moment!r} has no time zone; a time is an aware UTC datetime")
    return parse(expression).runs(start.astimezone(UTC), end.astimezone(UTC))


def _values(field: _Field, text: str) -> set[int]:
    """The numbers a field names; empty for a day word (`?`, `L`, `15W`, …), which only a month can resolve."""
    if field is _DAY_OF_MONTH and re.fullmatch(r"\?|L|LW|L-([1-9]|[12]\d|30)|0?[1-9]W|[12]\dW|3[01]W", text):
        return set()
    if field is _DAY_OF_WEEK and text in {"?", "L"}:
        return set()
    if field is _DAY_OF_WEEK and (match := re.fullmatch(r"(\w+?)(L|#[1-5])", text)):
        _number(field, match[1])
        return set()
    return {value for item in text.split(",") for value in _item(field, item)}


def _item(field: _Field, item: str) -> Iterable[int]:
    span, slash, step_text = item.partition("/")
    step = 1
    if slash:
        size = field.high - field.low + 1
        if not field.steps or not re.fullmatch(r"\d+", step_text) or not 1 <= int(step_text) <= size:
            raise _RefusedError
        step = int(step_text)
    if span == "*":
        return range(field.low, field.high + 1, step)
    first_text, dash, last_text = span.partition("-")
    first = _number(field, first_text)
    bare = field.high if slash else first
    last = _number(field, last_text) if dash else bare
    if last >= first:
        return range(first, last + 1, step)
    if field is _YEAR:
        raise _RefusedError
    size = field.high - field.low + 1
    return [(value - field.low) % size + field.low for value in range(first, last + size + 1, step)]


def _number(field: _Field, text: str) -> int:
    if text in field.names:
        return field.names[text]
    if not re.fullmatch(r"[0-9]{1,4}", text) or not field.low <= int(text) <= field.high:
        raise _RefusedError
    return int(text)


def _days_by_date(text: str, year: int, month: int) -> list[int]:
    last = calendar.monthrange(year, month)[1]
    if text == "L":
        return [last]
    if text == "LW":
        return [_nearest_weekday(year, month, last)]
    if text.startswith("L-"):
        day = last - int(text[2:])
        return [day] if day >= 1 else []
    if text.endswith("W"):
        day = int(text[:-1])
        return [_nearest_weekday(year, month, day)] if day <= last else []
    return sorted(day for day in _values(_DAY_OF_MONTH, text) if day <= last)


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The Monday-to-Friday day closest to `day`, in the same month."""
    last = calendar.monthrange(year, month)[1]
    weekday = date(year, month, day).weekday()
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day


def _days_by_weekday(text: str, year: int, month: int) -> list[int]:
    last = calendar.monthrange(year, month)[1]
    if text == "L":
        return _on({_SATURDAY}, year, month)
    if text.endswith("L"):
        return [day for day in _on({_number(_DAY_OF_WEEK, text[:-1])}, year, month) if day > last - 7]
    if "#" in text:
        name, _, nth = text.partition("#")
        return _on({_number(_DAY_OF_WEEK, name)}, year, month)[int(nth) - 1 : int(nth)]
    return _on(_values(_DAY_OF_WEEK, text), year, month)


def _on(numbers: set[int], year: int, month: int) -> list[int]:
    """Days of the month on those weekdays, in AWS's numbers (1 is Sunday)."""
    first = date(year, month, 1)
    last = calendar.monthrange(year, month)[1]
    return [day + 1 for day in range(last) if (first + timedelta(days=day)).isoweekday() % 7 + 1 in numbers]
