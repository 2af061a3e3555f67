"""What the strategy costs: against a sheet reckoned by hand, and as it must move when the strategy does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategy import Strategy, load
from strategy.cost import Cost, NoPrice, Price, Prices, Purpose, monthly
from strategy.cost.monthly import altered, grown
from strategy.cost.promises import paid, second_region
from strategy.cost.written_estimate import HIGH, LOW, steps, sum_of
from strategy.model.strategy import Standby

TODAY = date(2026, 11, 26)
SG, SYD, US = "ap-southeast-1", "ap-southeast-2", "us-east-1"
SHEET = {
    # price of the sheet, USD: Singapore, Sydney; as of 2026-11-26
    "rds_backup_storage": (0.095, 0.095),
    "dynamodb_backup": (0.114, 0.114),
    "dynamodb_cold_backup": (0.0342, 0.0342),
    "dynamodb_pitr": (0.228, 0.228),
    "dynamodb_storage": (0.285, 0.285),
    "dynamodb_restore": (0.171, 0.171),
    "dynamodb_replicated_write": (0.71, 0.71),
    "transfer": (0.09, 0.098),
    "restore_test": (1.50, 1.50),
    "audit_evaluations": (1.25, 1.25),
    "config_item": (0.003, 0.003),
    "key": (1.00, 1.00),
    "secret": (0.40, 0.40),
    "alarm": (0.10, 0.10),
    "metric": (0.30, 0.30),
    "dashboard": (3.00, 3.00),
    "lambda_second": (0.0000166667, 0.0000166667),
    "lambda_request": (0.20, 0.20),
    "load_balancer": (0.0252, 0.0252),
    "public_address": (0.005, 0.005),
    "rds_storage": (0.138, 0.138),
    "rds db.t4g.micro": (0.025, 0.025),
    "rds db.m7g.large": (0.2621, 0.2621),
}
OF_THE_ESTIMATE = {"rds_backup_storage": 0.095, "dynamodb_backup": 0.10, "transfer": 0.02}


def priced(region: str, sheet: dict[str, float]) -> list[Price]:
    return [Price(what, region, usd, "unit", "the sheet", TODAY, checked=True) for what, usd in sheet.items()]


PRICES = Prices(
    (
        *priced(SG, {what: both[0] for what, both in SHEET.items()}),
        *priced(SYD, {what: both[1] for what, both in SHEET.items()}),
        *priced(US, OF_THE_ESTIMATE),
    )
)


def cost(strategy: Strategy) -> Cost:
    return monthly(strategy, PRICES, TODAY)


@pytest.mark.proves("cost.monthly")
def test_dev_is_what_the_sheet_says() -> None:
    """5 GB of MySQL and 1 GB of DynamoDB, no replicas. A month has 30.44 days, 4.35 Sundays."""
    found = cost(load("dev"))
    # Snapshots: 5 GB + 30 days x (100 MB / 30.44 + 1 % of 5 GB), under the 20 GB that come with the instance. A second region has
    # no instance: 5 + 30 x 0.0533 = 6.6 GB x 0.095. One point a day for 3 days (14:00), one for 7, one a week for 30.
    points = 3 + 7 + 30 / 7
    sheet = {
        Purpose.POINT_IN_TIME: 1 * 0.228,
        Purpose.RECOVERY_POINTS: points * 1 * 0.114,
        Purpose.COPIES: 6.6 * 0.095 + 30.44 * 0.0533 * 0.09 + points * 1 * 0.114 + (30.44 * 2 + 4.35) * 1 * 0.09,
        Purpose.MINUTES_AWAY: 0.0,
        # 4 tests a year in 2 regions: 2 stores x 1.50; an instance of 20 GB for a day; 1 GB restored and kept for a day.
        Purpose.PROOF: 2 * (4 / 12) * (2 * 1.50 + 24 * 0.025 + 20 / 30.4 * 0.138 + 0.171 + 0.285 / 30.4)
        # 130 recovery points a month, looked at twice by 3 controls in each region, and 5 + 1 controls of 2 stores daily.
        + (2 * 130.4 * 2 * 3 + (5 + 1) * 2 * 30.44) / 1000 * 1.25 + 2 * 130.4 * 2 * 0.003,
        # 3 keys, a master user and 4 services, in each region.
        Purpose.GUARD: 2 * (3 * 1.00 + 5 * 0.40),
        # Alarms read 32 metrics here and 25 there; 28 and 22 are our own. 4 functions run each minute for half a second, the
        # monitor each quarter of an hour for ten, with 0.25 GB. An item is written each minute.
        Purpose.WATCHING: (32 + 25) * 0.10 + (28 + 22) * 0.30 + 2 * 3.00
        + 2 * (4 * 43_800 * 0.5 + 2_920 * 10) * 0.25 * 0.0000166667 + 2 * 0.178 * 0.20 + 0.0438 * 0.71,
        # A load balancer in the recovery region, with an address in each of two zones; a month has 730 hours.
        Purpose.STANDBY: 730 * (0.0252 + 2 * 0.005),
    }  # fmt: skip
    for purpose, usd in sheet.items():
        assert found.of(purpose) == pytest.approx(usd, rel=0.1), purpose
    assert found.sum() == pytest.approx(sum(sheet.values()), rel=0.1)
    assert found.unpriced == ()


@pytest.mark.proves("cost.monthly")
def test_prod_is_what_the_sheet_says() -> None:
    """20 GB and 5 GB, two more runs a day, replicated backups and a replica of the table."""
    found = cost(load("prod"))
    change = 1 / 30.44 + 0.2  # GB of MySQL in a day
    points = 3 + 7 + 30 / 7 + 2 * 3
    sheet = {
        Purpose.POINT_IN_TIME: 5 * 0.228,
        Purpose.RECOVERY_POINTS: points * 5 * 0.114,
        Purpose.COPIES: (20 + 30 * change) * 0.095 + 30.44 * change * 0.09 + points * 5 * 0.114 + (4 * 30.44 + 4.35) * 5 * 0.09,
        Purpose.MINUTES_AWAY: (20 + 7 * change * 2) * 0.095 + 2 * 30.44 * change * 0.09
        + 5 * (0.285 + 0.228) + 0.25 * 0.71 + 0.25 * 0.09,
        Purpose.PROOF: 2 * (4 / 12) * (2 * 1.50 + 24 * 0.2621 + 100 / 30.4 * 0.138 + 5 * 0.171 + 5 * 0.285 / 30.4)
        + (2 * 252 * 2 * 3 + (6 + 1) * 2 * 30.44) / 1000 * 1.25 + 2 * 252 * 2 * 0.003,
        Purpose.GUARD: 2 * (4 * 1.00 + 5 * 0.40),
        # Two more alarms there: replicated backups, and the replica of the table.
        Purpose.WATCHING: (32 + 27) * 0.10 + (28 + 24) * 0.30 + 2 * 3.00
        + 2 * (4 * 43_800 * 0.5 + 2_920 * 10) * 0.25 * 0.0000166667 + 2 * 0.178 * 0.20 + 0.0438 * 0.71,
        Purpose.STANDBY: 730 * (0.0252 + 2 * 0.005),
    }  # fmt: skip
    for purpose, usd in sheet.items():
        assert found.of(purpose) == pytest.approx(usd, rel=0.1), purpose
    assert found.sum() == pytest.approx(sum(sheet.values()), rel=0.1)


@pytest.mark.proves("cost.monthly")
def test_every_line_has_its_store_region_rule_and_sum() -> None:
    strategy = load("prod")
    lines = cost(strategy).lines
    assert {each.region for each in lines} == {SG, SYD}
    assert {each.store for each in lines} == {*(store.name for store in strategy.stores), None}
    assert {each.rule for each in lines} == {*(rule.name for rule in strategy.rules), None}
    assert all(each.how and each.unit for each in lines)


def test_a_rule_that_gives_way_to_another_is_not_paid_for(altered: Callable[..., Strategy]) -> None:
    """A rule at the same hours that keeps less runs never: AWS makes one job."""
    strategy = altered("dev", {"rules[12-hour-backup-rule].schedule": "cron(0 2 * * ? *)"})
    assert [each for each in cost(strategy).lines if each.rule == "12-hour-backup-rule"] == []


def test_snapshots_are_free_up_to_the_provisioned_size_and_only_there(altered: Callable[..., Strategy]) -> None:
    def snapshots(strategy: Strategy, region: str) -> float:
        return cost(strategy).sum(lambda line: (line.store, line.region) == ("mysql", region) and "snapshots" in line.what)

    free, paid_for = load("dev"), altered("dev", {"stores[mysql].size": "40GB", "stores[mysql].allocated_storage_gb": 40})
    assert snapshots(free, SG) == 0
    assert snapshots(free, SYD) > 0
    # 40 + 30 days x 0.4 GB of history, and 7 days of logs of 0.4 GB, of which 40 are free.
    assert snapshots(paid_for, SG) == pytest.approx((52 + 2.8 - 40) * 0.095, rel=0.1)


@pytest.mark.proves("cost.what-if")
def test_cold_storage_is_cheaper_and_counts_only_what_is_cold(altered: Callable[..., Strategy]) -> None:
    warm = altered("dev", {"rules[weekly-backup-rule].keep": "365d", "rules[weekly-backup-rule].copy_keep": "365d"})
    cold = altered(
        "dev",
        {
            "rules[weekly-backup-rule].keep": "365d",
            "rules[weekly-backup-rule].copy_keep": "365d",
            "rules[weekly-backup-rule].cold_after": "7d",
        },
    )
    saved = cost(warm).of(Purpose.RECOVERY_POINTS) - cost(cold).of(Purpose.RECOVERY_POINTS)
    assert saved == pytest.approx(358 / 7 * (0.114 - 0.0342), rel=0.02)


@pytest.mark.proves("cost.written-estimate")
def test_the_strategys_estimate_is_reproduced_and_its_corrections_add_up_to_the_bill() -> None:
    strategy = load("dev")
    found = steps(strategy, PRICES, TODAY)
    # 2 x (5 x 0.095 + 1 x 0.10) + 6 x 0.02
    assert found[0].usd == pytest.approx(1.27)
    assert LOW <= found[0].usd <= HIGH
    # dev has the estimate's own sizes
    assert sum_of(found) == pytest.approx(cost(strategy).sum())
    assert sum_of(found) > HIGH
    assert all(each.why for each in found)


@pytest.mark.proves("cost.written-estimate")
@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_corrections_add_up_everywhere(environment: str) -> None:
    strategy, prices = load(environment), Prices.load()
    at_its_sizes = altered(strategy, sizes={"mysql": 5 * 10**9, "audit-logs": 10**9})
    assert sum_of(steps(strategy, prices, TODAY)) == pytest.approx(monthly(at_its_sizes, prices, TODAY).sum())


@pytest.mark.proves("cost.promise-price")
def test_what_a_promise_costs_stands_beside_what_it_is_worth() -> None:
    rows = {(each.store, each.how): each for each in paid(load("prod"), PRICES, TODAY)}
    copies, replica = rows["audit-logs", "copies"], rows["audit-logs", "replica of the table"]
    assert copies.worst is not None
    assert replica.worst is not None
    assert replica.worst < copies.worst
    assert replica.chosen
    not_chosen = {each.how for each in paid(load("dev"), PRICES, TODAY) if not each.chosen}
    assert not_chosen == {"replicated automated backups", "replica of the table"}
    assert all(each.usd > 0 for each in paid(load("dev"), PRICES, TODAY) if not each.chosen)


@pytest.mark.proves("cost.promise-price")
def test_one_region_costs_what_is_left() -> None:
    strategy = load("prod")
    found = cost(strategy)
    left = found.sum() - second_region(strategy, found)
    assert left == pytest.approx(found.sum(lambda line: line.region == SG and not line.what.startswith("transfer")), abs=1e-9)
    assert 0 < left < found.sum()


def test_a_price_that_is_not_known_counts_for_nothing_and_is_told() -> None:
    without = Prices(tuple(each for each in PRICES.all if each.what != "key"))
    found = monthly(load("dev"), without, TODAY)
    assert {each.what for each in found.unpriced} == {"keys"}
    assert found.sum() == pytest.approx(cost(load("dev")).sum() - 6)
    with pytest.raises(NoPrice, match=r"no price of key in ap-southeast-1: .*--refresh"):
        without.of("key", SG)


@pytest.mark.proves("cost.monthly")
def test_the_price_file_has_all_that_the_environments_need_each_with_source_and_date() -> None:
    prices = Prices.load()
    for environment in ("dev", "staging", "prod"):
        assert monthly(load(environment), prices, TODAY).unpriced == ()
        swapped = load(environment, primary=SYD, recovery=SG)
        assert monthly(swapped, prices, TODAY).unpriced == ()
    assert all(each.source and each.on >= date(2025, 1, 1) and each.unit and each.usd > 0 for each in prices.all)


def test_prices_are_written_as_they_are_read(tmp_path: Any) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(Prices.load().as_toml())
    assert set(Prices.load(path).all) == set(Prices.load().all)
    newer = replace(PRICES.of("key", SG), usd=2.0)
    assert PRICES.merged([newer]).of("key", SG).usd == 2.0
    assert len(PRICES.merged([newer]).all) == len(PRICES.all)


def test_growth_costs() -> None:
    assert cost(grown(load("prod"))).sum() > cost(load("prod")).sum()


@pytest.mark.proves("cost.what-if")
@settings(max_examples=50, deadline=None)
@given(
    environment=st.sampled_from(["dev", "staging", "prod"]),
    store=st.sampled_from(["mysql", "audit-logs"]),
    small=st.integers(0, 10**13),
    more=st.integers(1, 10**13),
)
def test_more_data_never_costs_less(environment: str, store: str, small: int, more: int) -> None:
    strategy = load(environment)
    less, larger = (cost(altered(strategy, sizes={store: size})).sum() for size in (small, small + more))
    assert larger >= less


@pytest.mark.proves("cost.what-if")
@settings(max_examples=50, deadline=None)
@given(
    environment=st.sampled_from(["dev", "prod"]),
    rule=st.sampled_from(["12-hour-backup-rule", "daily-backup-rule", "weekly-backup-rule"]),
    days=st.integers(1, 400),
    more=st.integers(1, 400),
)
def test_keeping_longer_never_costs_less_where_the_schedule_stays_the_same(
    environment: str, rule: str, days: int, more: int
) -> None:
    """A rule that keeps longer may win over another: then that one's runs, and its retention, are gone. Not so here."""
    strategy = load(environment)
    shorter, longer = (altered(strategy, keeps={rule: timedelta(days=kept)}) for kept in (days, days + more))
    order = [[each.name for each in sorted(one.rules, key=lambda each: -each.keep)] for one in (shorter, longer)]
    if order[0] == order[1]:
        assert cost(longer).sum() >= cost(shorter).sum() - 1e-9


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(["dev", "staging", "prod"]))
def test_replicas_never_cost_less_than_none(environment: str) -> None:
    strategy = load(environment)
    assert cost(altered(strategy, replica=True)).sum() > cost(altered(strategy, replica=False)).sum()


def test_what_stands_ready_is_in_the_bill_and_a_higher_tier_costs_more() -> None:
    bills = [monthly(load("prod").model_copy(update={"standby": Standby(tier)}), Prices.load(), TODAY) for tier in Standby]
    ready = [each.of(Purpose.STANDBY) for each in bills]
    assert ready == sorted(ready)
    assert 0 < ready[0] < ready[1] < ready[2]
    lines = {line.what for line in bills[-1].lines if line.purpose is Purpose.STANDBY}
    assert {"load balancer", "NAT gateways", "cache", "SFTP host"} <= lines
    assert {line.region for line in bills[-1].lines if line.purpose is Purpose.STANDBY} == {SYD}
