"""Measuring a DynamoDB table: its settings, and every item in order-free hashes per segment of hashed keys.

The segments are ours, dealt out by a hash of the key, since DynamoDB's own scan segments differ from table to table. DynamoDB has
no snapshot over items: a table is measured while nothing writes to it, or the measurement is only as sharp as the scan is long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from recovery.verify.content import Chunk, Content, Part
from recovery.verify.encoding import HASH_BITS, item_hash
from recovery.verify.gap import Age, Dated, Gap, Tally
from recovery.verify.heartbeat import Beats
from recovery.verify.slices import Slice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KIND = "dynamodb"
ITEMS = "items"
TIME_TO_LIVE = "time_to_live"
EXPIRING = "expiring"
"""Of a manifest: by which `attribute`, and until which moment (`before`, seconds since 1970), items were left out of it."""
_KEPT_FOR = timedelta(days=35)
SEGMENTS = 256
ITEM_SKEW = timedelta(seconds=5)
"""How much later than the moment an item of a restored table may be: DynamoDB restores no snapshot over items, and says that
they are usually much less than a second apart."""
ALL = Slice(ITEMS)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?")


Leave = Mapping[str, Any] | None
"""EXPIRING's value; None: nothing is left out."""
Page = Callable[[int], None]
"""Is told how many items came with each page of a scan; raises MeasurementError to end it."""


def _unseen(items: int) -> None:
    pass


def measure(
    client: DynamoDBClient,
    table: str,
    *,
    segments: int | None = None,
    page: Page = _unseen,
    one: Slice = ALL,
    leave: Leave = None,
) -> tuple[datetime, Content]:
    """The moment the scan began and the table's content, or that of one slice. `segments` cuts the items as a manifest did, and
    `leave` leaves out what it left out.
    """
    taken = datetime.now(UTC)
    settings = table_settings(client, table, leave)
    counts = [0] * (segments or SEGMENTS)
    sums = [0] * len(counts)
    beats = Beats()
    for item in beats.beside(_scan(client, table, page, one)):
        if expires(item, leave):
            continue
        segment = _segment(item, settings, len(counts))
        counts[segment] += 1
        sums[segment] = (sums[segment] + item_hash(item)) % 2**HASH_BITS
    part = Part(tuple(Chunk(count, checksum) for count, checksum in zip(counts, sums, strict=True)))
    return taken, Content(KIND, settings, {ITEMS: part}, heartbeat=beats.newest)


def measure_dated(
    client: DynamoDBClient,
    table: str,
    *,
    segments: int | None,
    gap: Gap,
    written_at: str,
    page: Page = _unseen,
    one: Slice = ALL,
    leave: Leave = None,
) -> tuple[Content, Mapping[str, Dated]]:
    """The table's content, and its items told apart by the attribute that says when they were written; they never change after.

    An item without it, or with something else in it, is held to the manifest.
    """
    settings = table_settings(client, table, leave)
    tallies, late, newest = [Tally()] * (segments or SEGMENTS), 0, None
    beats = Beats()
    for item in beats.beside(_scan(client, table, page, one)):
        written = _leading_moment(item.get(written_at, {}).get("S", ""))
        if not expires(item, leave):
            age, segment = gap.age(written), _segment(item, settings, len(tallies))
            near = age in {Age.BEFORE, Age.AFTER}
            tallies[segment] = tallies[segment].plus(age, Chunk(1, item_hash(item)), certain=0, possible=int(near))
        late += written is not None and written > gap.end + ITEM_SKEW
        newest = max(filter(None, (newest, written)), default=None)
    part = Part(tuple(tally.whole for tally in tallies))
    return Content(KIND, settings, {ITEMS: part}, heartbeat=beats.newest), {ITEMS: Dated(tuple(tallies), late, newest)}


def hashed(
    client: DynamoDBClient, table: str, segments: int, chosen: Container[int]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, int]]]:
    """The items of some segments: their keys as text, and the hash of each attribute."""
    settings = table_settings(client, table)
    for item in Beats().beside(_scan(client, table)):
        if _segment(item, settings, segments) in chosen:
            key = tuple(str(next(iter(item[name].values()))) for name in settings["keys"])
            yield key, {name: item_hash({name: value}) for name, value in item.items()}


def count(client: DynamoDBClient, table: str, written_at: str | None) -> tuple[int, datetime | None, datetime | None]:
    """How many items there are, the newest moment of `written_at` among them, and the newest heartbeat."""
    items, newest, beats = 0, None, Beats()
    for item in beats.beside(_scan(client, table)):
        items += 1
        newest = max(filter(None, (newest, _leading_moment(item.get(written_at or "", {}).get("S", "")))), default=None)
    return items, newest, beats.newest


def about_to_expire(client: DynamoDBClient, table: str, now: datetime) -> Leave:
    """What a manifest leaves out: what expires before the month begins that is at least 35 days away, as far as point-in-time
    recovery reaches back. DynamoDB deletes it when it likes, so a copy may have it or not. By whole months, so that all pieces of
    one manifest leave out the same.
    """
    attribute = table_settings(client, table)[TIME_TO_LIVE]
    if attribute is None:
        return None
    month = (now + _KEPT_FOR).astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (month + timedelta(days=31)).replace(day=1)
    return {"attribute": attribute, "before": int(after.timestamp())}


def expires(item: Mapping[str, Any], leave: Leave) -> bool:
    """Whether an item is left out."""
    try:
        return leave is not None and Decimal(item.get(leave["attribute"], {}).get("N", "Infinity")) < leave["before"]
    except InvalidOperation:
        return False


def table_settings(client: DynamoDBClient, table: str, leave: Leave = None) -> dict[str, Any]:
    """Keys, attribute types, indexes, the attribute by which items expire and what is left out, as plain values in one order."""
    described = client.describe_table(TableName=table)["Table"]
    kept = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
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
        TIME_TO_LIVE: kept.get("AttributeName") if kept.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"} else None,
        **({EXPIRING: dict(leave)} if leave else {}),
    }


def _scan(client: DynamoDBClient, table: str, page: Page = _unseen, one: Slice = ALL) -> Iterator[Mapping[str, Any]]:
    scan = client.get_paginator("scan")
    for found in scan.paginate(TableName=table, ConsistentRead=True, Segment=one.number, TotalSegments=one.of):
        page(len(found["Items"]))
        yield from found["Items"]


def _segment(item: Mapping[str, Any], settings: Mapping[str, Any], segments: int) -> int:
    return item_hash({name: item[name] for name in settings["keys"]}) % segments


def _leading_moment(text: str) -> datetime | None:
    """The moment a text begins with; what follows it (a counter that keeps keys apart) says nothing about time."""
    found = _ISO.match(text)
    try:
        moment = datetime.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _keys(schema: Any) -> dict[str, str]:
    return {element["AttributeName"]: element["KeyType"] for element in schema}
