"""What can be seen of a store from outside: its content, its settings, who is connected. Taken before a restore and after it.

A restore may change two things of the old store: nobody may write to it any more, and nobody is connected. Whatever else differs
was touched. What the services wrote between the two looks is in the ledger, and allowed for.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.bank.judge import read_items, read_table
from rehearsal.bank.ledger import Ledger, Written
from rehearsal.bank.tables import TABLES, item_key
from rehearsal.scenarios.stores import Stores
from strategy.catalogue import names
from strategy.catalogue.routes import Kind

Content = dict[str, dict[Hashable, Written]]
"""By table (or `items`) and key."""
ITEMS = "items"
_RDS = (
    "AllocatedStorage", "AutoMinorVersionUpgrade", "BackupRetentionPeriod", "CopyTagsToSnapshot", "DBInstanceClass",
    "DeletionProtection", "EnabledCloudwatchLogsExports", "Engine", "EngineVersion", "IAMDatabaseAuthenticationEnabled",
    "MasterUsername", "MultiAZ", "PreferredBackupWindow", "PreferredMaintenanceWindow",
    "StorageEncrypted", "StorageType",
)  # fmt: skip
_DYNAMODB = ("AttributeDefinitions", "BillingModeSummary", "DeletionProtectionEnabled", "KeySchema", "StreamSpecification")


@dataclass(frozen=True)
class Look:
    """One store, at one moment."""

    taken: datetime
    content: Content
    settings: dict[str, Any]


def look(stores: Stores, kind: Kind, region: str, name: str, *, now: datetime) -> Look:
    return Look(now, _content(stores, kind, region, name), settings(stores, kind, region, name))


def settings(stores: Stores, kind: Kind, region: str, name: str) -> dict[str, Any]:
    """What somebody chose of a store, and a restore must give back; without what tells one store from another."""
    if kind == "mysql":
        return _of_instance(stores.client("rds", region), name)
    return _of_table(stores.dynamodb(region), name)


def touched(before: Look, after: Look, ledger: Ledger, store: str) -> list[str]:
    """What is different, beyond what the services were told that they wrote."""
    found = [
        f"its {name} was {before.settings[name]!r} and is {after.settings.get(name)!r}"
        for name in before.settings
        if after.settings.get(name) != before.settings[name]
    ]
    for what, rows in before.content.items():
        account = ledger.items if what == ITEMS else next(each for table, each in ledger.rows.items() if str(table) == what)
        expected = rows | {key: entry.value for key, entry in ledger.since(account, store, before.taken).items()}
        unsure = ledger.unsure(account, store).keys()
        now = after.content[what]
        differing = {key for key in expected.keys() | now.keys() if expected.get(key) != now.get(key)} - unsure
        if differing:
            found.append(f"{len(differing)} of its {what} are not as they were left")
    return found


def connected(stores: Stores, region: str, instance: str) -> set[str]:
    """Database users with a connection to an instance."""
    with stores.mysql(region, instance) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT user FROM information_schema.processlist")
        return {str(user) for (user,) in cursor.fetchall()}


def _content(stores: Stores, kind: Kind, region: str, name: str) -> Content:
    if kind == "dynamodb":
        return {ITEMS: {item_key(item): item for item in read_items(stores.dynamodb(region), name)}}
    with stores.mysql(region, name) as connection:
        return {str(table): {row[0]: row for row in read_table(connection, table)} for table in TABLES}


def _of_instance(rds: Any, name: str) -> dict[str, Any]:
    described = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    chosen = {key: described.get(key) for key in _RDS}
    chosen["PubliclyAccessible"] = bool(described.get("PubliclyAccessible"))
    chosen["EnabledCloudwatchLogsExports"] = sorted(described.get("EnabledCloudwatchLogsExports") or [])
    chosen["security groups"] = sorted(each["VpcSecurityGroupId"] for each in described["VpcSecurityGroups"])
    chosen["parameter groups"] = sorted(each["DBParameterGroupName"] for each in described["DBParameterGroups"])
    chosen["subnet group"] = described.get("DBSubnetGroup", {}).get("DBSubnetGroupName")
    return chosen | {"tags": _tags(rds.list_tags_for_resource(ResourceName=described["DBInstanceArn"])["TagList"])}


def _of_table(dynamodb: Any, name: str) -> dict[str, Any]:
    described = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    life = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return {key: described.get(key) for key in _DYNAMODB} | {
        "point-in-time recovery": (recovery["PointInTimeRecoveryStatus"], recovery.get("RecoveryPeriodInDays")),
        "time to live": (life.get("TimeToLiveStatus"), life.get("AttributeName")),
        "tags": _tags(dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]),
    }


def fenced_table(dynamodb: Any, arn: str) -> bool:
    """Whether the table refuses to be written to."""
    try:
        return "RecoveryFence" in dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "PolicyNotFoundException":
            raise
        return False


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    """Without the plan's own, and without CloudFormation's."""
    ours = {names.PLAN_TAG}
    return {tag["Key"]: tag["Value"] for tag in tags if tag["Key"] not in ours and not tag["Key"].startswith("aws:")}
