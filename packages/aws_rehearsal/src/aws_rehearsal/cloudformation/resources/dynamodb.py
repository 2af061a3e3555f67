"""DynamoDB tables, and global tables with their replicas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, gone, tags


class Table(Handler):
    type = "AWS::DynamoDB::Table"

    def create(self, context: Context, properties: Properties) -> Physical:
        dynamodb = context.client("dynamodb")
        name = properties.get("TableName") or context.name(255)
        given = {"BillingMode": "PROVISIONED", **_shape(properties), **properties.pick("DeletionProtectionEnabled", "TableClass")}
        dynamodb.create_table(TableName=name, Tags=tags(properties), **given)
        context.started(name)
        wait_active(context, name)
        protect(dynamodb, name, properties)
        expire(dynamodb, name, properties.get("TimeToLiveSpecification"))
        return described(dynamodb, name)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        return _update(context, physical, old, new, new.pick("DeletionProtectionEnabled", "TableClass"))

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        remove(context, physical.id)


class GlobalTable(Handler):
    """The stack's region holds the table; every other region of `Replicas` gets a replica through UpdateTable."""

    type = "AWS::DynamoDB::GlobalTable"
    named_by = "TableName"

    def find(self, context: Context, name: str, wanted: Mapping[str, Any]) -> tuple[Physical, dict[str, Any]] | None:
        """Keys, indexes and encryption are taken to be the template's: they came with the table."""
        dynamodb = context.client("dynamodb")
        try:
            table = dynamodb.describe_table(TableName=name)["Table"]
        except ClientError as error:
            if gone(error):
                return None
            raise
        changed = ("BillingMode", "Replicas", "StreamSpecification", "TimeToLiveSpecification")
        has = {key: value for key, value in wanted.items() if key not in changed}
        has["BillingMode"] = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        has["Replicas"] = [{"Region": region} for region in {context.region, *self._standing(context, name)}]
        stream = table.get("StreamSpecification", {})
        if stream.get("StreamEnabled"):
            has["StreamSpecification"] = {"StreamViewType": stream["StreamViewType"]}
        life = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if life.get("TimeToLiveStatus") == "ENABLED":
            has["TimeToLiveSpecification"] = {"AttributeName": life["AttributeName"], "Enabled": True}
        return described(dynamodb, name), has

    def create(self, context: Context, properties: Properties) -> Physical:
        dynamodb = context.client("dynamodb")
        name = properties.get("TableName") or context.name(255)
        local = _replica(properties, context.region)
        given = {"BillingMode": "PROVISIONED", **_shape(properties), **local.pick("DeletionProtectionEnabled", "TableClass")}
        if given["BillingMode"] == "PROVISIONED":
            given["ProvisionedThroughput"] = _throughput(properties, local)
        dynamodb.create_table(TableName=name, Tags=tags(local), **given)
        context.started(name)
        wait_active(context, name)
        expire(dynamodb, name, properties.get("TimeToLiveSpecification"))
        protect(dynamodb, name, local)
        for region in _regions(properties) - {context.region}:
            self._replicate(context, name, _replica(properties, region), region)
        return described(dynamodb, name)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        local = _replica(new, context.region)
        _update(context, physical, old, new, local.pick("DeletionProtectionEnabled", "TableClass"))
        before, after = _regions(old), _regions(new)
        for region in (before - after) & self._standing(context, physical.id):
            self._change(context, physical.id, [{"Delete": {"RegionName": region}}])
        for region in after - before:
            self._replicate(context, physical.id, _replica(new, region), region)
        for region in after & before:
            if dict(_replica(old, region)) != dict(_replica(new, region)):
                self._settle_replica(context, physical.id, _replica(new, region), region)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        for region in (_regions(properties) - {context.region}) & self._standing(context, physical.id):
            self._change(context, physical.id, [{"Delete": {"RegionName": region}}])
        remove(context, physical.id)

    def _standing(self, context: Context, name: str) -> set[str]:
        """Regions that really have a replica: one whose creation failed needs no deletion."""
        table = context.client("dynamodb").describe_table(TableName=name)["Table"]
        return {replica["RegionName"] for replica in table.get("Replicas", [])}

    def _replicate(self, context: Context, name: str, replica: Properties, region: str) -> None:
        key = (replica.get("SSESpecification") or {}).get("KMSMasterKeyId")
        given = {
            "RegionName": region,
            **({"KMSMasterKeyId": key} if key else {}),
            **replica.pick(TableClassOverride="TableClass"),
        }
        self._change(context, name, [{"Create": given}])
        self._settle_replica(context, name, replica, region)

    def _settle_replica(self, context: Context, name: str, replica: Properties, region: str) -> None:
        other = context.client("dynamodb", region)
        if "DeletionProtectionEnabled" in replica:
            other.update_table(TableName=name, DeletionProtectionEnabled=replica["DeletionProtectionEnabled"])
        if labels := tags(replica):
            other.tag_resource(ResourceArn=other.describe_table(TableName=name)["Table"]["TableArn"], Tags=labels)
        protect(other, name, replica)

    def _change(self, context: Context, name: str, updates: list[dict[str, Any]]) -> None:
        context.client("dynamodb").update_table(TableName=name, ReplicaUpdates=updates)
        wait_active(context, name)


def _update(context: Context, table: Physical, old: Properties, new: Properties, given: dict[str, Any]) -> Physical:
    """In place: one kind of change to an UpdateTable, as the API demands."""
    dynamodb = context.client("dynamodb")
    before, after = _shape(old), _shape(new)
    calls = [{key: value} for key, value in given.items()]
    settings = ("BillingMode", "ProvisionedThroughput", "SSESpecification", "StreamSpecification", "OnDemandThroughput")
    calls += [{key: after[key]} for key in settings if key in after and before.get(key) != after[key]]
    if "StreamSpecification" in before and "StreamSpecification" not in after:
        calls.append({"StreamSpecification": {"StreamEnabled": False}})
    was = {index["IndexName"]: index for index in before.get("GlobalSecondaryIndexes", [])}
    now = {index["IndexName"]: index for index in after.get("GlobalSecondaryIndexes", [])}
    attributes = {"AttributeDefinitions": after["AttributeDefinitions"]}
    gone_indexes = [name for name in was if now.get(name) != was[name]]
    calls += [{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]} for name in gone_indexes]
    fresh = [index for name, index in now.items() if was.get(name) != index]
    calls += [{**attributes, "GlobalSecondaryIndexUpdates": [{"Create": index}]} for index in fresh]
    for call in calls:
        dynamodb.update_table(TableName=table.id, **call)
        wait_active(context, table.id)
    if old.get("TimeToLiveSpecification") != new.get("TimeToLiveSpecification"):
        off = {**(old.get("TimeToLiveSpecification") or {}), "Enabled": False}
        expire(dynamodb, table.id, new.get("TimeToLiveSpecification") or off)
    if old.get("PointInTimeRecoverySpecification") != new.get("PointInTimeRecoverySpecification"):
        protect(dynamodb, table.id, new)
    arn = table.attributes["Arn"]
    if stale := [tag["Key"] for tag in tags(old)]:
        dynamodb.untag_resource(ResourceArn=arn, TagKeys=stale)
    if labels := tags(new):
        dynamodb.tag_resource(ResourceArn=arn, Tags=labels)
    return Physical(table.id, {**table.attributes, **described(dynamodb, table.id).attributes})


def _shape(properties: Properties) -> dict[str, Any]:
    """What CreateTable takes, in its words."""
    given = properties.pick(
        "AttributeDefinitions",
        "BillingMode",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "OnDemandThroughput",
        "ProvisionedThroughput",
    )
    if "StreamSpecification" in properties:
        given["StreamSpecification"] = {
            "StreamEnabled": True,
            "StreamViewType": properties["StreamSpecification"]["StreamViewType"],
        }
    if "SSESpecification" in properties:
        encryption = properties["SSESpecification"]
        given["SSESpecification"] = {("Enabled" if key == "SSEEnabled" else key): value for key, value in encryption.items()}
    return given


def _throughput(properties: Properties, local: Properties) -> dict[str, int]:
    """A provisioned global table says minimum and maximum: it starts at the minimum."""
    write = (properties.get("WriteProvisionedThroughputSettings") or {}).get("WriteCapacityAutoScalingSettings", {})
    read = local.get("ReadProvisionedThroughputSettings") or {}
    units = read.get("ReadCapacityUnits") or read.get("ReadCapacityAutoScalingSettings", {}).get("MinCapacity", 1)
    return {"ReadCapacityUnits": int(units), "WriteCapacityUnits": int(write.get("MinCapacity", 1))}


def _regions(properties: Properties) -> set[str]:
    return {replica["Region"] for replica in properties["Replicas"]}


def _replica(properties: Properties, region: str) -> Properties:
    return Properties(next((replica for replica in properties["Replicas"] if replica["Region"] == region), {}))


def protect(dynamodb: Any, name: str, properties: Properties) -> None:
    """Point-in-time recovery, and the table's own policy."""
    recovery = properties.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
    current = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    enabled = current["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    if recovery.get("PointInTimeRecoveryEnabled") or enabled:
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if policy := properties.get("ResourcePolicy"):
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy["PolicyDocument"]))


def expire(dynamodb: Any, name: str, specification: dict[str, Any] | None) -> None:
    if specification:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def wait_active(context: Context, name: str) -> None:
    dynamodb = context.client("dynamodb")
    context.wait(name, lambda: dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE")


def described(dynamodb: Any, name: str) -> Physical:
    table = dynamodb.describe_table(TableName=name)["Table"]
    names = {"Arn": "TableArn", "StreamArn": "LatestStreamArn", "TableId": "TableId"}
    return Physical(name, {attribute: table[key] for attribute, key in names.items() if table.get(key)})


def remove(context: Context, name: str) -> None:
    dynamodb = context.client("dynamodb")
    dynamodb.delete_table(TableName=name)

    def done() -> bool:
        try:
            dynamodb.describe_table(TableName=name)
        except ClientError as error:
            if gone(error):
                return True
            raise
        return False

    context.wait(name, done)
