"""Promises against worst cases: the sums, by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from strategy import Strategy, load
from strategy.checks.objectives import State, Verdict, assess, ways
from strategy.model.stores import Scenario

TODAY = date(2026, 11, 23)


def verdict(strategy: Strategy, store: str, scenario: Scenario, objective: str, today: date = TODAY) -> Verdict:
    found = [
        each for each in assess(strategy, today) if (each.store, each.scenario, each.objective) == (store, scenario, objective)
    ]
    assert len(found) == 1
    return found[0]


def minutes(value: timedelta | None) -> float | None:
    return value / timedelta(minutes=1) if value is not None else None


@pytest.mark.proves("schedule.between-rule")
def test_the_strategy_s_own_schedule_misses_its_own_rpo_by_the_start_window_backup_and_copy() -> None:
    found = verdict(load("dev"), "mysql", Scenario.REGION_LOSS, "rpo")
    # 6.2 GB in 12 months: backup 10 + 0.062 of 20 = 12 min; copy 15 + 0.062 of 60 = 19 min, each rounded up.
    assert minutes(found.worst) == 12 * 60 + 60 + 12 + 19
    assert found.promised == timedelta(hours=12)
    assert found.arithmetic == (
        "12h from Mon 2026-11-23 02:00 to Mon 2026-11-23 14:00 (12-hour-backup-rule) + 1h start window + 12m backup + 19m copy "
        "= 13h 31m"
    )
    assert found.state is State.ACCEPTED


@pytest.mark.proves(
    "objectives.audit-logs-point-in-time",
    "objectives.audit-logs-recovery-point",
    "objectives.audit-logs-region-loss",
    "objectives.mysql-point-in-time",
    "objectives.mysql-recovery-point",
    "objectives.mysql-region-loss",
    "schedule.between-rule",
)
def test_prod_keeps_every_objective_and_accepts_nothing() -> None:
    strategy = load("prod")
    assert strategy.accepted_breaches == ()
    found = assess(strategy, TODAY)
    assert len(found) == len(strategy.stores) * len(Scenario) * 2
    assert {each.state for each in found} == {State.KEPT}


@pytest.mark.parametrize(
    ("store", "change", "how", "worst"),
    [
        ("mysql", {"stores[mysql].read_replica": True}, "read replica", 5),
        ("mysql", {}, "replicated automated backups", 30),
        ("mysql", {"stores[mysql].replicated_backups": False}, "copies", 6 * 60 + 60 + 17 + 35),
        ("audit-logs", {"stores[audit-logs].replica": False}, "copies", 6 * 60 + 60 + 13 + 20),
    ],
)
def test_the_freshest_source_in_the_recovery_region_counts(
    altered: Callable[..., Strategy], store: str, change: dict[str, object], how: str, worst: float
) -> None:
    found = verdict(altered("prod", change), store, Scenario.REGION_LOSS, "rpo")
    assert (found.how, minutes(found.worst)) == (how, worst)


def test_copies_stay_a_way_back_beside_a_replica() -> None:
    strategy = load("prod")
    assert [way.how for way in ways(strategy, strategy.store("audit-logs"), Scenario.REGION_LOSS, TODAY)] == [
        "replica of the table",
        "copies",
    ]


@pytest.mark.proves("objectives.growth")
@pytest.mark.parametrize(("size", "hours"), [("20GB", 3.0), ("100GB", 4.0), ("300GB", 5.0)])
def test_rto_follows_the_size(altered: Callable[..., Strategy], size: str, hours: float) -> None:
    strategy = altered("prod", {"stores[mysql].size": size, "stores[mysql].growth_per_month": "0GB"})
    inside = verdict(strategy, "mysql", Scenario.RECOVERY_POINT, "rto")
    assert minutes(inside.worst) == 15 + hours * 60 + 30 + 15
    away = verdict(strategy, "mysql", Scenario.REGION_LOSS, "rto")
    # Endpoints 5, verification 30, smoke test 5, the second approval 5, the switch 4; ours: six steps of 15 s, a minute's poll.
    assert minutes(away.worst) == 15 + hours * 60 + 5 + 30 + 5 + 5 + 4 + 6 / 4 + 1


@pytest.mark.proves("objectives.growth")
def test_growth_is_reckoned_with(altered: Callable[..., Strategy]) -> None:
    strategy = altered("prod", {"stores[mysql].size": "40GB", "stores[mysql].growth_per_month": "1GB"})
    found = verdict(strategy, "mysql", Scenario.RECOVERY_POINT, "rto")
    assert found.arithmetic == "15m assessment + 4h restore of 52 GB (mysql) + 30m verification + 15m cutover = 5h"
    assert found.state is State.BROKEN


@pytest.mark.proves("objectives.growth")
def test_after_the_loss_of_a_region_the_slowest_branch_decides_for_every_store(altered: Callable[..., Strategy]) -> None:
    strategy = altered("prod", {"durations.infrastructure.takes": "6h"})
    for store in ("mysql", "audit-logs"):
        found = verdict(strategy, store, Scenario.REGION_LOSS, "rto")
        assert found.arithmetic.startswith("10m assess + 5m approve the recovery + 6h activate the workload + ")


def test_a_promoted_replica_is_no_restore(altered: Callable[..., Strategy]) -> None:
    strategy = altered("prod", {"stores[mysql].read_replica": True, "durations.infrastructure.takes": "10m"})
    found = verdict(strategy, "mysql", Scenario.REGION_LOSS, "rto")
    assert "15m promotion of the read replica (mysql)" in found.arithmetic


def test_a_store_larger_than_every_band_has_no_modelled_rto(altered: Callable[..., Strategy]) -> None:
    strategy = altered("prod", {"stores[audit-logs].size": "300GB"})
    found = verdict(strategy, "audit-logs", Scenario.RECOVERY_POINT, "rto")
    assert (found.worst, found.state) == (None, State.BROKEN)
    assert found.arithmetic.endswith("= unknown")


def test_a_schedule_that_ends_promises_nothing(altered: Callable[..., Strategy]) -> None:
    ended = {f"rules[{each.name}].schedule": "cron(0 2 * * ? 2026)" for each in load("prod").rules}
    found = verdict(altered("prod", ended), "mysql", Scenario.RECOVERY_POINT, "rpo")
    assert (found.worst, found.arithmetic) == (None, "no rule runs after Thu 2026-12-31 02:00")


@pytest.mark.parametrize(
    ("today", "up_to", "state"),
    [
        (date(2027, 6, 30), "15h", State.ACCEPTED),
        (date(2027, 7, 1), "15h", State.EXPIRED),
        (date(2027, 6, 30), "13h", State.EXCEEDED),
    ],
)
def test_an_accepted_breach_has_a_last_day_and_a_limit(
    altered: Callable[..., Strategy], today: date, up_to: str, state: State
) -> None:
    breach = {"store": "mysql", "scenario": "region_loss", "objective": "rpo", "up_to": up_to, "reason": "why", "owner": "who"}
    strategy = altered("dev", {"accepted_breaches": [{**breach, "until": date(2027, 6, 30)}]})
    assert verdict(strategy, "mysql", Scenario.REGION_LOSS, "rpo", today).state is state
