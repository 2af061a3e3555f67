"""Reading what a store can be restored from. Each function asks one region, and answers with a fact."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from recovery import recovery_points
from recovery.aws import NotChecked, ask
from recovery.evidence import bucket as evidence
from recovery.recovery_points import Keys, NoUsableRecoveryPoint
from recovery.status.facts import Live, Missing, Point, Window
from strategy.catalogue import store_states
from strategy.catalogue.store_states import Course

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_s3 import S3Client

_GONE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault", "ResourceNotFoundException", "TableNotFoundException"})
_STILL_WRITTEN = frozenset({"active", "replicating"})
"""States of automated backups whose window moves on; `retained` ones are what is left of a deleted instance."""


def is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _GONE


def mysql_window(rds: RDSClient, arn: str) -> Window | Missing:
    """The automated backups of the instance with that ARN: its own here, or another region's replicated to here."""
    pages = rds.get_paginator("describe_db_instance_automated_backups").paginate()
    mine = [each for page in pages for each in page["DBInstanceAutomatedBackups"] if each.get("DBInstanceArn") == arn]
    windows = [each for each in mine if each.get("RestoreWindow", {}).get("LatestTime")]
    if not windows:
        states = ", ".join(sorted({str(each.get("Status")) for each in mine}))
        return Missing(f"automated backups are {states}, without a window" if mine else "there are no automated backups")
    # An instance made anew under a deleted one's name leaves both: the newest moment decides.
    newest = max(windows, key=lambda each: each["RestoreWindow"]["LatestTime"])
    kept = newest.get("BackupRetentionPeriod", 0) if newest.get("Status") in _STILL_WRITTEN else 0
    return Window(
        earliest=_utc(newest["RestoreWindow"]["EarliestTime"]),
        latest=_utc(newest["RestoreWindow"]["LatestTime"]),
        keeps=timedelta(days=kept),
        since=_utc(newest["InstanceCreateTime"]) if "InstanceCreateTime" in newest else None,
    )


def table_window(dynamodb: DynamoDBClient, table: str) -> Window | Missing:
    try:
        made = dynamodb.describe_table(TableName=table)["Table"].get("CreationDateTime")
        described = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    except ClientError as error:
        if is_missing(error):
            return Missing(f"there is no table {table}")
        raise
    history: Any = described.get("PointInTimeRecoveryDescription", {})
    if history.get("PointInTimeRecoveryStatus") != "ENABLED":
        return Missing("point-in-time recovery is off")
    if "LatestRestorableDateTime" not in history:
        return Missing("point-in-time recovery is on, and has no window yet")
    return Window(
        earliest=_utc(history["EarliestRestorableDateTime"]),
        latest=_utc(history["LatestRestorableDateTime"]),
        keeps=timedelta(days=history.get("RecoveryPeriodInDays", 35)),  # DynamoDB's own, and its longest
        since=_utc(made) if made else None,
    )


def newest_point(
    region: str,
    clients: tuple[BackupClient, KMSClient, S3Client],
    *,
    vault: str,
    resource: str,
    kind: str,
    store: str,
    bucket: str,
    now: datetime,
) -> Point | Missing:
    """The point that a restore from this vault would use, chosen as the workflow chooses it."""
    backup, kms, s3 = clients
    try:
        listed = recovery_points.list_points(backup, vault, resource)
    except ClientError as error:
        if is_missing(error):
            return Missing(f"there is no vault {vault}")
        raise
    # A point begun after `now` belongs to a future that the caller asked not to look into.
    listed = [point for point in listed if point.created <= now]
    try:
        choice = recovery_points.choose(listed, kind=kind, store=store, vault=vault, keys=Keys(kms), now=now)
    except NoUsableRecoveryPoint as none:
        return _none_usable(none)
    point = choice.point
    newer = [each for each in choice.rejected if each.point.created > point.created]
    return Point(
        arn=point.arn,
        created=point.created,
        expires=point.expires,
        passed_over=tuple(f"{each.point.created.isoformat()}: {each.reason}" for each in newer),
        manifest=ask(region, lambda: evidence.nearest_manifest(s3, bucket, store, point.created, unsigned=False)),
        key=_unasked_key(region, kms, point.key_arn),
    )


def replica_table(dynamodb: DynamoDBClient, table: str) -> Live | Missing:
    try:
        state = str(dynamodb.describe_table(TableName=table)["Table"]["TableStatus"])
    except ClientError as error:
        if is_missing(error):
            return Missing(f"there is no replica {table}")
        raise
    return Live(state, ready=store_states.table_serves(state))


def read_replica(rds: RDSClient, name: str) -> Live | Missing:
    try:
        found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    except ClientError as error:
        if is_missing(error):
            return Missing(f"there is no read replica {name}")
        raise
    following = [str(each.get("Status")) for each in found.get("StatusInfos", []) if each.get("StatusType") == "read replication"]
    state = str(found["DBInstanceStatus"])
    ready = store_states.of("mysql", state).course is Course.OPERATIONAL and all(each == "replicating" for each in following)
    return Live(", ".join([state, *following]), ready)


def _none_usable(error: NoUsableRecoveryPoint) -> Missing:
    """A month of points usually shares one reason: it is said once, with their number."""
    if not error.rejected:
        return Missing("the vault has none of it")
    reasons = Counter(each.reason for each in error.rejected)
    return Missing(f"none of {len(error.rejected)} is usable", tuple(f"{times}: {reason}" for reason, times in reasons.items()))


def _unasked_key(region: str, kms: KMSClient, key: str | None) -> NotChecked | None:
    """`Keys` lets a role that may not ask about keys choose all the same; here that has to be said."""
    answer = ask(region, lambda: kms.describe_key(KeyId=key)) if key else None
    return answer if isinstance(answer, NotChecked) else None


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
