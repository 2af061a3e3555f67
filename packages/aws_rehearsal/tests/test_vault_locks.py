"""What a vault lock judges: every job's retention, with its edges, and every way to end a recovery point early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_support.backup_bench import HERE, ROLE, TABLE_ARN, THERE, back_up, copy, make_table, make_vaults, until_over, vault_arn
from aws_support.rds import create, refused

FOREVER = 36500
"""Days: the longest retention AWS takes, and what none counts as."""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        make_vaults(cloud)
        make_table(cloud, items=2)
        yield cloud


def lock(cloud: Cloud, vault: str, region: str, **bounds: int) -> None:
    cloud.client("backup", region).put_backup_vault_lock_configuration(BackupVaultName=vault, **bounds)


@pytest.mark.parametrize(
    ("bounds", "lifecycle", "state"),
    [
        ({"MinRetentionDays": 3}, {"DeleteAfterDays": 2}, "FAILED"),
        ({"MinRetentionDays": 3}, {"DeleteAfterDays": 3}, "COMPLETED"),
        ({"MinRetentionDays": 3}, {}, "COMPLETED"),
        ({"MaxRetentionDays": 30}, {"DeleteAfterDays": 30}, "COMPLETED"),
        ({"MaxRetentionDays": 30}, {"DeleteAfterDays": 31}, "FAILED"),
        ({"MaxRetentionDays": 30}, {}, "FAILED"),
        ({"MaxRetentionDays": 30}, {"DeleteAfterDays": -1}, "FAILED"),
        ({"MaxRetentionDays": FOREVER - 1}, {}, "FAILED"),
        ({"MaxRetentionDays": FOREVER}, {}, "COMPLETED"),
        ({"MaxRetentionDays": FOREVER}, {"DeleteAfterDays": FOREVER}, "COMPLETED"),
        ({}, {}, "COMPLETED"),
    ],
)
def test_backups_and_copies_are_judged_alike(cloud: Cloud, bounds: dict[str, int], lifecycle: dict[str, int], state: str) -> None:
    plain = back_up(cloud, Lifecycle={"DeleteAfterDays": 7})
    lock(cloud, "vault", HERE, **bounds)
    lock(cloud, "copies", THERE, **bounds)
    assert back_up(cloud, Lifecycle=lifecycle)["State"] == state
    assert copy(cloud, plain["RecoveryPointArn"], Lifecycle=lifecycle)["State"] == state


def test_a_job_without_a_lifecycle_keeps_for_ever_also_when_it_copies(cloud: Cloud) -> None:
    backup = back_up(cloud, Lifecycle={"DeleteAfterDays": 7})
    copied = copy(cloud, backup["RecoveryPointArn"])
    (point,) = cloud.client("backup", THERE).list_recovery_points_by_backup_vault(BackupVaultName="copies")["RecoveryPoints"]
    assert copied["State"] == "COMPLETED"
    assert "DeleteAt" not in point["CalculatedLifecycle"]
    lock(cloud, "copies", THERE, MinRetentionDays=1, MaxRetentionDays=30)
    failed = copy(cloud, backup["RecoveryPointArn"])
    assert failed["State"] == "FAILED"
    assert "36500 days" in failed["StatusMessage"]


def test_a_plans_run_and_its_copy_are_judged(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    lock(cloud, "vault", HERE, MinRetentionDays=1, MaxRetentionDays=30)
    lock(cloud, "copies", THERE, MinRetentionDays=1, MaxRetentionDays=30)
    action = {"DestinationBackupVaultArn": vault_arn("copies", THERE)}
    rules = [
        {"RuleName": "short", "Lifecycle": {"DeleteAfterDays": 31}, "ScheduleExpression": "cron(0 2 * * ? *)"},
        {"RuleName": "copied", "Lifecycle": {"DeleteAfterDays": 7}, "ScheduleExpression": "cron(0 12 * * ? *)"},
    ]
    rules = [each | {"TargetBackupVaultName": "vault", "CopyActions": [action], "StartWindowMinutes": 60} for each in rules]
    plan = client.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": rules})["BackupPlanId"]
    chosen = {"SelectionName": "stores", "IamRoleArn": ROLE, "Resources": [TABLE_ARN]}
    client.create_backup_selection(BackupPlanId=plan, BackupSelection=chosen)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(hours=18))
    states = {each["CreatedBy"]["BackupRuleName"]: each["State"] for each in client.list_backup_jobs()["BackupJobs"]}
    assert states == {"short": "FAILED", "copied": "COMPLETED"}
    (job,) = client.list_copy_jobs()["CopyJobs"]
    assert (job["State"], "36500 days" in job["StatusMessage"]) == ("FAILED", True)


def test_retention_longer_than_aws_keeps_anything_is_refused(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    start = {"BackupVaultName": "vault", "ResourceArn": TABLE_ARN, "IamRoleArn": ROLE}
    with pytest.raises(ClientError, match="36500") as caught:
        client.start_backup_job(**start, Lifecycle={"DeleteAfterDays": FOREVER + 1})
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
    for bounds in ({"MaxRetentionDays": FOREVER + 1}, {"ChangeableForDays": FOREVER + 1}, {"MinRetentionDays": 0}):
        with pytest.raises(ClientError) as caught:
            lock(cloud, "vault", HERE, **bounds)
        assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
    with pytest.raises(ClientError, match="MinRetentionDays"):
        lock(cloud, "vault", HERE, MinRetentionDays=8, MaxRetentionDays=7)


def continuous(**rule: Any) -> dict[str, Any]:
    shape = {"RuleName": "continuous", "TargetBackupVaultName": "vault", "EnableContinuousBackup": True} | rule
    return {"BackupPlanName": "plan", "Rules": [shape]}


@pytest.mark.parametrize(
    "lifecycle", [{}, {"DeleteAfterDays": 36}, {"DeleteAfterDays": 35, "MoveToColdStorageAfterDays": 1}, {"DeleteAfterDays": -1}]
)
def test_a_continuous_backup_is_kept_35_days_at_most_and_never_cold(cloud: Cloud, lifecycle: dict[str, int]) -> None:
    client = cloud.client("backup", HERE)
    with pytest.raises(ClientError, match="Invalid lifecycle") as caught:
        client.create_backup_plan(BackupPlan=continuous(Lifecycle=lifecycle))
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"


@pytest.mark.parametrize("locked", [False, True])
def test_a_recovery_point_gets_another_lifecycle_only_while_its_vault_is_not_locked(cloud: Cloud, locked: bool) -> None:
    client = cloud.client("backup", HERE)
    point = {"BackupVaultName": "vault", "RecoveryPointArn": back_up(cloud, Lifecycle={"DeleteAfterDays": 7})["RecoveryPointArn"]}
    if locked:
        lock(cloud, "vault", HERE, MinRetentionDays=1, MaxRetentionDays=30)
        for days in (6, 8):
            with pytest.raises(ClientError, match="locked") as caught:
                client.update_recovery_point_lifecycle(**point, Lifecycle={"DeleteAfterDays": days})
            assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
        cloud.clock.advance_to(cloud.clock.now() + timedelta(days=6, hours=23))
        assert client.describe_recovery_point(**point)["Lifecycle"] == {"DeleteAfterDays": 7}
        return
    answer = client.update_recovery_point_lifecycle(**point, Lifecycle={"DeleteAfterDays": 2})
    assert answer["Lifecycle"] == {"DeleteAfterDays": 2}
    assert answer["CalculatedLifecycle"]["DeleteAt"] == client.describe_recovery_point(**point)["CreationDate"] + timedelta(
        days=2
    )
    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=2))
    assert client.describe_backup_vault(BackupVaultName="vault")["NumberOfRecoveryPoints"] == 0


def test_a_point_whose_deletion_is_put_off_outlives_its_first_date(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    point = {"BackupVaultName": "vault", "RecoveryPointArn": back_up(cloud, Lifecycle={"DeleteAfterDays": 2})["RecoveryPointArn"]}
    client.update_recovery_point_lifecycle(**point, Lifecycle={"DeleteAfterDays": -1, "MoveToColdStorageAfterDays": -1})
    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=40))
    assert client.describe_recovery_point(**point)["Status"] == "COMPLETED"


def test_a_compliance_lock_after_its_grace_can_be_neither_lifted_nor_loosened_nor_tightened(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    lock(cloud, "vault", HERE, MinRetentionDays=1, MaxRetentionDays=30, ChangeableForDays=3)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=2))
    lock(cloud, "vault", HERE, MinRetentionDays=2, MaxRetentionDays=30, ChangeableForDays=3)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=3, seconds=1))
    with pytest.raises(ClientError) as caught:
        client.delete_backup_vault_lock_configuration(BackupVaultName="vault")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    for bounds in ({"MinRetentionDays": 1}, {"MinRetentionDays": 3, "MaxRetentionDays": 30}, {"ChangeableForDays": 3}):
        with pytest.raises(ClientError) as caught:
            lock(cloud, "vault", HERE, **bounds)
        assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    described = client.describe_backup_vault(BackupVaultName="vault")
    assert (described["Locked"], described["MinRetentionDays"], described["MaxRetentionDays"]) == (True, 2, 30)


def test_rds_does_not_delete_what_aws_backup_keeps(cloud: Cloud) -> None:
    database = create(cloud, "crm")
    job = back_up(cloud, database["DBInstanceArn"], Lifecycle={"DeleteAfterDays": 2})
    identifier = job["RecoveryPointArn"].split(":snapshot:")[1]
    rds = cloud.client("rds", HERE)
    with pytest.raises(ClientError, match="AWS Backup") as caught:
        rds.delete_db_snapshot(DBSnapshotIdentifier=identifier)
    assert caught.value.response["Error"]["Code"] == "InvalidDBSnapshotState"
    assert rds.describe_db_snapshots(DBSnapshotIdentifier=identifier)["DBSnapshots"][0]["Status"] == "available"
    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=2))
    with pytest.raises(ClientError, match="not found"):
        rds.describe_db_snapshots(DBSnapshotIdentifier=identifier)


def test_an_unlocked_vault_still_judges_nothing(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    lock(cloud, "vault", HERE, MinRetentionDays=1, MaxRetentionDays=30)
    client.delete_backup_vault_lock_configuration(BackupVaultName="vault")
    job = client.start_backup_job(BackupVaultName="vault", ResourceArn=TABLE_ARN, IamRoleArn=ROLE)["BackupJobId"]
    assert until_over(cloud, lambda: client.describe_backup_job(BackupJobId=job))["State"] == "COMPLETED"


def test_automated_backups_reach_back_35_days_at_most(cloud: Cloud) -> None:
    rds = cloud.client("rds", HERE)
    refused("InvalidParameterValue", lambda **days: create(cloud, "crm", **days), BackupRetentionPeriod=36)
    create(cloud, "crm", BackupRetentionPeriod=35)
    modify = {"DBInstanceIdentifier": "crm", "ApplyImmediately": True}
    refused("InvalidParameterValue", rds.modify_db_instance, **modify, BackupRetentionPeriod=36)
    rds.modify_db_instance(**modify, BackupRetentionPeriod=35)
