"""The gateway knows who calls, and every operation by the name of AWS's API: permissions are held against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.functions import create as create_function
from aws_support.functions import invoke, trust
from aws_support.state_machines import Machine, sdk

REGION = "ap-southeast-1"
CODE = """\
import boto3

def handler(event, context):
    boto3.client("backup").list_backup_vaults()
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        trust(cloud)
        yield cloud


def called(cloud: Cloud, caller: str) -> set[tuple[str, str]]:
    return {(service, operation) for who, _, service, operation in cloud.gateway.callers if who == caller}


def test_a_function_calls_under_its_name(cloud: Cloud) -> None:
    create_function(cloud, "bank-lister", {"lister.py": CODE}, Handler="lister.handler")
    _, error, log = invoke(cloud, "bank-lister", {})
    assert error is None, log
    assert called(cloud, "bank-lister") == {("backup", "ListBackupVaults")}
    assert cloud.gateway.callers["bank-lister", REGION, "backup", "ListBackupVaults"] == 1


@pytest.mark.parametrize("more", [{}, {"TimeoutSeconds": 60}])
def test_a_state_machine_calls_under_its_name(cloud: Cloud, more: dict[str, Any]) -> None:
    task = sdk("dynamodb:listTables", {}, **more)
    branches = [
        {"StartAt": "List", "States": {"List": task}},
        {"StartAt": "Ask", "States": {"Ask": sdk("backup:listBackupVaults")}},
    ]
    machine = Machine(cloud, {"Both": {"Type": "Parallel", "Branches": branches, "End": True}})
    machine.output()
    assert called(cloud, machine.arn.rsplit(":", 1)[-1]) == {("dynamodb", "ListTables"), ("backup", "ListBackupVaults")}


def test_operations_of_rest_services_have_the_names_of_the_api(cloud: Cloud) -> None:
    s3, backup = cloud.client("s3", REGION, caller="somebody"), cloud.client("backup", REGION, caller="somebody")
    s3.create_bucket(Bucket="bank", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="bank", Key="restores/a b.json", Body=b"{}")
    s3.copy_object(Bucket="bank", Key="copy", CopySource="bank/restores/a b.json")
    s3.get_object(Bucket="bank", Key="copy")
    s3.list_objects_v2(Bucket="bank")
    s3.head_object(Bucket="bank", Key="copy")
    backup.create_backup_vault(BackupVaultName="bank")
    backup.list_recovery_points_by_backup_vault(BackupVaultName="bank", ByResourceArn=f"arn:aws:rds:{REGION}:{ACCOUNT}:db:x")
    cloud.client("lambda", REGION, caller="somebody").list_functions()
    cloud.client("cloudwatch", REGION, caller="somebody").describe_alarms()
    assert called(cloud, "somebody") == {
        ("s3", "CreateBucket"),
        ("s3", "PutObject"),
        ("s3", "CopyObject"),
        ("s3", "GetObject"),
        ("s3", "ListObjectsV2"),
        ("s3", "HeadObject"),
        ("backup", "CreateBackupVault"),
        ("backup", "ListRecoveryPointsByBackupVault"),
        ("lambda", "ListFunctions"),
        ("monitoring", "DescribeAlarms"),
    }
