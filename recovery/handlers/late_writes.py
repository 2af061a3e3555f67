"""Counts what the old stores of this region took after the moments that came back in the other one, and writes the record.

The record, which is also the answer, goes to the evidence bucket as `recovery.late_writes.record.key` names it. Environment:
`STORES` (by store, what dates it: `strategy.contracts.dates`), `BUCKET`, `DATABASE_USER`, `DATABASE_CA_BUNDLE`. It reads counts
and dates, and changes nothing.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from recovery.lambda_runtime import client, handles, passing
from recovery.late_writes import count
from recovery.late_writes.record import key, record
from recovery.mysql import connect
from strategy.contracts.dates import read_dates
from strategy.contracts.late_writes import LateWritesRequest, OldStore


@handles(LateWritesRequest.from_json)
@passing
def handler(request: LateWritesRequest, _context: object) -> dict[str, Any]:
    known = read_dates(os.environ["STORES"])
    found = {each.store: list(count.late(each, known[each.store], _connect, client)) for each in request.stores}
    written = record(request, found, region=os.environ["AWS_REGION"], now=datetime.now(UTC))
    client("s3").put_object(
        Bucket=os.environ["BUCKET"],
        Key=key(request.plan_id),
        Body=json.dumps(written).encode(),
        ContentType="application/json",
    )
    return written


def _connect(store: OldStore) -> Any:
    return connect(host=store.host, port=int(store.port), user=os.environ["DATABASE_USER"])
