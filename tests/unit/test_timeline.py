"""The recovery of a region on a clock: what waits for what, which path decides, and what that comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from strategy import Strategy, load
from strategy.catalogue.manual_procedure import BY_HAND, total
from strategy.checks.objectives import assess
from strategy.checks.timeline import CUT_OVER, Kind, Part, Return, Task, place, region_tasks
from strategy.cost import Prices
from strategy.cost.tiers import Outcome, at_tier, outcome
from strategy.model.stores import Scenario
from strategy.model.strategy import DynamoDbStore, MySqlStore, Standby

TODAY = date(2026, 11, 23)
PRICES = Prices.load()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GB = 10**9


def found(tier: Standby, size: int | None = None, strategy: Strategy | None = None) -> Outcome:
    return outcome(strategy or load("prod"), tier, TODAY, PRICES, size)


def rto(tier: Standby, size: int | None = None) -> timedelta:
    known = found(tier, size).timeline.rto
    assert known is not None
    return known


def task(name: str, minutes: float | None, *after: str) -> Task:
    return Task(name, after, (Part(Kind.AWS, None if minutes is None else minutes * MINUTE, "a test"),))


@pytest.mark.proves("region-loss.timeline")
@pytest.mark.parametrize(
    ("tier", "gigabytes", "goal"),
    [
        (Standby.BACKUP_AND_RESTORE, 20, 5.0),
        (Standby.BACKUP_AND_RESTORE, 300, 6.5),
        (Standby.WARM, 20, 1.0),
        (Standby.WARM, 300, 1.0),
    ],
)
def test_the_goals_are_kept(tier: Standby, gigabytes: int, goal: float) -> None:
    assert rto(tier, gigabytes * GB) <= goal * HOUR


@pytest.mark.proves("recovery-region.tier-comparison")
def test_a_tier_above_is_faster_and_loses_less_and_costs_more() -> None:
    tiers = [found(tier, 100 * GB) for tier in Standby]
    slowest = sorted(tiers, key=lambda each: each.timeline.rto or timedelta.max, reverse=True)
    assert [each.tier for each in slowest] == list(Standby)
    ages = [each.rpo for each in tiers]
    assert ages == [30 * MINUTE, 5 * MINUTE, 5 * MINUTE]
    costs = [each.cost.sum() for each in tiers]
    assert costs[0] < costs[1] < costs[2]


@pytest.mark.proves("region-loss.timeline")
@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_promise_is_judged_by_the_same_sum(environment: str) -> None:
    strategy = load(environment)
    modelled = found(Standby.BACKUP_AND_RESTORE, strategy=strategy).timeline.rto
    judged = {each.worst for each in assess(strategy, TODAY) if each.scenario is Scenario.REGION_LOSS and each.objective == "rto"}
    assert judged == {modelled}


@pytest.mark.parametrize("tier", Standby)
def test_our_own_time_is_a_small_part(tier: Standby) -> None:
    share = found(tier, 20 * GB).timeline.overhead_share
    assert share is not None
    assert 0 < share <= 0.05


def test_our_own_time_is_what_is_nobody_elses(altered: Callable[..., Strategy]) -> None:
    slow = altered("prod", {"durations.workflow.step.takes": "10m"})
    before, after = found(Standby.WARM).timeline, found(Standby.WARM, strategy=slow).timeline
    steps = sum(any(part.kind is Kind.OWN for part in each.parts) for each in after.path)
    assert after.overhead - before.overhead == steps * (10 * MINUTE - timedelta(seconds=15))
    assert (after.overhead_share or 0) > 0.05


def test_every_part_names_its_source() -> None:
    for tier in Standby:
        assert all(part.source for step in found(tier).timeline.steps for part in step.task.parts)


@pytest.mark.proves("region-loss.notification")
def test_the_steps_are_those_of_the_workflow_in_order() -> None:
    names = [each.task.name for each in found(Standby.BACKUP_AND_RESTORE, 20 * GB).timeline.steps]
    assert names == [
        "assess",
        "approve the recovery",
        "restore of 20 GB (mysql)",
        "replica (audit-logs)",
        "activate the workload",
        "check the buckets",
        "passwords and endpoints",
        "verify the data",
        "smoke test",
        "approve the cutover",
        "cut over",
        "watch",
        "protect",
    ]


@pytest.mark.proves("region-loss.infrastructure")
def test_what_runs_side_by_side_starts_together_and_the_longest_decides(altered: Callable[..., Strategy]) -> None:
    slow = altered("prod", {"durations.infrastructure.takes": "6h"})
    placed = {each.task.name: each for each in found(Standby.BACKUP_AND_RESTORE, strategy=slow).timeline.steps}
    beside = ["restore of 32 GB (mysql)", "replica (audit-logs)", "activate the workload", "check the buckets"]
    assert {placed[name].start for name in beside} == {placed["approve the recovery"].end}
    assert [name for name in beside if placed[name].critical] == ["activate the workload"]
    assert placed["passwords and endpoints"].start == placed["activate the workload"].end


def test_what_follows_the_cutover_is_not_in_the_rto() -> None:
    timeline = place((task("first", 10), task(CUT_OVER, 5, "first"), task("watch", 60, CUT_OVER)))
    assert timeline.rto == 15 * MINUTE
    assert [each.name for each in timeline.path] == ["first", CUT_OVER]


def test_an_unknown_duration_is_the_longest_and_makes_the_rto_unknown() -> None:
    timeline = place((task("known", 600), task("unknown", None), task(CUT_OVER, 5, "known", "unknown")))
    assert [each.name for each in timeline.path] == ["unknown", CUT_OVER]
    assert (timeline.rto, timeline.overhead_share) == (None, None)


@pytest.mark.parametrize(("from_backup", "minutes"), [(True, 30), (False, 5)])
def test_a_replica_is_checked_and_a_backup_is_verified(*, from_backup: bool, minutes: int) -> None:
    returns = {"mysql": Return("promotion", 15 * MINUTE, "a test", from_backup)}
    tasks = {each.name: each for each in region_tasks(load("prod").durations, Standby.WARM, returns)}
    assert tasks["verify the data"].waits == minutes * MINUTE


def test_one_store_from_a_backup_is_enough_to_verify_content() -> None:
    returns = {"a": Return("promotion", MINUTE, "a test", from_backup=False), "b": Return("restore", MINUTE, "a test")}
    tasks = {each.name: each for each in region_tasks(load("prod").durations, Standby.WARM, returns)}
    assert tasks["verify the data"].waits == 30 * MINUTE


@pytest.mark.proves("recovery-region.tier-comparison")
def test_a_tier_is_as_the_strategy_has_it_only_where_it_is_its_own() -> None:
    warm = load("prod").model_copy(update={"standby": Standby.WARM})
    assert at_tier(warm, Standby.WARM) is warm, "without the read replica that another strategy's tier would have"
    audit = at_tier(warm, Standby.BACKUP_AND_RESTORE).store("audit-logs")
    assert isinstance(audit, DynamoDbStore)
    assert not audit.replica


def test_the_tier_of_the_strategy_changes_nothing_in_it() -> None:
    prod = load("prod")
    assert at_tier(prod, Standby.BACKUP_AND_RESTORE) is prod
    mysql = at_tier(prod, Standby.WARM).store("mysql")
    assert isinstance(mysql, MySqlStore)
    assert mysql.read_replica


@pytest.mark.proves("region-loss.timeline")
def test_by_hand_it_takes_8_to_11_hours() -> None:
    assert total() == (8 * HOUR, 11 * HOUR)
    assert [(each.least / MINUTE, each.most / MINUTE) for each in BY_HAND] == [
        (15, 15),
        (120, 180),
        (240, 360),
        (30, 30),
        (60, 60),
        (15, 15),
    ]


def test_the_load_balancer_costs_in_every_tier_and_services_in_warm_only() -> None:
    costs = {tier: {line.what for line in found(tier).cost.lines} for tier in Standby}
    assert all("load balancer" in each for each in costs.values())
    assert [tier for tier, each in costs.items() if "NAT gateways" in each] == [Standby.PILOT_LIGHT, Standby.WARM]
    assert [tier for tier, each in costs.items() if "service user" in each] == [Standby.WARM]
