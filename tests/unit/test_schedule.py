"""Which rule really runs, over 12 months."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategy import load
from strategy.checks.schedule import distinct, effective, horizon, runs, table, table_text, widest_gap
from strategy.model.backup_plan import Rule

TODAY = date(2026, 11, 23)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def rule(name: str, schedule: str, keep: str, start_window: str = "60m") -> Rule:
    values: dict[str, Any] = {"name": name, "schedule": schedule, "keep": keep, "copy_keep": keep}
    return Rule.model_validate({**values, "start_window": start_window, "completion_window": "24h"})


def names(*rules: Rule, days: int = 1, start: datetime = datetime(2026, 11, 23, tzinfo=UTC)) -> list[tuple[str, str]]:
    return [(f"{run.at:%d %H:%M}", run.rule.name) for run in effective(rules, start, start + timedelta(days=days))]


@pytest.mark.proves("schedule.overlap")
def test_the_three_rules_as_the_strategy_wrote_them() -> None:
    rows = table(load("dev").rules, TODAY)
    assert [(row.at, row.days, row.rule, row.instead_of) for row in rows] == [
        (time(2), DAYS, "daily-backup-rule", ("12-hour-backup-rule",)),
        (time(3), ("Sun",), "weekly-backup-rule", ()),
        (time(14), DAYS, "12-hour-backup-rule", ()),
    ]
    assert [row.runs for row in rows] == [366, 52, 366]
    assert (rows[1].first, rows[1].last) == (datetime(2026, 11, 29, 3, tzinfo=UTC), datetime(2027, 11, 21, 3, tzinfo=UTC))


def test_the_table_prints() -> None:
    assert table_text(table(load("dev").rules, TODAY)).splitlines() == [
        "UTC    days       rule that runs       instead of           runs  first       last",
        "02:00  every day  daily-backup-rule    12-hour-backup-rule  366   2026-11-23  2027-11-23",
        "03:00  Sun        weekly-backup-rule   -                    52    2026-11-29  2027-11-21",
        "14:00  every day  12-hour-backup-rule  -                    366   2026-11-23  2027-11-23",
    ]


def test_on_a_sunday_two_runs_follow_each_other_while_their_windows_only_touch() -> None:
    sunday = datetime(2026, 11, 29, tzinfo=UTC)
    runs = names(*load("dev").rules, start=sunday)
    assert runs == [("29 02:00", "daily-backup-rule"), ("29 03:00", "weekly-backup-rule"), ("29 14:00", "12-hour-backup-rule")]


def test_a_longer_start_window_lets_the_weekly_rule_swallow_sunday_s_daily_run() -> None:
    sunday = datetime(2026, 11, 29, tzinfo=UTC)
    longer = [each.model_copy(update={"start_window": timedelta(minutes=61)}) for each in load("dev").rules]
    assert names(*longer, start=sunday) == [("29 03:00", "weekly-backup-rule"), ("29 14:00", "12-hour-backup-rule")]


def test_a_window_of_eight_hours_swallows_the_hourly_runs_within_it() -> None:
    hourly = rule("hourly", "cron(0 * * * ? *)", "1d")
    twice = rule("twice", "cron(0 0,12 * * ? *)", "7d", "8h")
    # The hour before counts too: its own start window reaches to, not into, the longer rule's.
    assert [at for at, name in names(hourly, twice) if name == "hourly"] == [
        f"23 {hour:02}:00" for hour in (8, 9, 10, 11, 20, 21, 22, 23)
    ]


def test_a_window_opened_before_the_start_still_displaces() -> None:
    monthly = rule("monthly", "cron(0 22 22 * ? *)", "30d", "8h")
    daily = rule("daily", "cron(0 2,14 * * ? *)", "7d")
    assert names(monthly, daily) == [("23 14:00", "daily")]


def test_a_run_before_the_start_that_gave_way_displaces_nothing() -> None:
    longest = rule("longest", "cron(0 16 * * ? *)", "30d", "7h")
    middle = rule("middle", "cron(45 22 * * ? *)", "7d", "2h")
    short = rule("short", "cron(0 0 * * ? *)", "1d")
    assert ("23 00:00", "short") in names(longest, middle, short)


def test_a_run_that_gave_way_displaces_nothing() -> None:
    longest = rule("longest", "cron(0 4 * * ? *)", "30d", "2h")
    middle = rule("middle", "cron(0 2 * * ? *)", "7d", "3h")
    short = rule("short", "cron(0 1 * * ? *)", "3d", "2h")
    assert names(longest, middle, short) == [("23 01:00", "short"), ("23 04:00", "longest")]


def test_equal_retention_goes_by_the_order_of_the_file() -> None:
    one, two = rule("one", "cron(0 2 * * ? *)", "7d"), rule("two", "cron(30 2 * * ? *)", "7d")
    assert names(one, two) == [("23 02:00", "one")]
    assert names(two, one) == [("23 02:30", "two")]


def test_the_widest_gap_counts_the_start_window_of_the_run_that_ends_it() -> None:
    span = horizon(TODAY)
    rules = (rule("morning", "cron(0 2 * * ? *)", "7d"), rule("evening", "cron(0 20 * * ? *)", "7d", "2h"))
    gap = widest_gap(effective(rules, span.start, span.end), span)
    assert (gap.start.hour, gap.end - gap.start, gap.next and gap.next.rule.name) == (2, timedelta(hours=20), "evening")


def test_a_schedule_that_ends_leaves_a_gap_without_end() -> None:
    span = horizon(TODAY)
    gap = widest_gap(effective((rule("old", "cron(0 2 * * ? 2026)", "7d"),), span.start, span.end), span)
    assert (gap.start, gap.next) == (datetime(2026, 12, 31, 2, tzinfo=UTC), None)
    assert widest_gap((), span).next is None


@st.composite
def plans(draw: st.DrawFn) -> tuple[Rule, ...]:
    return tuple(
        rule(
            f"rule-{index}",
            f"cron({draw(st.sampled_from((0, 15, 30)))} {draw(st.integers(0, 23))}/{draw(st.integers(1, 12))} * * ? *)",
            f"{draw(st.integers(1, 40))}d",
            f"{draw(st.integers(60, 600))}m",
        )
        for index in range(draw(st.integers(1, 4)))
    )


@pytest.mark.proves("schedule.overlap")
@settings(max_examples=100, deadline=None)
@given(plans())
def test_no_two_rules_run_at_once_and_nobody_gives_way_for_nothing(rules: tuple[Rule, ...]) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    inner = effective(rules, start, start + timedelta(days=2))
    wide = effective(rules, start - timedelta(days=1), start + timedelta(days=3))
    for one in inner:
        for other in inner:
            assert one.rule == other.rule or not one.window.overlaps(other.window)
    for each in rules:
        every = effective((each,), start, start + timedelta(days=2))
        for dropped in {run.at for run in every} - {run.at for run in inner if run.rule == each}:
            window = next(run.window for run in every if run.at == dropped)
            assert any(run.rule.keep >= each.keep and run.rule != each and run.window.overlaps(window) for run in wide)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_rule_of_every_environment_runs(environment: str) -> None:
    rules = load(environment).rules
    assert {row.rule for row in table(rules, TODAY)} == {each.name for each in rules}


def test_what_happens_once_at_each_moment_is_started_by_the_fewest_rules() -> None:
    assert [rule.name for rule in distinct(load("dev").rules)] == ["12-hour-backup-rule", "weekly-backup-rule"]


def test_of_two_rules_that_always_start_together_the_first_stays() -> None:
    first, second = rule("first", "cron(0 2 * * ? *)", "3d"), rule("second", "cron(0 2 ? * * *)", "7d")
    assert distinct((first, second)) == (first,)


def test_a_rule_that_names_years_is_never_left_out() -> None:
    always, once = rule("always", "cron(0 2 * * ? *)", "3d"), rule("once", "cron(0 2 1 1 ? 2027)", "7d")
    assert distinct((always, once)) == (always, once)


@given(
    st.lists(st.sampled_from(["0 2,14 * * ? *", "0 2 * * ? *", "0 3 ? * SUN *", "0 2 ? * MON#1 *", "0 14 L * ? *"]), min_size=1)
)
@settings(max_examples=30, deadline=None)
def test_every_moment_of_every_rule_keeps_a_starter(schedules: list[str]) -> None:
    rules = tuple(rule(f"rule-{number}", f"cron({each})", "3d") for number, each in enumerate(schedules))
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    moments = [{moment for each in some for moment in runs(each.schedule, start, end)} for some in (rules, distinct(rules))]
    assert moments[0] == moments[1]
