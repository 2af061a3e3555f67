"""Counts what the old stores of this region took after the moments that came back in the other one, and writes the record.

Event: `{"plan_id", "by", "stores": [{"store", "resource", "since", and for MySQL "host", "port"}]}`. The record, which is also
the answer, goes to the evidence bucket as `recovery.late_writes.record.key` names it. Environment: `STORES` (by store, `changes` or
`written_at`, as JSON), `BUCKET`, `DATABASE_USER`, `DATABASE_CA_BUNDLE`. It reads counts and dates, and changes nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.late_writes import count
from recovery.late_writes.record import key, record
from recovery.mysql import connect


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    known = json.loads(os.environ["STORES"])
    found = {each["store"]: _count(each, known[each["store"]]) for each in event["stores"]}
    written = record(event, found, region=os.environ["AWS_REGION"], now=datetime.now(UTC))
    client("s3").put_object(
        Bucket=os.environ["BUCKET"],
        Key=key(event["plan_id"]),
        Body=json.dumps(written).encode(),
        ContentType="application/json",
    )
    return written


def _count(asked: Mapping[str, Any], known: Mapping[str, Any]) -> list[count.Late]:
    since = datetime.fromisoformat(asked["since"])
    if "changes" in known:
        with connect(host=asked["host"], port=int(asked["port"]), user=os.environ["DATABASE_USER"]) as connection:
            return list(count.rows(connection, known["changes"], since))
    if not known["written_at"]:
        return [count.Late(asked["resource"], None, because="the strategy names no attribute that dates its items")]
    return [count.items(client("dynamodb"), asked["resource"], known["written_at"], since)]
