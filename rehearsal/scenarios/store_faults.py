"""What can go wrong with what a restore needs: its job, its recovery point, its key, its name, its disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.rds.exceptions import RDSClientError

from aws_rehearsal import Capture, JobFailedError
from rehearsal.scenarios.base import wait_for
from rehearsal.scenarios.fault_context import Night


@contextmanager
def job_fails(night: Night) -> Iterator[None]:
    """AWS Backup reports the restore job as FAILED."""

    def fail(*_: object) -> None:
        raise JobFailedError("AWS Backup does not have permission to do what it did yesterday")

    with mock.patch.object(_kind(night), "begin_restore", fail):
        yield


@contextmanager
def job_never_ends(night: Night) -> Iterator[None]:
    """The restore job stays RUNNING until the trouble is over."""
    with mock.patch.object(_kind(night), "finish_restore", return_value=None):
        yield


@contextmanager
def point_deleted(night: Night) -> Iterator[None]:
    """The recovery point disappears between plan and start (and, for the runs that follow, comes back)."""
    point = night.plan.recovery_point
    assert point is not None  # noqa: S101  else it does not fit
    backup: Any = night.cloud.services["backup"]
    points = backup.vault(night.plan.region, point.vault).points
    gone = points.pop(point.arn)
    try:
        yield
    finally:
        points[point.arn] = gone


@contextmanager
def key_disabled(night: Night) -> Iterator[None]:
    """Somebody disables the key that the data is encrypted with."""
    kms, key = night.client("kms"), _key(night)
    kms.disable_key(KeyId=key)
    try:
        yield
    finally:
        kms.enable_key(KeyId=key)


@contextmanager
def name_taken(night: Night) -> Iterator[None]:
    """Somebody made a store under the plan's name."""
    name = night.plan.target.name
    if night.plan.route.kind == "dynamodb":
        dynamodb = night.client("dynamodb")
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        try:
            yield
        finally:
            dynamodb.delete_table(TableName=name)
        return
    rds = night.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        MasterUsername="stranger",
        MasterUserPassword="not a secret",
        AllocatedStorage=20,
    )
    try:
        yield
    finally:
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        wait_for(lambda: name not in instances(rds), what=f"{name} to be deleted")


@contextmanager
def disk_full(night: Night) -> Iterator[None]:
    """The first copy of the backup's files finds no space; RDS says so, or only that it failed."""
    restore, failed = Capture.restore, list[bool]()
    code = night.chance.choice(("StorageQuotaExceeded", "InternalFailure"))

    def fails_once(capture: Capture, data: Any) -> None:
        if not failed:
            failed.append(True)
            error = RDSClientError(code, os.strerror(errno.ENOSPC))
            error.code = 500 if code == "InternalFailure" else 400
            raise error
        restore(capture, data)

    with mock.patch.object(Capture, "restore", fails_once):
        yield


def instances(rds: Any) -> set[str]:
    return {
        each["DBInstanceIdentifier"]
        for page in rds.get_paginator("describe_db_instances").paginate()
        for each in page["DBInstances"]
    }


def _kind(night: Night) -> Any:
    backup: Any = night.cloud.services["backup"]
    return backup.kind_of(night.plan.source.arn)


def _key(night: Night) -> str:
    """Of the recovery point when one is restored, of the instance otherwise."""
    point = night.plan.recovery_point
    if point is not None:
        asked = {"BackupVaultName": point.vault, "RecoveryPointArn": point.arn}
        return str(night.client("backup").describe_recovery_point(**asked)["EncryptionKeyArn"])
    described = night.client("rds").describe_db_instances(DBInstanceIdentifier=night.plan.source.name)["DBInstances"][0]
    return str(described["KmsKeyId"])
