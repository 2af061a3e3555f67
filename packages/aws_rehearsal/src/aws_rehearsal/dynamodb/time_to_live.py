"""Time to live: DynamoDB deletes what expired, in its own time and in its own name.

Sources: "Using time to live (TTL) in DynamoDB" and "DynamoDB Streams and Time to Live" (Developer Guide). An expired item is
deleted typically within a few days, and is read until then; an attribute that is no number, or more than five years ago, is
ignored. The stream's record has the service as its `userIdentity`. Each replica deletes its own: what one did reaches the others
as a deletion.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models import dynamodb_backends

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

DELETED_AFTER = timedelta(hours=24)
"""How long an item outlives its time here, at least. Modelled: AWS promises nothing but typically a few days."""
_LOOKS = timedelta(hours=6)
_IGNORED_AFTER = timedelta(days=5 * 365)
_BY = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
_PLANNED = "_time_to_live_planned"


def plan(cloud: Cloud, table: Any) -> None:
    """Look at the table now and then, as long as its items expire. Nothing happens when somebody looks already."""
    if table.__dict__.get(_PLANNED) or table.ttl["TimeToLiveStatus"] != "ENABLED":
        return
    mine = table.__dict__[_PLANNED] = uuid.uuid4().hex

    def look() -> None:
        now = dynamodb_backends[table.account_id][table.region_name].tables.get(table.name)
        if now is not None and now.__dict__.get(_PLANNED) == mine:  # not the next one of that name
            now.__dict__[_PLANNED] = ""
            _delete_expired(cloud, now)
            plan(cloud, now)

    cloud.clock.call_after(_LOOKS, look, leap=False)


def joined(cloud: Cloud, replica: Any) -> None:
    """A replica is a copy of its source: nobody looks at it yet."""
    replica.__dict__[_PLANNED] = ""
    plan(cloud, replica)


def _delete_expired(cloud: Cloud, table: Any) -> None:
    if table.ttl["TimeToLiveStatus"] != "ENABLED":
        return
    now = cloud.clock.now()
    latest, earliest = (now - DELETED_AFTER).timestamp(), (now - _IGNORED_AFTER).timestamp()
    attribute = table.ttl["AttributeName"]
    for item in list(table.all_items()):
        expires = _seconds(item.attrs.get(attribute))
        if expires is not None and earliest <= expires <= latest:
            table.delete_item(item.hash_key, item.range_key)
            if table.stream_shard is not None and table.stream_shard.items:
                table.stream_shard.items[-1].record["userIdentity"] = _BY


def _seconds(value: Any) -> Decimal | None:
    if value is None or value.type != "N":
        return None
    try:
        return Decimal(value.value)
    except InvalidOperation:
        return None
