"""Looking at an account: every question on its own, so that one refused answer leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from recovery.assess import coverage, roles
from recovery.assess.coverage import Selection
from recovery.assess.holdings import BackupKey, Bucket, Holdings, Instance, Table, Topic
from recovery.aws import NotChecked, Region, ask
from recovery.restore.settings import instance as settings
from recovery.status import sources
from recovery.status.facts import Window

T = TypeVar("T")

_SIGN_IN = ("token", "signature", "client")


def look(primary: Region, recovery: Region, account: str, now: datetime) -> Holdings:
    """Raises AwsTrouble when a region cannot be asked at all."""
    selections = _question(primary, lambda: coverage.selections(primary.client("backup")))
    points = _Points(primary, recovery)
    able = _question(primary, lambda: roles.restorers(primary.client("iam")))
    instances = _question(primary, lambda: tuple(_instances(primary, selections, points)))
    return Holdings(
        account=account,
        primary=primary.name,
        recovery=recovery.name,
        now=now,
        instances=instances,
        tables=_question(primary, lambda: tuple(_tables(primary, selections, points))),
        restorers=able if isinstance(able, NotChecked) else able[1],
        backup_roles=() if isinstance(able, NotChecked) else able[0],
        advanced_tables=_question(primary, lambda: _advanced_tables(primary.client("backup"))),
        topics=_question(primary, lambda: (*_topics(primary), *_topics(recovery))),
        failures_told=_question(primary, lambda: _failures_told(primary.client("events"))),
        restore_tests=_question(
            primary, lambda: bool(primary.client("backup").list_restore_testing_plans()["RestoreTestingPlans"])
        ),
        buckets=_question(primary, lambda: tuple(_buckets(primary))),
        keys=_question(primary, lambda: tuple(_keys(primary, recovery))),
    )


def _question(region: Region, call: Callable[[], T]) -> T | NotChecked:
    """An answer; or why there is none. Only a region that does not answer, or credentials, are trouble for all of it."""

    def tolerant() -> T | NotChecked:
        try:
            return call()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if any(word in code.lower() for word in _SIGN_IN):
                raise
            return NotChecked(f"{error.operation_name} in {region.name}: {error.response['Error'].get('Message') or code}")

    return ask(region.name, tolerant)


class _Points:
    """The newest recovery point of a resource, here and there; a copy is known by the ARN of what it was taken of."""

    def __init__(self, primary: Region, recovery: Region) -> None:
        self._regions = (primary, recovery)

    def newest(self, arn: str) -> tuple[datetime | NotChecked | None, datetime | NotChecked | None]:
        here, there = (_question(region, partial(_newest, region.client("backup"), arn)) for region in self._regions)
        return here, there


def _newest(backup: Any, arn: str) -> datetime | None:
    pages = backup.get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=arn)
    usable = [
        each["CreationDate"] for page in pages for each in page["RecoveryPoints"] if each["Status"] in {"COMPLETED", "AVAILABLE"}
    ]
    return max(usable).astimezone(UTC) if usable else None


def _rules(selections: list[Selection] | NotChecked, arn: str, tags: dict[str, str]) -> tuple[Any, ...]:
    if isinstance(selections, NotChecked):
        return ()
    return tuple(rule for each in selections if each.covers(arn, tags) for rule in each.rules)


def _instances(region: Region, selections: list[Selection] | NotChecked, points: _Points) -> Iterator[Instance]:
    for page in region.client("rds").get_paginator("describe_db_instances").paginate():
        for each in page["DBInstances"]:
            if each["Engine"] != "mysql" or each.get("ReadReplicaSourceDBInstanceIdentifier"):
                continue
            arn = each["DBInstanceArn"]
            newest, newest_copy = points.newest(arn)
            yield Instance(
                name=each["DBInstanceIdentifier"],
                arn=arn,
                keeps=timedelta(days=each.get("BackupRetentionPeriod", 0)),
                backup_window=each.get("PreferredBackupWindow", ""),
                maintenance_window=str(settings.found(each, "PreferredMaintenanceWindow") or ""),
                encrypted=bool(each.get("StorageEncrypted")),
                deletion_protected=bool(settings.found(each, "DeletionProtection")),
                public=bool(settings.found(each, "PubliclyAccessible")),
                multi_az=bool(settings.found(each, "MultiAZ")),
                allocated_gb=each.get("AllocatedStorage", 0),
                instance_class=each["DBInstanceClass"],
                engine_version=each["EngineVersion"],
                database=each.get("DBName"),
                rules=_rules(selections, arn, settings.tags(each)),
                newest=newest,
                newest_copy=newest_copy,
            )


def _tables(region: Region, selections: list[Selection] | NotChecked, points: _Points) -> Iterator[Table]:
    dynamodb = region.client("dynamodb")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            try:
                table = dynamodb.describe_table(TableName=name)["Table"]
            except dynamodb.exceptions.ResourceNotFoundException:
                continue  # made or deleted this moment: AWS lists it, and says nothing of it yet
            pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=table["TableArn"])
            tags = {tag["Key"]: tag["Value"] for tagged in pages for tag in tagged["Tags"]}
            window = _question(region, partial(sources.table_window, dynamodb, name))
            newest, newest_copy = points.newest(table["TableArn"])
            yield Table(
                name=name,
                arn=table["TableArn"],
                keeps=window if isinstance(window, NotChecked) else window.keeps if isinstance(window, Window) else None,
                size=table.get("TableSizeBytes", 0),
                deletion_protected=bool(table.get("DeletionProtectionEnabled")),
                replicas=tuple(str(each["RegionName"]) for each in table.get("Replicas", [])),
                rules=_rules(selections, table["TableArn"], tags),
                newest=newest,
                newest_copy=newest_copy,
            )


def _advanced_tables(backup: Any) -> bool:
    return bool(backup.describe_region_settings().get("ResourceTypeManagementPreference", {}).get("DynamoDB"))


def _topics(region: Region) -> Iterator[Topic]:
    sns = region.client("sns")
    for page in sns.get_paginator("list_topics").paginate():
        for each in page["Topics"]:
            attributes = sns.get_topic_attributes(TopicArn=each["TopicArn"])["Attributes"]
            confirmed = int(attributes.get("SubscriptionsConfirmed", 0))
            yield Topic(region.name, each["TopicArn"].rpartition(":")[2], bool(attributes.get("KmsMasterKeyId")), confirmed)


def _failures_told(events: Any) -> bool:
    for page in events.get_paginator("list_rules").paginate():
        for rule in page["Rules"]:
            if rule.get("State") == "ENABLED" and "aws.backup" in rule.get("EventPattern", ""):
                return True
    return False


def _buckets(region: Region) -> Iterator[Bucket]:
    s3 = region.client("s3")
    for each in s3.list_buckets()["Buckets"]:
        if (s3.get_bucket_location(Bucket=each["Name"])["LocationConstraint"] or "us-east-1") != region.name:
            continue
        versioned = s3.get_bucket_versioning(Bucket=each["Name"]).get("Status") == "Enabled"
        yield Bucket(each["Name"], versioned, _replicated(s3, each["Name"]))


def _replicated(s3: Any, bucket: str) -> bool:
    try:
        rules = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ReplicationConfigurationNotFoundError":
            return False
        raise
    return any(rule["Status"] == "Enabled" for rule in rules)


def _keys(primary: Region, recovery: Region) -> Iterator[BackupKey]:
    """Of stores and vaults; what AWS keeps itself cannot be disabled."""
    used: list[tuple[Region, str, str]] = []
    for page in primary.client("rds").get_paginator("describe_db_instances").paginate():
        used += [
            (primary, each["KmsKeyId"], each["DBInstanceIdentifier"]) for each in page["DBInstances"] if each.get("KmsKeyId")
        ]
    for region in (primary, recovery):
        for page in region.client("backup").get_paginator("list_backup_vaults").paginate():
            used += [
                (region, each["EncryptionKeyArn"], each["BackupVaultName"])
                for each in page["BackupVaultList"]
                if each.get("EncryptionKeyArn")
            ]
    for region, arn, name in dict.fromkeys(used):
        yield BackupKey(arn, name, _state(region.client("kms"), arn))


def _state(kms: Any, arn: str) -> str:
    try:
        return str(kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return "gone"
        raise
