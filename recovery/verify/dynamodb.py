"""Measuring a DynamoDB table: its settings, and every item in order-free hashes per segment of hashed keys.

The segments are ours, dealt out by a hash of the key, since DynamoDB's own scan segments differ from table to table. DynamoDB has
no snapshot over items: a table is measured while nothing writes to it, or the measurement is only as sharp as the scan is long.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from recovery.verify.content import Chunk, Content, Part
from recovery.verify.encoding import HASH_BITS, item_hash

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KIND = "dynamodb"
ITEMS = "items"
SEGMENTS = 256


def measure(client: DynamoDBClient, table: str, *, segments: int | None = None) -> tuple[datetime, Content]:
    """The moment the scan began and the table's content. `segments` cuts the items as a manifest did."""
    taken = datetime.now(UTC)
    settings = table_settings(client, table)
    counts = [0] * (segments or SEGMENTS)
    sums = [0] * len(counts)
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            key = {name: item[name] for name in settings["keys"]}
            segment = item_hash(key) % len(counts)
            counts[segment] += 1
            sums[segment] = (sums[segment] + item_hash(item)) % 2**HASH_BITS
    part = Part(tuple(Chunk(count, checksum) for count, checksum in zip(counts, sums, strict=True)))
    return taken, Content(KIND, settings, {ITEMS: part})


def table_settings(client: DynamoDBClient, table: str) -> dict[str, Any]:
    """Keys, attribute types and indexes, as plain values in one order."""
    described = client.describe_table(TableName=table)["Table"]
    indexes = [*described.get("GlobalSecondaryIndexes", []), *described.get("LocalSecondaryIndexes", [])]
    return {
        "keys": _keys(described["KeySchema"]),
        "attributes": {a["AttributeName"]: a["AttributeType"] for a in described["AttributeDefinitions"]},
        "indexes": {
            index["IndexName"]: {
                "keys": _keys(index["KeySchema"]),
                "projection": index["Projection"].get("ProjectionType", "ALL"),
                "included": sorted(index["Projection"].get("NonKeyAttributes", [])),
            }
            for index in indexes
        },
    }


def _keys(schema: Any) -> dict[str, str]:
    return {element["AttributeName"]: element["KeyType"] for element in schema}
