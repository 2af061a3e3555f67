"""DynamoDB: what moto's tables need for an honest point-in-time restore."""

# ruff: noqa: PLR0917  replacements of private methods have those methods' signatures
from __future__ import annotations

import base64
import json
import re
from typing import Any

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import RestoredPITTable, RestoredTable, Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult
from moto.dynamodbstreams.models import DynamoDBStreamsBackend

from aws_rehearsal.context import current
from aws_rehearsal.dynamodb import encryption, point_in_time, policies, replicas, states, time_to_live, visibility
from aws_rehearsal.dynamodb.items import Items
from aws_rehearsal.gateway import OF_AWS
from aws_rehearsal.patches import patch


@patch(Table, "__init__", source="a56181a75aa27005", why="moto's scan fails when another thread writes meanwhile")
def begin(original: Any, table: Any, *args: Any, **kwargs: Any) -> None:
    original(table, *args, **kwargs)
    table.items = Items()


@patch(
    Table, "all_items", source="c80d2ee3c896acd0", why="moto compares two keys at a time, in Python: most of what a scan costs"
)
def all_items(original: Any, table: Any) -> list[Any]:  # noqa: ARG001  a replacement
    """In moto's order: by the values of the keys."""
    if table.range_key_attr:
        found = [item for partition in table.items.values() for item in partition.values()]
        return sorted(found, key=lambda item: (item.hash_key.cast_value, item.range_key.cast_value))
    return sorted(table.items.values(), key=lambda item: item.hash_key.cast_value)


@patch(
    BaseJSONSerializer,
    "_serialize_type_map",
    source="faa32d1fa9a8bfc9",
    why="moto asks of each value of an item whether it has each type in turn: most of what a page of items costs",
)
def serialize_map(original: Any, serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """Items are in DynamoDB's own JSON already, but for binary values."""
    if getattr(shape.value, "name", "") == "AttributeValue":
        serializer._default_serialize(serialized, _text(value), shape, key)  # noqa: SLF001  as the original
    else:
        original(serializer, serialized, value, shape, key)


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_text(each) for each in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


# Put, batch write, transact write, PartiQL and table import all end in these three.


@patch(Table, "put_item", source="de23933013ef8426", why="stock moto keeps no history of items; point-in-time restore needs one")
def put_item(original: Any, table: Any, *args: Any, **kwargs: Any) -> Any:
    item = original(table, *args, **kwargs)
    _note(table, item)
    return item


@patch(Table, "delete_item", source="1594f7b07616c8cb", why="see put_item")
def delete_item(original: Any, table: Any, hash_key: Any, range_key: Any) -> Any:
    item = original(table, hash_key, range_key)
    if item is not None:
        _note(table, item)
    return item


@patch(DynamoDBBackend, "update_item", source="218984588dd689a5", why="moto updates items in place, past Table.put_item")
def update_item(original: Any, backend: Any, table_name: str, *args: Any, **kwargs: Any) -> Any:
    item = original(backend, table_name, *args, **kwargs)
    _note(backend.get_table(table_name), item)
    return item


def _note(table: Any, item: Any) -> None:
    point_in_time.note(table, item)
    replicas.note(table, item)


@patch(Table, "describe", source="5f29f6e79d11a506", why="stock moto knows no replicas")
def describe(original: Any, table: Any, base_key: str = "TableDescription") -> dict[str, Any]:
    described: dict[str, Any] = original(table, base_key=base_key)
    described[base_key] |= replicas.describe(table) | encryption.describe(table)
    states.describe(table, described[base_key])
    return described


@patch(DynamoDBBackend, "update_continuous_backups", source="7409e6eb4121a4ee", why="turning recovery on must begin the journal")
def update_continuous_backups(original: Any, backend: Any, table_name: str, point_in_time_spec: dict[str, Any]) -> Any:
    enabled, days = point_in_time_spec["PointInTimeRecoveryEnabled"], point_in_time_spec.get("RecoveryPeriodInDays")
    original(backend, table_name, point_in_time_spec)  # moto's own record: ExportTableToPointInTime reads it
    table = backend.get_table(table_name)
    point_in_time.switch(table, enabled=enabled, days=days)
    return point_in_time.describe(table)


@patch(DynamoDBBackend, "describe_continuous_backups", source="fc26f9d0cbbfb79c", why="stock moto's window never moves")
def describe_continuous_backups(original: Any, backend: Any, table_name: str) -> Any:
    original(backend, table_name)  # raises TableNotFoundException
    table = backend.get_table(table_name)
    held = states.status(table, "continuous-backups")
    return point_in_time.describe(table) | ({"ContinuousBackupsStatus": held} if held else {})


@patch(
    DynamoHandler,
    "restore_table_to_point_in_time",
    source="7e77cbf2eed9343d",
    why="stock moto ignores the time and every override",
)
def restore_table_to_point_in_time(_original: Any, handler: Any) -> Any:
    return DynamoResult(point_in_time.restore(handler.dynamodb_backend, handler.body, current().clock).describe())


@patch(
    DynamoDBBackend,
    "delete_table",
    source="bab269fa8eff1819",
    why="AWS keeps a system backup of a deleted table with recovery on",
)
def delete_table(original: Any, backend: Any, name: str) -> Any:
    table = original(backend, name)
    backend.resource_policies.pop(table.table_arn, None)  # else the next table of that name would have it
    point_in_time.keep_deleted(backend, table, current().clock)
    if group := replicas.of(table):
        group.leave(backend.region_name)
    return table


@patch(DynamoDBBackend, "put_resource_policy", source="9abacc30367a0b5b", why="a policy may deny replication what it needs")
def put_resource_policy(original: Any, backend: Any, resource_arn: str, *args: Any, **kwargs: Any) -> Any:
    policy = original(backend, resource_arn, *args, **kwargs)
    if group := replicas.of(backend.get_table(resource_arn.rsplit("/", 1)[-1])):
        group.judge(backend.region_name, policy.policy_doc)
    return policy


@patch(DynamoDBBackend, "delete_resource_policy", source="bfc3b7f36bba81b4", why="see put_resource_policy")
def delete_resource_policy(original: Any, backend: Any, resource_arn: str, *args: Any, **kwargs: Any) -> None:
    original(backend, resource_arn, *args, **kwargs)
    if group := replicas.of(backend.get_table(resource_arn.rsplit("/", 1)[-1])):
        group.judge(backend.region_name, None)


@patch(RestoredTable, "_parse_params_from_backup", source="a2a67ff25ea9a978", why="stock moto loses the billing mode and the key")
def parse_params_from_backup(original: Any, table: Any, backup: Any) -> Any:
    return {**original(table, backup), **_kept(backup.table)}


@patch(
    RestoredPITTable, "_parse_params_from_table", source="4a71c92500c4e7ff", why="stock moto loses the billing mode and the key"
)
def parse_params_from_table(original: Any, table: Any, source: Any) -> Any:
    return {**original(table, source), **_kept(source)}


def _kept(source: Any) -> dict[str, Any]:
    sse = source.sse_specification
    return {"billing_mode": source.billing_mode, "sse_specification": dict(sse) if sse else None}


@patch(DynamoHandler, "update_table", source="b786d1626f12f96d", why="stock moto accepts ReplicaUpdates and makes no replica")
def update_table(original: Any, handler: Any) -> Any:
    table = handler.dynamodb_backend.get_table(handler.body["TableName"])
    if updates := handler.body.get("ReplicaUpdates"):
        if handler.body.keys() > {"TableName", "ReplicaUpdates"}:
            raise MockValidationException("ReplicaUpdates: no other change is taken in the same call")
        replicas.update(current(), handler.dynamodb_backend, handler.body["TableName"], updates)
        return DynamoResult(table.describe())
    encryption.check(handler.body.get("SSESpecification"), handler.current_account, handler.region)
    original(handler)
    if wanted := handler.body.get("SSESpecification"):  # stock moto drops it
        key = wanted.get("KMSMasterKeyId") or table._get_default_encryption_key(handler.current_account, handler.region)  # noqa: SLF001
        table.sse_specification = {**wanted, "KMSMasterKeyId": key} if wanted.get("Enabled") else None
    return DynamoResult(table.describe())


_NONE_OF_IT: dict[str, dict[str, Any]] = {
    "DescribeContributorInsights": {"ContributorInsightsStatus": "DISABLED"},
    "DescribeKinesisStreamingDestination": {"KinesisDataStreamDestinations": []},
}
"""What moto does not know, and no table here ever has: the answer is what AWS says of such a table."""
_OF_TABLES = frozenset({"CreateTable", "DeleteTable", "DescribeTable", "ListTagsOfResource", "TagResource", "UntagResource"})
"""What needs no item, and therefore no key."""
_CALLER = re.compile(r"Credential=([^/]+)/")


@patch(DynamoHandler, "call_action", source="ce5f57cf83cde340", why="stock moto keeps resource policies, unenforced")
def call_action(original: Any, handler: Any) -> Any:
    operation = handler.get_endpoint_name(handler.headers)
    caller = _CALLER.search(handler.headers.get("Authorization", ""))
    because = policies.refusal(
        handler.dynamodb_backend.resource_policies,
        operation,
        getattr(handler, "params", {}),
        caller=caller[1] if caller else "",
        where=f"{handler.region}:{handler.current_account}",
    )
    refused = ("com.amazon.coral.service#AccessDeniedException", because) if because else None
    if refused is None:
        refused = states.refusal(handler.dynamodb_backend, operation, getattr(handler, "params", {}))
    if refused is None and operation not in _OF_TABLES:
        refused = _without_key(handler, operation)
    if refused is None and operation in _NONE_OF_IT:
        name = handler.params["TableName"]
        handler.dynamodb_backend.get_table(name)
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps({"TableName": name, **_NONE_OF_IT[operation]})
    if refused is None:
        refused = _not_known_yet(handler, operation)
    if refused is None:
        answer = original(handler)
        if answer[0] == 200 and operation in visibility.MAKING and not _of_aws(handler):
            name = handler.params.get("TargetTableName") or handler.params["TableName"]
            visibility.made(handler.dynamodb_backend.get_table(name), current().clock)
        return answer
    error = {"__type": refused[0], "Message": refused[1], "message": refused[1]}
    return 400, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(error)


def _not_known_yet(handler: Any, operation: str) -> tuple[str, str] | None:
    if operation != "DescribeTable":
        return None
    name = str(handler.params["TableName"]).rsplit("/", 1)[-1]
    table = handler.dynamodb_backend.tables.get(name)
    if table is None or not visibility.unseen(table, current().clock):
        return None
    said = f"Requested resource not found: Table: {name} not found"
    return "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", said


def _of_aws(handler: Any) -> bool:
    """AWS Backup and CloudFormation tell nobody of a table before it is known."""
    return any(mark in handler.headers.get("User-Agent", "") for mark in (OF_AWS, visibility.BY_CLOUDFORMATION))


def _without_key(handler: Any, operation: str) -> tuple[str, str] | None:
    backend, parameters = handler.dynamodb_backend, getattr(handler, "params", {})
    names = {table.rsplit("/", 1)[-1] for _, table in policies.used(operation, parameters)}
    names |= {parameters[key] for key in ("SourceTableName",) if key in parameters}
    return encryption.refusal(backend.tables[name] for name in sorted(names) if name in backend.tables)


@patch(DynamoDBBackend, "create_table", source="2bb8105ad9fa618b", why="stock moto encrypts under any key")
def create_table(original: Any, backend: Any, name: str, **settings: Any) -> Any:
    encryption.check(settings.get("sse_specification"), backend.account_id, backend.region_name)
    return original(backend, name, **settings)


@patch(DynamoDBBackend, "update_time_to_live", source="9da0deb00bb22c5e", why="stock moto deletes nothing")
def update_time_to_live(original: Any, backend: Any, table_name: str, ttl_spec: dict[str, Any]) -> None:
    original(backend, table_name, ttl_spec)
    time_to_live.plan(current(), backend.get_table(table_name))


@patch(DynamoDBBackend, "describe_time_to_live", source="abbcbcd6d8c8f8ea", why="a change of it takes up to an hour on AWS")
def describe_time_to_live(original: Any, backend: Any, table_name: str) -> Any:
    described = original(backend, table_name)
    held = states.status(backend.get_table(table_name), "time-to-live")
    return {**described, "TimeToLiveStatus": held} if held else described


@patch(DynamoDBStreamsBackend, "describe_stream", source="c4a0d4e858cf5ed5", why="stock moto's streams are enabled at once")
def describe_stream(original: Any, backend: Any, arn: str) -> Any:
    described = original(backend, arn)
    held = states.status(backend.dynamodb.get_table(described["TableName"]), "stream")
    return {**described, "StreamStatus": held} if held else described
