"""What can go wrong under a restore, each as a context: inside it the trouble is there, after it the trouble is over.

Which call is throttled, how often, and in which step an execution is stopped comes from the run's seed.
"""

from __future__ import annotations

import errno
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from moto.core.utils import get_service_model
from moto.rds.exceptions import RDSClientError
from werkzeug.wrappers import Response

from recovery.restore.plan import Plan
from rehearsal.cloud import Cloud
from rehearsal.cloud.backup.records import JobFailedError
from rehearsal.cloud.rds.capture import Capture
from rehearsal.scenarios.base import wait_for
from strategy import naming
from strategy.routes import Mode, Route, Step

FUNCTIONS: Mapping[Step, tuple[str, ...]] = {
    Step.CLAIM: ("restore-claim",),
    Step.CHECK: ("restore-check",),
    Step.RESTORE: ("restore-begin",),
    Step.SETTINGS: ("restore-settings",),
    Step.PASSWORDS: ("restore-passwords",),
    Step.VERIFY: ("verify-mysql", "verify-dynamodb"),
    Step.FENCE: ("restore-cutover",),
    Step.SWITCH: ("restore-cutover",),
    Step.PROVE: ("restore-cutover",),
    Step.REPAIR: ("restore-repair",),
}
"""By the step they work for."""
_NOT_THROTTLED = frozenset({"states", "logs", "sts"})
"""Who drives the workflow, rather than being called by it."""


@dataclass(frozen=True)
class Night:
    """One run: whose plan, and its own chance."""

    cloud: Cloud
    plan: Plan
    chance: random.Random
    stop: Callable[[], None]
    """Ends the plan's execution, as somebody with the console open would."""

    def client(self, service: str) -> Any:
        return self.cloud.client(service, self.plan.region)


Trouble = Callable[[Night], AbstractContextManager[None]]


@contextmanager
def throttling(night: Night) -> Iterator[None]:
    """Some operation is throttled, once or many times in a row."""
    skip, times = night.chance.randrange(60), night.chance.choice((1, 2, 3, 6, 30))
    chosen: list[tuple[str, str]] = []
    given = 0

    def answer(_region: str, service: str, operation: str) -> Response | None:
        nonlocal skip, given
        if service in _NOT_THROTTLED or not service:
            return None
        if not chosen:
            skip -= 1
            if skip >= 0:
                return None
            chosen.append((service, operation))
        if (service, operation) != chosen[0] or given >= times:
            return None
        given += 1
        return throttled(service)

    with _put_in(night.cloud.door.interceptors, answer):
        yield


def throttled(service: str) -> Response:
    """As the service says it, in the protocol that its callers read."""
    protocol = get_service_model(service).protocol
    if protocol in {"query", "ec2"}:
        error = "<Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
        return Response(f"<ErrorResponse>{error}</ErrorResponse>", status=400, content_type="text/xml")
    if protocol == "rest-xml":
        return Response("<Error><Code>SlowDown</Code><Message>Slow down</Message></Error>", status=503, content_type="text/xml")
    code = "TooManyRequestsException" if service == "lambda" else "ThrottlingException"
    body = json.dumps({"__type": code, "message": "Rate exceeded"})
    status = 429 if service == "lambda" else 400
    return Response(body, status=status, headers={"X-Amzn-Errortype": code}, content_type="application/json")


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


@contextmanager
def execution_stopped(night: Night) -> Iterator[None]:
    """Somebody stops the execution just as the function of one step begins its work."""
    step = night.chance.choice([each.step for each in night.plan.steps if each.step in FUNCTIONS])
    stopped: list[str] = []

    def notice(region: str, function: str, event: Any) -> None:
        names = {naming.function(night.plan.prefix, each) for each in FUNCTIONS[step]}
        action = event.get("action", step.name.lower()) if isinstance(event, dict) else step.name.lower()
        if not stopped and region == night.plan.region and function in names and action == step.name.lower():
            stopped.append(function)
            night.stop()

    with _put_in(night.cloud.before_invoke, notice):
        yield


@contextmanager
def nothing(night: Night) -> Iterator[None]:  # noqa: ARG001  as above
    """The operator's laptop is closed right after the start: nobody follows."""
    yield


TROUBLES: Mapping[str, Trouble] = {
    "throttling": throttling,
    "restore job fails": job_fails,
    "restore job never ends": job_never_ends,
    "recovery point deleted": point_deleted,
    "key disabled": key_disabled,
    "target name taken": name_taken,
    "disk full": disk_full,
    "operator gone": nothing,
    "execution stopped": execution_stopped,
}


def fitting(route: Route, mode: Mode) -> list[str]:
    """Troubles that a route can have; more than one mention is more likely."""
    common = ["throttling", "throttling", "target name taken", "operator gone", "execution stopped", "execution stopped"]
    if route.kind == "mysql":
        common += ["disk full", "key disabled"]
    if not route.to_a_moment:
        common += ["restore job fails", "recovery point deleted"]
        common += ["restore job never ends"] if mode is Mode.BESIDE else []
    return common


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
    """Of the vault when a recovery point is restored, of the instance otherwise."""
    point = night.plan.recovery_point
    if point is not None:
        vault = night.client("backup").describe_backup_vault(BackupVaultName=point.vault)
        if "EncryptionKeyArn" in vault:
            return str(vault["EncryptionKeyArn"])
    described = night.client("rds").describe_db_instances(DBInstanceIdentifier=night.plan.source.name)["DBInstances"][0]
    return str(described["KmsKeyId"])


@contextmanager
def _put_in(hooks: list[Any], hook: Any) -> Iterator[None]:
    hooks.append(hook)
    try:
        yield
    finally:
        hooks.remove(hook)
