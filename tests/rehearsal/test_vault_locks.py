"""The backup that a region's recovery begins by itself, into vaults that are locked as each environment locks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.backup_bench import until_over
from aws_support.roles import may_all
from recovery.region.first_backup import protect
from recovery.restore.plan import Place
from strategy import Strategy, load
from strategy.catalogue import names
from tests.recovery.region_night import copy, region_plan

KEYS: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        yield cloud


def lock_vault(cloud: Cloud, strategy: Strategy) -> None:
    lock, vault = strategy.vault.lock, names.backup_vault(strategy.prefix)
    client = cloud.client("backup", strategy.regions.recovery)
    client.create_backup_vault(BackupVaultName=vault)
    may_all(cloud, names.role(strategy.prefix, "backup", strategy.regions.recovery), trusted="backup.amazonaws.com")
    if lock.min_keep and lock.max_keep:
        bounds = {"MinRetentionDays": lock.min_keep.days, "MaxRetentionDays": lock.max_keep.days}
        client.put_backup_vault_lock_configuration(BackupVaultName=vault, **bounds)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_first_backup_after_a_failover_is_taken_by_the_locked_vault(cloud: Cloud, environment: str) -> None:
    strategy = load(environment)
    here, table = strategy.regions.recovery, names.store(strategy.prefix, "audit-logs")
    lock_vault(cloud, strategy)
    cloud.client("dynamodb", here).create_table(TableName=table, **KEYS)
    target = Place(table, names.store_arn("dynamodb", here, ACCOUNT, table))
    restored = replace(copy(1, timedelta()), store="audit-logs", target=target)
    plan = region_plan(prefix=strategy.prefix, region=here)
    longest = max(rule.keep for rule in strategy.rules)
    answer = protect(plan, [restored], lambda service: cloud.client(service, here), longest)
    client = cloud.client("backup", here)
    job = until_over(cloud, lambda: client.describe_backup_job(BackupJobId=answer.jobs["audit-logs"]))
    assert job["State"] == "COMPLETED", job["StatusMessage"]
    (point,) = client.list_recovery_points_by_backup_vault(BackupVaultName=names.backup_vault(strategy.prefix))["RecoveryPoints"]
    assert point["Lifecycle"]["DeleteAfterDays"] == longest.days
