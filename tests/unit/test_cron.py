"""AWS cron: examples from AWS's page, refusals, and a comparison with the embedded AWS, whose reader shares no line with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_rehearsal import cron
from strategy.checks.schedule import CronError, parse, runs

START = datetime(2026, 11, 23, tzinfo=UTC)
YEARS = timedelta(days=366 * 2)


def first(expression: str, count: int, *, start: datetime = START) -> list[str]:
    found = []
    for moment in runs(expression, start, start + YEARS):
        found.append(moment.strftime("%Y-%m-%d %H:%M"))
        if len(found) == count:
            break
    return found


@pytest.mark.proves("schedule.cron")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 2,14 * * ? *)", ["2026-11-23 02:00", "2026-11-23 14:00", "2026-11-24 02:00"]),
        ("cron(0 3 ? * SUN *)", ["2026-11-29 03:00", "2026-12-06 03:00"]),
        ("cron(0/15 8-17/9 ? * mon-fri *)", ["2026-11-23 08:00", "2026-11-23 08:15", "2026-11-23 08:30"]),
        ("cron(5 1 L * ? *)", ["2026-11-30 01:05", "2026-12-31 01:05", "2027-01-31 01:05", "2027-02-28 01:05"]),
        ("cron(5 1 L-2 * ? *)", ["2026-11-28 01:05", "2026-12-29 01:05"]),
        ("cron(5 1 LW * ? *)", ["2026-11-30 01:05", "2026-12-31 01:05", "2027-01-29 01:05"]),
        ("cron(5 1 1W * ? *)", ["2026-12-01 01:05", "2027-01-01 01:05", "2027-02-01 01:05"]),
        ("cron(5 1 1W 5 ? *)", ["2027-05-03 01:05"]),  # 1 May 2027 is a Saturday: Monday, not April
        ("cron(5 1 31W * ? *)", ["2026-12-31 01:05", "2027-01-29 01:05", "2027-03-31 01:05"]),
        ("cron(5 1 ? * 3#2 *)", ["2026-12-08 01:05", "2027-01-12 01:05"]),
        ("cron(5 1 ? * 6L *)", ["2026-11-27 01:05", "2026-12-25 01:05"]),
        ("cron(5 1 ? * FRI#5 *)", ["2027-01-29 01:05", "2027-04-30 01:05"]),
        ("cron(5 1 ? * L *)", ["2026-11-28 01:05", "2026-12-05 01:05"]),
        ("cron(5 1 ? * FRI-MON *)", ["2026-11-23 01:05", "2026-11-27 01:05", "2026-11-28 01:05", "2026-11-29 01:05"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29 00:00"]),
        ("cron(0 0 1 1 ? 2028)", ["2028-01-01 00:00"]),
    ],
)
def test_runs(expression: str, expected: list[str]) -> None:
    assert first(expression, len(expected)) == expected


def test_start_is_inside_and_end_is_outside() -> None:
    two = START + timedelta(hours=2)
    assert list(runs("cron(0 2 * * ? *)", two, two + timedelta(days=1))) == [two]
    assert list(runs("cron(0 2 * * ? *)", two + timedelta(microseconds=1), two + timedelta(days=1))) == []


def test_other_zones_are_read_as_the_same_moment_in_utc() -> None:
    singapore = timezone(timedelta(hours=8))
    found = list(runs("cron(0 2 * * ? *)", datetime(2026, 11, 23, 10, tzinfo=singapore), START + timedelta(days=1)))
    assert found == [START + timedelta(hours=2)]
    assert found[0].tzinfo is UTC


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        runs("cron(0 2 * * ? *)", START.replace(tzinfo=None), START)


@pytest.mark.parametrize(
    ("expression", "field", "value"),
    [
        ("rate(12 hours)", None, "rate(12 hours)"),
        ("0 2 * * ? *", None, "0 2 * * ? *"),
        ("cron(0 2 * * ?)", None, "5 fields"),
        ("cron(60 2 * * ? *)", "minutes", "60"),
        ("cron(0 24 * * ? *)", "hours", "24"),
        ("cron(0/0 2 * * ? *)", "minutes", "0/0"),
        ("cron(0 /5 * * ? *)", "hours", "/5"),
        ("cron(0 2,, * * ? *)", "hours", "2,,"),
        ("cron(0 2 0 * ? *)", "day-of-month", "0"),
        ("cron(0 2 32W * ? *)", "day-of-month", "32W"),
        ("cron(0 2 1,L * ? *)", "day-of-month", "1,L"),
        ("cron(0 2 L-31 * ? *)", "day-of-month", "L-31"),
        ("cron(0 2 * 13 ? *)", "month", "13"),
        ("cron(0 2 ? * 0 *)", "day-of-week", "0"),
        ("cron(0 2 ? * MON/2 *)", "day-of-week", "MON/2"),
        ("cron(0 2 ? * 3#6 *)", "day-of-week", "3#6"),
        ("cron(0 2 ? * 3#1,6#3 *)", "day-of-week", "3#1,6#3"),
        ("cron(0 2 * * ? 1969)", "year", "1969"),
        ("cron(0 2 * * ? 2030-2027)", "year", "2030-2027"),
        ("cron(0 2 * * * *)", "day-of-month and day-of-week", "* and *"),
        ("cron(0 2 ? * ? *)", "day-of-month and day-of-week", "? and ?"),
    ],
)
def test_refusals_name_field_value_and_what_is_allowed(expression: str, field: str | None, value: str) -> None:
    with pytest.raises(CronError) as caught:
        parse(expression)
    assert (caught.value.field, caught.value.value) == (field, value)
    assert value in str(caught.value)
    assert caught.value.allowed in str(caught.value)
    with pytest.raises(ValueError, match="cron"):
        cron.runs(expression, START, START + YEARS)


MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def plain(
    low: int, high: int, names: list[str] | None = None, *, steps: bool = True, wraps: bool = True
) -> st.SearchStrategy[str]:
    one = st.integers(low, high).flatmap(
        lambda value: st.sampled_from([str(value), names[value - 1]]) if names else st.just(str(value))
    )
    pair = st.tuples(st.integers(low, high), st.integers(low, high))
    if not wraps:
        pair = pair.map(lambda each: (min(each), max(each)))
    spans = pair.map(lambda each: f"{each[0]}-{each[1]}")
    items = [one, spans]
    if steps:
        step = st.integers(1, high - low + 1)
        items.append(st.tuples(st.one_of(st.just("*"), one, spans), step).map(lambda each: f"{each[0]}/{each[1]}"))
    return st.one_of(st.just("*"), st.lists(st.one_of(items), min_size=1, max_size=3).map(",".join))


days_of_month = st.one_of(
    plain(1, 31),
    st.sampled_from(["L", "LW"]),
    st.integers(1, 30).map("L-{}".format),
    st.integers(1, 31).map("{}W".format),
)
weekdays = st.one_of(st.integers(1, 7).map(str), st.sampled_from(DAY_NAMES))
days_of_week = st.one_of(
    plain(1, 7, DAY_NAMES, steps=False),
    st.just("L"),
    weekdays.map("{}L".format),
    st.tuples(weekdays, st.integers(1, 5)).map(lambda each: f"{each[0]}#{each[1]}"),
)
days = st.one_of(days_of_month.map(lambda each: (each, "?")), days_of_week.map(lambda each: ("?", each)))
expressions = st.builds(
    lambda minutes, hours, day, month, year: f"cron({minutes} {hours} {day[0]} {month} {day[1]} {year})",
    plain(0, 59),
    plain(0, 23),
    days,
    plain(1, 12, MONTH_NAMES),
    st.one_of(st.just("*"), plain(2024, 2032, wraps=False)),
)
starts = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone


@pytest.mark.proves("schedule.cron")
@settings(max_examples=150, deadline=None)
@given(expressions, starts)
def test_runs_of_two_days_agree_minute_by_minute(expression: str, start: datetime) -> None:
    end = start + timedelta(days=2)
    assert list(runs(expression, start, end)) == list(cron.runs(expression, start, end))


@pytest.mark.proves("schedule.cron")
@settings(max_examples=150, deadline=None)
@given(days, plain(1, 12, MONTH_NAMES), starts)
def test_days_of_two_years_agree_day_by_day(day: tuple[str, str], month: str, start: datetime) -> None:
    expression = f"cron(0 2 {day[0]} {month} {day[1]} *)"
    end = start + timedelta(days=731)
    assert list(runs(expression, start, end)) == list(cron.runs(expression, start, end))
