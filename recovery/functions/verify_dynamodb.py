"""Verifies a restored DynamoDB table against its manifest.

Event: `{"store", "table", "bucket", "manifest_key"}`, and with a `moment` (see `verification`) the attribute that dates items,
`"written_at"`. AWS restores no time to live: it is put back with the other settings, later, and compared here only where the
event says that they are back (`"settings": true`). Answer: `{"store", "verdict", "summary", "items", "counted", "newest",
"report_key", "levels"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3

from recovery.functions.verification import Live, verify
from recovery.verify import dynamodb, replica
from recovery.verify.content import Content
from recovery.verify.gap import Gap
from recovery.verify.pace import Pace
from recovery.verify.result import Level


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    page = Pace.of_function(context).page

    def measure(expected: Content, gap: Gap | None) -> Live:
        client, table, written_at = boto3.client("dynamodb"), event["table"], event.get("written_at")
        segments = expected.chunk_counts().get(dynamodb.ITEMS)
        apart = frozenset[str]() if event.get("settings") else frozenset({dynamodb.TIME_TO_LIVE})
        if gap and written_at:
            content, dated = dynamodb.measure_dated(client, table, segments=segments, gap=gap, written_at=written_at, page=page)
            return Live(content, dated, apart)
        return Live(dynamodb.measure(client, table, segments=segments, page=page)[1], apart=apart)

    def look() -> tuple[replica.Replica, tuple[Level, ...]]:
        return replica.look_at_table(boto3.client("dynamodb"), event["table"], event.get("written_at")), ()

    return verify(event, kind=dynamodb.KIND, measure=measure, look=look, unit="items")
