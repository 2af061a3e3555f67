"""The three environments say what the bank's written strategy says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from strategy import load
from strategy.model.stores import DynamoDbStore, MySqlStore, StoreKind

NAMES = ("dev", "staging", "prod")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.mark.proves(
    "recovery-region.copies", "schedule.12-hour-rule", "schedule.daily-rule", "schedule.retention", "schedule.weekly-rule"
)
@pytest.mark.parametrize("environment", NAMES)
def test_the_three_rules_stand_word_for_word(environment: str) -> None:
    rules = load(environment).rules[:3]
    assert [(rule.name, rule.schedule, rule.keep, rule.start_window) for rule in rules] == [
        ("12-hour-backup-rule", "cron(0 2,14 * * ? *)", 3 * DAY, HOUR),
        ("daily-backup-rule", "cron(0 2 * * ? *)", 7 * DAY, HOUR),
        ("weekly-backup-rule", "cron(0 3 ? * SUN *)", 30 * DAY, HOUR),
    ]
    assert all(rule.copy_keep == rule.keep and rule.cold_after is None for rule in rules)


@pytest.mark.proves(
    "objectives.audit-logs-point-in-time",
    "objectives.audit-logs-recovery-point",
    "objectives.audit-logs-region-loss",
    "objectives.mysql-point-in-time",
    "objectives.mysql-recovery-point",
    "objectives.mysql-region-loss",
)
@pytest.mark.parametrize("environment", NAMES)
def test_the_stores_and_their_objectives(environment: str) -> None:
    mysql, logs = load(environment).stores
    assert isinstance(mysql, MySqlStore)
    assert isinstance(logs, DynamoDbStore)
    assert (mysql.kind, logs.kind) == (StoreKind.MYSQL, StoreKind.DYNAMODB)
    assert "crm_transactions" in mysql.databases
    assert mysql.multi_az
    assert (mysql.point_in_time, logs.point_in_time) == (7 * DAY, 35 * DAY)
    for store, hours in ((mysql, 4), (logs, 2)):
        promised = store.objectives
        assert (promised.point_in_time.rpo, promised.point_in_time.rto) == (timedelta(minutes=5), hours * HOUR)
        assert (promised.recovery_point.rpo, promised.recovery_point.rto) == (12 * HOUR, hours * HOUR)
        assert (promised.region_loss.rpo, promised.region_loss.rto) == (12 * HOUR, 12 * HOUR)


@pytest.mark.proves("stores.audit-logs-lifetime")
@pytest.mark.parametrize("environment", NAMES)
def test_audit_logs_live_seven_years(environment: str) -> None:
    logs = load(environment).store("audit-logs")
    assert isinstance(logs, DynamoDbStore)
    longest_seven_years = date(2035, 1, 1) - date(2028, 1, 1)
    assert logs.must_live >= longest_seven_years
    assert logs.time_to_live >= logs.must_live


@pytest.mark.proves(
    "exclusions.buckets",
    "exclusions.lambda",
    "exclusions.record",
    "exclusions.redis",
    "exclusions.service-instances",
    "exclusions.sftp",
)
@pytest.mark.parametrize("environment", NAMES)
def test_what_is_left_out_has_its_reason(environment: str) -> None:
    strategy = load(environment)
    assert [each.name for each in strategy.exclusions] == [
        "sftp-host",
        "service-instances",
        "redis",
        "buckets",
        "restore-plans",
        "functions",
    ]
    assert strategy.buckets.old_versions_keep == 30 * DAY
    assert {each.name: each.rto for each in strategy.exclusions} == {
        "sftp-host": timedelta(minutes=30),
        "service-instances": timedelta(minutes=30),
        "redis": timedelta(),
        "buckets": timedelta(),
        "functions": None,
        "restore-plans": None,
    }
    assert [service.name for service in strategy.services] == ["user", "client", "transaction", "ai"]


def test_environments_share_nothing() -> None:
    strategies = [load(each) for each in NAMES]
    assert len({each.account for each in strategies}) == len({each.prefix for each in strategies}) == len(NAMES)
    assert len({network.cidr for each in strategies for network in each.networks.values()}) == 2 * len(NAMES)
    assert [each.environment for each in strategies if each.production] == ["prod"]
    for each in strategies:
        assert each.vault.break_glass.split(":")[4] == each.account


def test_prod_gets_more_than_copies_in_the_recovery_region() -> None:
    mysql, logs = load("prod").stores
    assert isinstance(mysql, MySqlStore)
    assert isinstance(logs, DynamoDbStore)
    assert mysql.replicated_backups
    assert logs.replica


def test_an_existing_store_has_its_name_in_either_region() -> None:
    mysql = load("prod").store("mysql")
    assert mysql.arn_in("eu-west-1") is None
    existing = mysql.model_copy(update={"source": "existing", "arn": "arn:aws:rds:ap-southeast-1:345678901234:db:bank"})
    assert existing.arn_in("ap-southeast-2") == "arn:aws:rds:ap-southeast-2:345678901234:db:bank"


def test_an_unknown_store_is_named() -> None:
    with pytest.raises(KeyError, match="no store 'redis'; the strategy has mysql, audit-logs"):
        load("dev").store("redis")
