"""Keeps the record of a drill, passed or failed. Answers with the record, and its `key`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from recovery import code_digest
from recovery.drills.record import compose, ended_of
from recovery.evidence import bucket
from recovery.lambda_runtime import client, handles, passing
from strategy.contracts.drills import DrillRecordRequest


@handles(DrillRecordRequest.from_json)
@passing
def handler(request: DrillRecordRequest, _context: object) -> dict[str, Any]:
    key, record = compose(ended_of(request), now=datetime.now(UTC), software=code_digest.digest())
    bucket.write_report(client("s3"), request.evidence, key, record)
    return {**record, "key": key}
