"""Verifies a restored DynamoDB table against its manifest.

Event: `{"store", "table", "bucket", "manifest_key"}`. Answer: `{"store", "verdict", "summary", "items", "report_key", "levels"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3

from recovery.functions.verification import verify
from recovery.verify import dynamodb
from recovery.verify.content import Content


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    def measure(expected: Content) -> Content:
        segments = expected.chunk_counts().get(dynamodb.ITEMS)
        return dynamodb.measure(boto3.client("dynamodb"), event["table"], segments=segments)[1]

    return verify(
        store=event["store"],
        kind=dynamodb.KIND,
        bucket=event["bucket"],
        manifest_key=event["manifest_key"],
        measure=measure,
        unit="items",
    )
