"""What a rehearsal breaks under a restore, broken in the embedded AWS: its key, its job, its recovery point."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_rehearsal.backup.records import JobFailedError
from aws_support.backup_bench import HERE, ROLE, TABLE_ARN, back_up, items_of, make_table, make_vaults, restore, until_over
from aws_support.rds import create, until

TARGET = {"targetTableName": "restored"}


def made(cloud: Cloud, **vault: Any) -> str:
    """A recovery point of the table `audit`."""
    cloud.client("backup", HERE).create_backup_vault(BackupVaultName="vault", **vault)
    make_table(cloud, 3)
    return str(back_up(cloud)["RecoveryPointArn"])


def test_the_key_of_a_vault_without_its_own_exists_and_is_enabled(cloud: Cloud) -> None:
    make_vaults(cloud, key=None)
    for vault in cloud.client("backup", HERE).list_backup_vaults()["BackupVaultList"]:
        described = cloud.client("kms", HERE).describe_key(KeyId=vault["EncryptionKeyArn"])["KeyMetadata"]
        assert (described["Arn"], described["KeyState"]) == (vault["EncryptionKeyArn"], "Enabled")
        assert described["KeyManager"] == "AWS"


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_point_whose_key_cannot_be_used_is_not_restored_and_the_job_names_the_key(cloud: Cloud, state: str) -> None:
    kms = cloud.client("kms", HERE)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    point = made(cloud, EncryptionKeyArn=key)
    if state == "Disabled":
        kms.disable_key(KeyId=key)
    else:
        kms.schedule_key_deletion(KeyId=key)
    job = restore(cloud, HERE, point, TARGET)
    assert job["Status"] == "FAILED"
    assert f"{key} is {state}" in job["StatusMessage"]
    assert "restored" not in cloud.client("dynamodb", HERE).list_tables()["TableNames"]


def test_a_key_that_is_enabled_again_lets_the_point_be_restored(cloud: Cloud) -> None:
    kms = cloud.client("kms", HERE)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    point = made(cloud, EncryptionKeyArn=key)
    kms.disable_key(KeyId=key)
    assert restore(cloud, HERE, point, TARGET)["Status"] == "FAILED"
    kms.enable_key(KeyId=key)
    assert restore(cloud, HERE, point, TARGET)["Status"] == "COMPLETED"
    assert items_of(cloud, HERE, "restored") == items_of(cloud, HERE, "audit")


def test_an_instance_is_not_restored_to_a_moment_with_a_disabled_key(cloud: Cloud) -> None:
    kms, rds = cloud.client("kms", HERE), cloud.client("rds", HERE)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    database = create(cloud, StorageEncrypted=True, KmsKeyId=key)
    cloud.clock.advance_to(database["InstanceCreateTime"].replace(hour=23))
    asked = {"SourceDBInstanceIdentifier": "bank", "TargetDBInstanceIdentifier": "again", "UseLatestRestorableTime": True}
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError, match=f"{key} is Disabled") as refusal:
        rds.restore_db_instance_to_point_in_time(**asked)
    assert refusal.value.response["Error"]["Code"] == "KMSKeyNotAccessibleFault"
    kms.enable_key(KeyId=key)
    rds.restore_db_instance_to_point_in_time(**asked)
    until(cloud, HERE, "again")


def test_a_restore_job_can_be_made_to_fail(cloud: Cloud) -> None:
    point = made(cloud)
    kind = cloud.services["backup"].kind_of(TABLE_ARN)  # type: ignore[attr-defined]  # the service is known by its name only
    with mock.patch.object(kind, "begin_restore", side_effect=JobFailedError("no permission")):
        job = restore(cloud, HERE, point, TARGET)
    assert (job["Status"], job["StatusMessage"]) == ("FAILED", "no permission")
    assert restore(cloud, HERE, point, TARGET)["Status"] == "COMPLETED"


def test_a_restore_job_that_never_ends_goes_on_when_the_trouble_is_over(cloud: Cloud) -> None:
    point, backup = made(cloud), cloud.client("backup", HERE)
    kind = cloud.services["backup"].kind_of(TABLE_ARN)  # type: ignore[attr-defined]  # as above
    with mock.patch.object(kind, "finish_restore", return_value=None):
        asked = {"RecoveryPointArn": point, "Metadata": TARGET, "IamRoleArn": ROLE}
        job = backup.start_restore_job(**asked)["RestoreJobId"]
        cloud.clock.advance_to(cloud.clock.now() + timedelta(hours=30))
        assert backup.describe_restore_job(RestoreJobId=job)["Status"] == "RUNNING"
    assert until_over(cloud, lambda: backup.describe_restore_job(RestoreJobId=job))["Status"] == "COMPLETED"


def test_a_deleted_recovery_point_cannot_be_described_or_restored(cloud: Cloud) -> None:
    point, backup = made(cloud), cloud.client("backup", HERE)
    where = {"BackupVaultName": "vault", "RecoveryPointArn": point}
    assert backup.describe_recovery_point(**where)["Status"] == "COMPLETED"
    assert backup.get_recovery_point_restore_metadata(**where)["RestoreMetadata"]["targetTableName"] == "audit"
    backup.delete_recovery_point(**where)
    with pytest.raises(ClientError, match="Cannot find recovery point"):
        backup.describe_recovery_point(**where)
    with pytest.raises(ClientError, match="Cannot find recovery point"):
        backup.start_restore_job(RecoveryPointArn=point, Metadata=TARGET, IamRoleArn=ROLE)
