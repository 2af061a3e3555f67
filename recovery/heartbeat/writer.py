"""One heartbeat of each store: where the application finds it now, written, and said whether it was.

A region without an endpoint of a store has nothing to beat for: before a disaster that is the recovery region, and after one it
begins there by itself, with the endpoint that the recovery writes. A store that fails does not keep the others from theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recovery import endpoint, metric
from recovery.verify import heartbeat
from strategy.catalogue import names
from strategy.contracts.heartbeat import ROW, HeartbeatRowRequest, HeartbeatsRequest, HeartbeatStore

Clients = Callable[[str], Any]


class NotWritten(Exception):
    """The store's own reason."""


def beat(wanted: HeartbeatsRequest, client: Clients, now: datetime) -> dict[str, str]:
    """By store: empty when it was written, or why it was not. Stores that are not used here are left out."""
    said = {}
    for store in wanted.stores:
        try:
            place = _place(client, wanted.prefix, store)
            if place is None:
                continue
            _WRITE[store.kind](wanted, client, place, now)
        except (ClientError, BotoCoreError, NotWritten, ValueError) as error:
            said[store.name] = str(error)
        else:
            said[store.name] = ""
    return said


def embedded(said: Mapping[str, str], prefix: str, region: str, now: datetime) -> list[str]:
    """A metric for each store, in CloudWatch's embedded format: lines of the function's log, and no call."""
    namespace = names.heartbeat_namespace(prefix)
    return [
        json.dumps(metric.document(namespace, {"Region": region, "Store": store}, {names.HEARTBEAT_METRIC: int(not why)}, now))
        for store, why in said.items()
    ]


def _place(client: Clients, prefix: str, store: HeartbeatStore) -> dict[str, Any] | None:
    """The endpoint as the services read it: `resource`, and for MySQL `host` and `port`.

    Of a store of somebody else's code there may be no parameter yet: then it is the one that the strategy names, if it is here.
    """
    found = endpoint.place(client("ssm"), prefix, store.name)
    if found is not None:
        return found
    name = store.existing
    if not name:
        return None
    if store.kind == "dynamodb":
        return {"resource": name}
    address = client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["Endpoint"]
    return {"resource": name, "host": address["Address"], "port": address["Port"]}


def _write_row(wanted: HeartbeatsRequest, client: Clients, place: Mapping[str, Any], now: datetime) -> None:
    """By the function that stands where the database is."""
    row = HeartbeatRowRequest(host=place["host"], port=place["port"], moment=now)
    answer = client("lambda").invoke(
        FunctionName=names.function(wanted.prefix, ROW),
        InvocationType="RequestResponse",
        Payload=json.dumps(row.to_json()).encode(),
    )
    body = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise NotWritten(f"{body.get('errorType')}: {body.get('errorMessage')}")


def _write_item(_wanted: HeartbeatsRequest, client: Clients, place: Mapping[str, Any], now: datetime) -> None:
    """Over the heartbeat before, and never over an item of the application."""
    dynamodb, table = client("dynamodb"), place["resource"]
    described = dynamodb.describe_table(TableName=table)["Table"]
    types = {each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]}
    keys = {each["AttributeName"]: types[each["AttributeName"]] for each in described["KeySchema"]}
    dynamodb.put_item(
        TableName=table,
        Item=heartbeat.item(keys, now),
        ConditionExpression="attribute_not_exists(#key) OR attribute_exists(#beat)",
        ExpressionAttributeNames={"#key": next(iter(keys)), "#beat": names.HEARTBEAT_ATTRIBUTE},
    )


_WRITE: Mapping[str, Callable[[HeartbeatsRequest, Clients, Mapping[str, Any], datetime], None]] = {
    "mysql": _write_row,
    "dynamodb": _write_item,
}
