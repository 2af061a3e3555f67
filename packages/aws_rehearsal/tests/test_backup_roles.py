"""AWS Backup acts as the role that a job was given: the role must trust it, and may do what its policies allow."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.backup_bench import HERE, TABLE_ARN, back_up, copy, make_table, make_vaults, restore

BACKUP, RESTORE = "AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"
SERVICE = "backup.amazonaws.com"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud") / "cloud") as cloud:
        make_vaults(cloud)
        make_table(cloud, 3)
        yield cloud


@pytest.fixture(scope="module")
def point(cloud: Cloud) -> str:
    return str(back_up(cloud)["RecoveryPointArn"])


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(cloud: Cloud, *managed: str, trusted: str = SERVICE, allow: tuple[str, ...] = (), **condition: Any) -> str:
    iam, name = cloud.client("iam", HERE), f"role-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    trust |= {"Condition": condition} if condition else {}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    for each in managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/service-role/{each}")
    if allow:
        statement = {"Effect": "Allow", "Action": list(allow), "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(statement))
    return str(arn)


def cannot_be_assumed(arn: str) -> str:
    return f"IAM Role {arn} cannot be assumed by AWS Backup"


@pytest.mark.parametrize("trust", [{"trusted": "ec2.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": "999999999999"}}])
def test_a_role_that_does_not_trust_aws_backup_fails_the_job(cloud: Cloud, trust: dict[str, Any]) -> None:
    arn = role(cloud, BACKUP, **trust)
    job = back_up(cloud, IamRoleArn=arn)
    assert (job["State"], job.get("StatusMessage")) == ("FAILED", cannot_be_assumed(arn))
    assert "RecoveryPointArn" not in job
    counted = {each.allowed for each in cloud.guard.judged if (each.role, each.resource) == (SERVICE, arn)}
    assert counted == {False}


def test_a_role_that_is_not_there_fails_the_job(cloud: Cloud) -> None:
    gone = f"arn:aws:iam::{ACCOUNT}:role/gone"
    job = back_up(cloud, IamRoleArn=gone)
    assert (job["State"], job.get("StatusMessage")) == ("FAILED", cannot_be_assumed(gone))


def test_a_role_for_restores_cannot_back_up(cloud: Cloud) -> None:
    job = back_up(cloud, IamRoleArn=role(cloud, RESTORE))
    assert job["State"] == "FAILED"
    assert f"is not authorized to perform: dynamodb:StartAwsBackupJob on resource: {TABLE_ARN}" in job["StatusMessage"]
    assert "RecoveryPointArn" not in job


def test_aws_s_own_policy_backs_up(cloud: Cloud) -> None:
    ours = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert back_up(cloud, IamRoleArn=role(cloud, BACKUP, **ours))["State"] == "COMPLETED"


def test_a_copy_needs_the_role_at_both_ends(cloud: Cloud, point: str) -> None:
    job = copy(cloud, point, IamRoleArn=role(cloud, allow=("backup:CopyFromBackupVault",)))
    assert job["State"] == "FAILED"
    assert "is not authorized to perform: backup:CopyIntoBackupVault" in job["StatusMessage"]
    assert copy(cloud, point, IamRoleArn=role(cloud, BACKUP))["State"] == "COMPLETED"


def test_a_restore_needs_a_role_that_fills_the_table(cloud: Cloud, point: str) -> None:
    metadata = {"targetTableName": "refused", "encryptionType": "Default"}
    job = restore(cloud, HERE, point, metadata, IamRoleArn=role(cloud, BACKUP))
    assert job["Status"] == "FAILED"
    assert "is not authorized to perform: dynamodb:RestoreTableFromAwsBackup" in job["StatusMessage"]
    assert "refused" not in cloud.client("dynamodb", HERE).list_tables()["TableNames"]
    metadata["targetTableName"] = "restored"
    done = restore(cloud, HERE, point, metadata, IamRoleArn=role(cloud, RESTORE))
    assert (done["Status"], done.get("StatusMessage")) == ("COMPLETED", None)
