"""Begins a restore beside the old store, or finds the one that this plan has begun before. Nothing is ever made twice.

Point in time: the target's name makes it once: AWS refuses a second one. From a recovery point, the idempotency token does, which
changes only when the job before it has failed. A replica is promoted, or is there as it is: nothing is restored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from recovery.lambda_runtime import TryAgain, passes
from recovery.restore import target
from recovery.restore.plan import Plan
from recovery.restore.plan_lock import change, record
from recovery.restore.settings.mysql import metadata
from strategy.catalogue import names, store_states
from strategy.contracts.restore import BeginAnswer

_EXISTS = frozenset({"DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault", "TableAlreadyExistsException"})
_NOT_YET = frozenset({"InvalidDBInstanceState", "InvalidDBInstanceStateFault", "LimitExceededException"})
"""The source is being changed, or too many tables are: it passes."""
_NO_CAPACITY = "InsufficientDBInstanceCapacity"
_ENDED_BADLY = frozenset({"FAILED", "ABORTED"})
_RESOURCE_TYPES = {"mysql": "RDS", "dynamodb": "DynamoDB"}


class NameTaken(Exception):
    """What has the target's name is not this plan's; it was not touched."""


class RestoreRefused(Exception):
    """AWS will not restore this; the message says why and what to do."""


def begin(plan: Plan, client: Callable[[str], Any]) -> BeginAnswer:
    known = record(plan, client("dynamodb"))
    there = target.find(plan, client, known)
    if there is not None and not there.ours:
        raise _taken(plan)
    if there is not None and there.state.stuck:
        raise RestoreRefused(
            f"{store_states.said(there.kind, plan.target.name, there.status)}. It was left as it is; "
            f"`python -m recovery cleanup {plan.plan_id}` shows what is left."
        )
    if plan.replica:
        return BeginAnswer(job_id="", found=not _promoted(plan, client, there))
    if plan.route.to_a_moment:
        return BeginAnswer(job_id="", found=bool(there) or not _to_a_moment(plan, client))
    return _from_point(plan, client, known)


def _promoted(plan: Plan, client: Callable[[str], Any], there: target.Target | None) -> bool:
    """Whether this call promoted the replica. A table's is written to as it is; an instance is marked first, so that whoever
    looks after a crash finds whose promotion it was.
    """
    if there is None:
        raise RestoreRefused(f"there is no replica {plan.target.name} in {plan.region}: plan again, from another source")
    if plan.route.kind == "dynamodb":
        return False
    rds = client("rds")
    instance = target.describe(rds, plan.target.name)
    if instance is None or not instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        if there.marked:
            return False
        raise _taken(plan)
    if not there.marked:
        mark = [{"Key": names.PLAN_TAG, "Value": plan.plan_id}]
        rds.add_tags_to_resource(ResourceName=plan.target.arn, Tags=mark)
    days = plan.settings["at_restore"].get("BackupRetentionPeriod", 1)
    return _asked(
        plan,
        lambda: rds.promote_read_replica(DBInstanceIdentifier=plan.target.name, BackupRetentionPeriod=days),
    )


def _taken(plan: Plan) -> NameTaken:
    return NameTaken(
        f"{plan.target.name} exists in {plan.region} and was not made by plan {plan.plan_id}: it was left alone. "
        "Make a new plan, which gets a name of its own."
    )


def _to_a_moment(plan: Plan, client: Callable[[str], Any]) -> bool:
    """Whether this call began it."""
    if plan.route.kind == "mysql":
        rds = client("rds")
        source = _mysql_source(plan, rds)
        tags = [{"Key": key, "Value": value} for key, value in _tags(plan).items()]
        return _asked(
            plan,
            lambda: rds.restore_db_instance_to_point_in_time(
                **source,
                **plan.settings["at_restore"],
                TargetDBInstanceIdentifier=plan.target.name,
                RestoreTime=plan.moment,
                Tags=tags,
            ),
        )
    return _asked(
        plan,
        lambda: client("dynamodb").restore_table_to_point_in_time(
            SourceTableName=plan.source.name, TargetTableName=plan.target.name, RestoreDateTime=plan.moment
        ),
    )


def _mysql_source(plan: Plan, rds: Any) -> dict[str, str]:
    """The instance itself, or the automated backups that were retained when it was deleted."""
    here = f":rds:{plan.region}:" in plan.source.arn
    if here and target.describe(rds, plan.source.name) is not None:
        return {"SourceDBInstanceIdentifier": plan.source.name}
    pages = rds.get_paginator("describe_db_instance_automated_backups").paginate()
    kept = [each for page in pages for each in page["DBInstanceAutomatedBackups"] if each.get("DBInstanceArn") == plan.source.arn]
    windows = [each for each in kept if each.get("RestoreWindow", {}).get("LatestTime")]
    if not windows:
        raise RestoreRefused(
            f"{plan.source.name} is gone, and no automated backups of it were retained: restore a recovery point instead"
        )
    newest = max(windows, key=lambda each: each["RestoreWindow"]["LatestTime"])
    if here:
        return {"SourceDbiResourceId": str(newest["DbiResourceId"])}
    return {"SourceDBInstanceAutomatedBackupsArn": str(newest["DBInstanceAutomatedBackupsArn"])}


def _tags(plan: Plan) -> dict[str, str]:
    return {**plan.settings.get("tags", {}), names.PLAN_TAG: plan.plan_id}


def _from_point(plan: Plan, client: Callable[[str], Any], known: Mapping[str, str]) -> BeginAnswer:
    backup, dynamodb = client("backup"), client("dynamodb")
    number, job = int(known.get("restore_number", 1)), known.get("job_id", "")
    status = _status(backup, job) if job else None
    if status not in {None, "COMPLETED", *_ENDED_BADLY}:
        return BeginAnswer(job_id=job, found=True)
    there = target.find(plan, client, known) if job else None  # after the job's status: it may have come meanwhile
    if there is not None and status in _ENDED_BADLY and not there.marked:
        raise _taken(plan)  # that is why the job failed
    if there is not None:
        return BeginAnswer(job_id="", found=True)
    if job:
        number = _next(plan, dynamodb, number)
    if not change(plan, dynamodb, {"announced": number}, expected={"restore_number": number}):
        raise TryAgain(f"another call is restoring plan {plan.plan_id}")
    started = _start(plan, backup, number)
    change(plan, dynamodb, {"job_id": started}, expected={"restore_number": number})
    return BeginAnswer(job_id=started, found=False)


def _next(plan: Plan, dynamodb: Any, number: int) -> int:
    """The job of `number` is over and left nothing: a new token for a new one, taken by one caller only."""
    if not change(plan, dynamodb, {"restore_number": number + 1}, expected={"restore_number": number}):
        raise TryAgain(f"another call is restoring plan {plan.plan_id}")
    return number + 1


def _start(plan: Plan, backup: Any, number: int) -> str:
    point = plan.recovery_point
    if point is None:
        raise RestoreRefused(f"plan {plan.plan_id} names no recovery point")
    if plan.route.kind == "mysql":
        values = metadata(plan.settings["at_restore"], plan.target.name)
    else:
        values = {"targetTableName": plan.target.name, "encryptionType": "Default"}
    started: dict[str, str] = {}

    def start() -> None:
        started["job_id"] = backup.start_restore_job(
            RecoveryPointArn=point.arn,
            Metadata=values,
            IamRoleArn=names.role_arn(plan.prefix, "restore", plan.region, plan.account),
            IdempotencyToken=f"{plan.plan_id}-{number}",
            ResourceType=_RESOURCE_TYPES[plan.route.kind],
        )["RestoreJobId"]

    _asked(plan, start)
    return started["job_id"]


def _status(backup: Any, job: str) -> str | None:
    """None: AWS no longer knows the job."""
    try:
        return str(backup.describe_restore_job(RestoreJobId=job)["Status"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise


def _asked(plan: Plan, call: Callable[[], Any]) -> bool:
    """Whether AWS began it; not, when a call at the same time did."""
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if passes(error):
            raise
        if code in _NOT_YET or code in _EXISTS:
            raise TryAgain(str(error)) from error  # the next look tells whose it is
        if code == _NO_CAPACITY:
            raise RestoreRefused(
                f"{plan.target.name} could not be restored: AWS has no such instance in that zone now ({code}). Nothing was made "
                "and nothing old was touched: resume the plan in some minutes, or change the class or the zones in the strategy, "
                "deploy, and make a new plan."
            ) from error
        raise RestoreRefused(
            f"{plan.target.name} could not be restored: {error.response['Error'].get('Message') or code} ({code}). "
            "Nothing was made and nothing old was touched."
        ) from error
    return True
