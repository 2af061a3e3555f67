"""What the tests of the embedded AWS Backup share: two regions, their vaults, a table, and waiting in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from moto.kms.models import Key, kms_backends

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.roles import may_all

HERE, THERE = "ap-southeast-1", "ap-southeast-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
TABLE_ARN = f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/audit"
KEY_ARN = f"arn:aws:kms:{THERE}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
OVER = {"COMPLETED", "FAILED", "ABORTED", "EXPIRED"}


def vault_arn(name: str, region: str) -> str:
    return f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{name}"


def make_vaults(cloud: Cloud, *, key: str | None = KEY_ARN) -> None:
    """Two vaults, the copies' with a key of its own, and a role for AWS Backup that may do everything."""
    may_all(cloud, "backup", trusted="backup.amazonaws.com")
    if key == KEY_ARN:
        _make_key()
    cloud.client("backup", HERE).create_backup_vault(BackupVaultName="vault")
    own = {"EncryptionKeyArn": key} if key else {}
    cloud.client("backup", THERE).create_backup_vault(BackupVaultName="copies", **own)


def _make_key() -> None:
    key = Key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "Copies", ACCOUNT, THERE)
    key.id, key.arn = KEY_ARN.rpartition("/")[2], KEY_ARN
    kms_backends[ACCOUNT][THERE].keys.setdefault(key.id, key)


def make_table(cloud: Cloud, items: int = 60) -> list[dict[str, Any]]:
    """The table `audit`, with every setting a restore leaves off, and items of every DynamoDB type."""
    client = cloud.client("dynamodb", HERE)
    client.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "client", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("client", "at", "agent")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "AgentIndex",
                "KeySchema": [{"AttributeName": "agent", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        DeletionProtectionEnabled=True,
        Tags=[{"Key": "owner", "Value": "bank"}],
    )
    client.update_time_to_live(TableName="audit", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    written = [
        {
            "client": {"S": f"CLT-{n % 7}"},
            "at": {"S": f"2026-11-02T00:00:{n:02}"},
            "agent": {"S": "agent-1"},
            "ttl": {"N": "1893000000.5"},
            "raw": {"B": bytes([n, 0, 255])},
            "deep": {"M": {"list": {"L": [{"NULL": True}, {"BOOL": False}, {"BS": [b"\x00\x01"]}]}}},
        }
        for n in range(items)
    ]
    for item in written:
        client.put_item(TableName="audit", Item=item)
    return written


def items_of(cloud: Cloud, region: str, table: str) -> list[dict[str, Any]]:
    pages = cloud.client("dynamodb", region).get_paginator("scan").paginate(TableName=table)
    return sorted((item for page in pages for item in page["Items"]), key=repr)


def until_over(cloud: Cloud, describe: Callable[[], dict[str, Any]], *, hours: int = 12) -> dict[str, Any]:
    """Walk the virtual clock until the job is over."""
    for _ in range(hours * 6):
        job = describe()
        if job.get("State", job.get("Status")) in OVER:
            return job
        cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=10))
    raise AssertionError(f"still {job}")


@contextmanager
def at(cloud: Cloud, *minutes: float, do: Callable[[], None]) -> Iterator[None]:
    """Do something some virtual minutes from now, in the middle of the job that is started inside this block.

    The clock leaps whenever the cloud is idle, so it is kept busy until the job is there.
    """
    with cloud.gateway.working():
        for each in minutes:
            cloud.clock.call_after(timedelta(minutes=each), do)
        yield


def back_up(cloud: Cloud, resource: str = TABLE_ARN, **parameters: Any) -> dict[str, Any]:
    client = cloud.client("backup", HERE)
    parameters = {"BackupVaultName": "vault", "IamRoleArn": ROLE, "ResourceArn": resource} | parameters
    job_id = client.start_backup_job(**parameters)["BackupJobId"]
    return until_over(cloud, lambda: client.describe_backup_job(BackupJobId=job_id))


def copy(cloud: Cloud, recovery_point: str, **parameters: Any) -> dict[str, Any]:
    client = cloud.client("backup", HERE)
    job_id = client.start_copy_job(
        RecoveryPointArn=recovery_point,
        SourceBackupVaultName="vault",
        DestinationBackupVaultArn=vault_arn("copies", THERE),
        **{"IamRoleArn": ROLE} | parameters,
    )["CopyJobId"]
    return until_over(cloud, lambda: client.describe_copy_job(CopyJobId=job_id)["CopyJob"])


def restore(cloud: Cloud, region: str, recovery_point: str, metadata: dict[str, str], **parameters: Any) -> dict[str, Any]:
    client = cloud.client("backup", region)
    parameters = {"IamRoleArn": ROLE} | parameters
    job_id = client.start_restore_job(RecoveryPointArn=recovery_point, Metadata=metadata, **parameters)["RestoreJobId"]
    return until_over(cloud, lambda: client.describe_restore_job(RestoreJobId=job_id))
