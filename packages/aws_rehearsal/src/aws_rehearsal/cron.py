"""AWS's cron, `cron(minutes hours day-of-month month day-of-week year)`: when it fires, in UTC, and what AWS would not take.

Read by asking of each day whether the text holds for it, and never by building sets of numbers: a project that has a reader of
its own can compare the two, since they share no line. Where AWS's page is silent, its model (the Quartz scheduler)
decides: a lone `L` in day-of-week is Saturday, a range may run past the end (`FRI-MON`), `31W` skips a month without a 31st,
and `W` never leaves its month.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DATE_WORD = re.compile(r"\?|L|LW|L-([1-9]|[12]\d|30)|0?[1-9]W|[12]\dW|3[01]W")
_DAY = rf"([1-7]|{'|'.join(_DAYS)})"
_DAY_WORD = re.compile(rf"\?|L|{_DAY}L|{_DAY}#[1-5]")


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    word: re.Pattern[str] | None = None
    """What may stand alone instead of numbers."""
    steps: bool = True
    wraps: bool = True


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day-of-month", 1, 31, word=_DATE_WORD),
    _Field("month", 1, 12, _MONTHS),
    _Field("day-of-week", 1, 7, _DAYS, _DAY_WORD, steps=False),
    _Field("year", 1970, 2199, wraps=False),
)
_MINUTES, _HOURS, _DATES, _MONTH, _WEEKDAYS, _YEARS = _FIELDS


def runs(expression: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every moment at which `expression` fires in [start, end), oldest first. Both moments are aware.

    Raises ValueError at the call, naming the field, for what AWS would not take.
    """
    fields = _checked(expression)
    return _moments(fields, start.astimezone(UTC), end.astimezone(UTC))


def _moments(fields: tuple[str, ...], start: datetime, end: datetime) -> Iterator[datetime]:
    times = _times(*fields[:2])
    day = start.date()
    while day <= end.date():
        if not _holds(fields[5], day.year, _YEARS):
            day = date(day.year + 1, 1, 1)
            continue
        if not _holds(fields[3], day.month, _MONTH):
            day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            continue
        if _fires_on(fields, day):
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
            yield from (moment for time in times if start <= (moment := midnight + time) < end)
        day += timedelta(days=1)


@lru_cache(maxsize=256)
def _checked(expression: str) -> tuple[str, ...]:
    match = re.fullmatch(r"cron\((.*)\)", expression.strip())
    fields = tuple(match[1].upper().split()) if match else ()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{expression!r} is no cron(minutes hours day-of-month month day-of-week year)")
    for field, text in zip(_FIELDS, fields, strict=True):
        if not _allowed(field, text):
            raise ValueError(f"{expression!r}: {field.name} {text!r} is not allowed")
    if (fields[2] == "?") == (fields[4] == "?"):
        raise ValueError(f"{expression!r}: '?' stands in exactly one of day-of-month and day-of-week")
    return fields


def _allowed(field: _Field, text: str) -> bool:
    if field.word is not None and field.word.fullmatch(text):
        return True
    return all(_part_allowed(field, part) for part in text.split(","))


def _part_allowed(field: _Field, part: str) -> bool:
    span, slash, step = part.partition("/")
    if slash and not (field.steps and step.isdecimal() and int(step) >= 1):
        return False
    if span == "*":
        return True
    ends = span.split("-")
    if len(ends) > 2 or not all(_is_number(field, each) for each in ends):
        return False
    return field.wraps or len(ends) == 1 or int(ends[0]) <= int(ends[1])


def _is_number(field: _Field, text: str) -> bool:
    return text in field.names or (text.isascii() and text.isdecimal() and field.low <= int(text) <= field.high)


@lru_cache(maxsize=256)
def _times(minutes: str, hours: str) -> tuple[timedelta, ...]:
    return tuple(
        timedelta(hours=hour, minutes=minute)
        for hour in range(24)
        if _holds(hours, hour, _HOURS)
        for minute in range(60)
        if _holds(minutes, minute, _MINUTES)
    )


def _fires_on(fields: tuple[str, ...], day: date) -> bool:
    return (fields[2] == "?" or _date_holds(fields[2], day)) and (fields[4] == "?" or _weekday_holds(fields[4], day))


@lru_cache(maxsize=4096)
def _holds(text: str, value: int, field: _Field) -> bool:
    """Whether a list of numbers, ranges and steps names `value`."""
    size = field.high - field.low + 1
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            begin, end = field.low, field.high
        elif "-" in span:
            begin, end = (_number(field, each) for each in span.split("-"))
        else:
            begin = _number(field, span)
            end = field.high if step else begin
        distance = (value - begin) % size
        if distance <= (end - begin) % size and distance % int(step or 1) == 0:
            return True
    return False


def _number(field: _Field, text: str) -> int:
    return field.names.index(text) + 1 if text in field.names else int(text)


def _date_holds(text: str, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    if text == "L":
        return day.day == last
    if text.startswith("L-"):
        return last - day.day == int(text[2:])
    if text.endswith("W"):
        wanted = last if text == "LW" else int(text[:-1])
        weekdays = [each for each in range(1, last + 1) if date(day.year, day.month, each).weekday() < 5]
        # A Saturday's nearest weekday is Friday, a Sunday's is Monday; one day away always beats two.
        return wanted <= last and day.day == min(weekdays, key=lambda each: abs(each - wanted))
    return _holds(text, day.day, _DATES)


def _weekday_holds(text: str, day: date) -> bool:
    mine = day.isoweekday() % 7 + 1
    if text == "L":
        return mine == 7
    if text.endswith("L"):
        return _number(_WEEKDAYS, text[:-1]) == mine and (day + timedelta(days=7)).month != day.month
    if "#" in text:
        name, _, nth = text.partition("#")
        return _number(_WEEKDAYS, name) == mine and (day.day + 6) // 7 == int(nth)
    return _holds(text, mine, _WEEKDAYS)
