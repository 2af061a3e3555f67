"""What AWS Backup refuses, or what the embedded one refuses because it cannot do it: always by name, never silently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.backup_bench import HERE, ROLE, TABLE_ARN, THERE, back_up, copy, make_table, make_vaults, restore

RULE = {
    "RuleName": "daily",
    "TargetBackupVaultName": "vault",
    "ScheduleExpression": "cron(0 2 * * ? *)",
    "StartWindowMinutes": 60,
    "CompletionWindowMinutes": 120,
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One cloud for all: nothing here changes it."""
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        make_vaults(cloud)
        make_table(cloud, items=2)
        yield cloud


@pytest.fixture(scope="module")
def copied(cloud: Cloud) -> str:
    job = copy(cloud, back_up(cloud)["RecoveryPointArn"])
    return str(job["DestinationRecoveryPointArn"])


@pytest.mark.parametrize(
    ("metadata", "options", "message"),
    [
        ({"targetTableName": "audit"}, {}, "encryptionType must be given"),
        ({"encryptionType": "Default"}, {}, "targetTableName must be given"),
        ({"targetTableName": "audit", "encryptionType": "KMS"}, {}, "kmsMasterKeyArn must be given"),
        ({"targetTableName": "audit", "encryptionType": "None"}, {}, "Default or KMS"),
        (
            {"targetTableName": "audit", "encryptionType": "Default", "pitr": "on"},
            {},
            "Unknown restore metadata for DynamoDB: pitr",
        ),
        ({"targetTableName": "audit", "encryptionType": "Default"}, {"CopySourceTagsToRestoredResource": True}, "CopySourceTags"),
    ],
)
def test_a_table_is_not_restored_with_metadata_aws_does_not_take(
    cloud: Cloud, copied: str, metadata: dict[str, str], options: dict[str, bool], message: str
) -> None:
    job = restore(cloud, THERE, copied, metadata, **options)
    assert job["Status"] == "FAILED"
    assert message in job["StatusMessage"]
    assert cloud.client("dynamodb", THERE).list_tables()["TableNames"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ScheduleExpression": "cron(0 2 * * * *)"}, "daily: "),
        ({"StartWindowMinutes": 30}, "at least 60"),
        ({"CompletionWindowMinutes": 60}, "more than StartWindowMinutes"),
        ({"ScheduleExpressionTimezone": "Asia/Singapore"}, "runs schedules in UTC"),
        ({"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35}}, "does not model EnableContinuousBackup"),
        ({"Lifecycle": {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 20}}, "at least 90 days after"),
        ({"Lifecycle": {"DeleteAfterDays": 0}}, "at least 1"),
        ({"RuleName": "no spaces"}, "Invalid rule name"),
        ({"CopyActions": [{"DestinationBackupVaultArn": "copies"}]}, "Invalid ARN"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(cloud: Cloud, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        cloud.client("backup", HERE).create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [RULE | change]})
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("create_backup_vault", {"BackupVaultName": "vault"}, "AlreadyExistsException"),
        ("create_backup_vault", {"BackupVaultName": "no spaces"}, "InvalidParameterValueException"),
        ("describe_backup_vault", {"BackupVaultName": "other"}, "ResourceNotFoundException"),
        ("get_backup_vault_access_policy", {"BackupVaultName": "vault"}, "ResourceNotFoundException"),
        ("get_backup_vault_notifications", {"BackupVaultName": "vault"}, "ResourceNotFoundException"),
        ("get_backup_plan", {"BackupPlanId": "plan"}, "ResourceNotFoundException"),
        ("describe_backup_job", {"BackupJobId": "job"}, "ResourceNotFoundException"),
        ("describe_copy_job", {"CopyJobId": "job"}, "ResourceNotFoundException"),
        ("describe_restore_job", {"RestoreJobId": "job"}, "ResourceNotFoundException"),
        ("describe_protected_resource", {"ResourceArn": TABLE_ARN + "-not"}, "ResourceNotFoundException"),
        ("list_tags", {"ResourceArn": TABLE_ARN}, "ResourceNotFoundException"),
        ("list_backup_jobs", {"NextToken": "no token"}, "InvalidParameterValueException"),
        ("list_backup_jobs", {"ByParentJobId": "job"}, "InvalidParameterValueException"),
        ("start_restore_job", {"RecoveryPointArn": TABLE_ARN, "Metadata": {}}, "ResourceNotFoundException"),
        ("list_frameworks", {}, "ValidationException"),
        (
            "start_backup_job",
            {"BackupVaultName": "vault", "ResourceArn": f"arn:aws:s3:{HERE}:{ACCOUNT}:bucket", "IamRoleArn": ROLE},
            "InvalidParameterValueException",
        ),
        (
            "start_backup_job",
            {"BackupVaultName": "vault", "ResourceArn": TABLE_ARN.replace(HERE, THERE), "IamRoleArn": ROLE},
            "InvalidParameterValueException",
        ),
        (
            "start_backup_job",
            {"BackupVaultName": "vault", "ResourceArn": TABLE_ARN, "IamRoleArn": ROLE, "Index": "ENABLED"},
            "ValidationException",
        ),
    ],
)
def test_a_call_is_refused_with_awss_code(cloud: Cloud, operation: str, parameters: dict[str, Any], code: str) -> None:
    call = getattr(cloud.client("backup", HERE), operation)
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code
