"""Whether what was found keeps the promises: values in, values out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.aws import NotChecked
from recovery.status.facts import Fact, Live, Missing, Point, Premise, Window
from recovery.status.judgement import Promise, Source, StoreStatus, judge, promise
from strategy import load
from strategy.model.strategy import Scenario

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PROMISE = Promise("copies", Scenario.REGION_LOSS, rpo=12 * HOUR, limit=12 * HOUR, expected=6 * HOUR, rto=12 * HOUR)
HISTORY = replace(PROMISE, scenario=Scenario.POINT_IN_TIME, rpo=5 * MINUTE, limit=5 * MINUTE, keeps=7 * DAY)


def point(age: timedelta, **changes: Any) -> Point:
    return replace(Point("arn:point", NOW - age, NOW + DAY, (), "manifests/mysql/x.json", None), **changes)


def window(back: timedelta = 7 * DAY, lag: timedelta = 4 * MINUTE, **changes: Any) -> Window:
    return replace(Window(NOW - back, NOW - lag, 7 * DAY, NOW - 90 * DAY), **changes)


def judged(fact: Fact, promised: Promise | None = PROMISE) -> Source:
    return judge(fact, promise=promised, where="copy vault", now=NOW)


@pytest.mark.parametrize(
    "age",
    [timedelta(), 6 * HOUR, 12 * HOUR, 12 * HOUR + timedelta(seconds=59), -MINUTE],
    ids=["now", "6h", "12h", "12h59s", "ahead"],
)
def test_fresh_enough_is_kept(age: timedelta) -> None:
    source = judged(point(age))
    assert (source.state, source.age) == ("kept", max(age, timedelta()))


def test_older_than_the_rpo_is_broken_and_says_by_how_much() -> None:
    source = judged(point(12 * HOUR + MINUTE))
    assert source.state == "broken"
    assert source.problems == ("the newest data is 12h 1m old, the RPO is 12h",)


def test_what_the_strategy_accepts_is_said_when_that_is_passed_too() -> None:
    accepted = replace(PROMISE, limit=15 * HOUR)
    assert judged(point(14 * HOUR), accepted).state == "kept"
    assert judged(point(16 * HOUR), accepted).problems == ("the newest data is 16h old, the RPO is 12h (accepted up to 15h)",)


def test_a_clock_that_is_behind_makes_nothing_fresh() -> None:
    source = judged(point(-HOUR))
    assert source.state == "broken"
    assert "past now: set this machine's clock, or give --now" in source.problems[0]


@pytest.mark.proves("restore.not-checked")
def test_nothing_is_a_broken_promise() -> None:
    source = judged(Missing("none of 3 is usable", ("3: its key k is Disabled",)))
    assert (source.state, source.problems) == ("broken", ("none of 3 is usable; 3: its key k is Disabled",))


def test_what_cannot_be_verified_is_broken() -> None:
    assert "could not be verified" in judged(point(HOUR, manifest=None)).problems[0]


@pytest.mark.proves("restore.not-checked")
@pytest.mark.parametrize(
    "fact",
    [
        NotChecked("ListRecoveryPointsByBackupVault was refused (AccessDenied)"),
        point(HOUR, manifest=NotChecked("ListObjectsV2 was refused (AccessDenied)")),
        point(HOUR, key=NotChecked("DescribeKey was refused (AccessDenied)")),
    ],
    ids=["points", "manifest", "key"],
)
def test_what_was_refused_is_not_checked_and_never_kept(fact: Fact) -> None:
    source = judged(fact)
    assert (source.state, source.problems) == ("not checked", ())
    assert "was refused (AccessDenied)" in source.not_checked[0]


def test_what_is_not_promised_is_shown_and_cannot_be_broken() -> None:
    for fact in (Missing("the vault has none of it"), point(90 * DAY), window(lag=DAY)):
        assert judged(fact, None).state == "not promised"


def test_a_window_as_promised_is_kept() -> None:
    assert judged(window(), HISTORY).state == "kept"
    assert judged(window(lag=5 * MINUTE + timedelta(seconds=40)), HISTORY).state == "kept"


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (window(lag=HOUR), "the newest data is 1h old, the RPO is 5m"),
        (window(keeps=DAY), "it is set to reach back 24h, promised are 7d"),
        (window(keeps=timedelta()), "it is set to reach back 0m, promised are 7d"),
        (window(back=2 * DAY), "it was interrupted"),
    ],
    ids=["late", "set short", "off", "interrupted"],
)
def test_a_window_that_is_late_or_short_is_broken(found: Window, problem: str) -> None:
    source = judged(found, HISTORY)
    assert source.state == "broken"
    assert problem in source.problems[0]


def test_a_new_store_has_had_no_time_for_a_longer_window() -> None:
    assert judged(window(back=2 * DAY, since=NOW - 2 * DAY - HOUR), HISTORY).state == "kept"


@pytest.mark.parametrize(("ready", "state"), [(True, "kept"), (False, "broken")])
def test_a_replica_must_be_ready(ready: bool, state: str) -> None:
    assert judged(Live("available, error", ready)).state == state


def status(*sources: Source, premises: tuple[Premise, ...] = ()) -> StoreStatus:
    return StoreStatus("mysql", "mysql", "bank-mysql", sources, premises)


def test_a_store_tells_its_blockers_and_what_was_not_checked() -> None:
    premises = (Premise("subnet group", "there is no subnet group x"), Premise("restore role", NotChecked("refused")))
    found = status(judged(point(HOUR)), premises=premises)
    assert found.problems == ("subnet group: there is no subnet group x",)
    assert found.not_checked == ("restore role: refused",)


@pytest.mark.proves("restore.not-checked")
def test_a_store_of_which_nothing_is_promised_here_is_not_fine() -> None:
    assert status().problems
    assert status(judged(point(HOUR), None)).problems


def test_the_limit_is_the_rpo_or_what_is_accepted_or_the_second_line_s_own_worst_case() -> None:
    dev, prod = load("dev"), load("prod")
    accepted = promise(dev, dev.stores[0], Scenario.REGION_LOSS, "copies", NOW)
    assert (accepted.rpo, accepted.limit, accepted.expected) == (12 * HOUR, 15 * HOUR, timedelta(hours=4, minutes=6, seconds=30))
    expired = promise(dev, dev.stores[0], Scenario.REGION_LOSS, "copies", datetime(2027, 7, 1, tzinfo=UTC))
    assert expired.limit == 12 * HOUR
    fresher = promise(prod, prod.stores[1], Scenario.REGION_LOSS, "replica of the table", NOW)
    assert fresher.limit == fresher.rpo == 12 * HOUR
    with pytest.raises(LookupError):
        promise(dev, dev.stores[0], Scenario.REGION_LOSS, "read replica", NOW)
