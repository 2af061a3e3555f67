"""A duty of the calendar, done by the clock: looks, keeps a record, and counts what is overdue.

Event: `strategy.dutied.wanted`. Answer: `{"duty", "outcome", "record", "overdue"}`; `record` is a key in the evidence bucket, and
empty for the daily look at the calendar itself. A review that found something wrong is no failure of the function.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3

from recovery.billing import HOME
from recovery.calendar.due_dates import metric, standings
from recovery.calendar.reviews import look
from recovery.evidence import bucket, records
from recovery.handlers.boundary import client, log, passing
from strategy.catalogue import names
from strategy.catalogue.calendar import CALENDAR, DUTIES


@passing
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    now, s3 = datetime.now(UTC), client("s3")
    outcome, key = "looked", ""
    if event["duty"] != CALENDAR:
        record = look(event, _client, now, str(getattr(context, "invoked_function_arn", "recovery.handlers.calendar")))
        key = bucket.duty_key(event["duty"], now, event["region"])
        s3.put_object(
            Bucket=event["evidence"], Key=key, Body=json.dumps(record, indent=2).encode(), ContentType="application/json"
        )
        outcome = record["outcome"]
        if record["problem"]:
            log(f"{event['duty']}: {outcome}: {record['problem']}")
    folders = sorted({folder for each in DUTIES for folder in each.folders})
    found = standings(records.read(s3, event["evidence"], folders), now)
    log(json.dumps(metric(names.duties_namespace(event["prefix"]), event["region"], found)))
    overdue = [each.duty.name for each in found if each.overdue]
    return {"duty": event["duty"], "outcome": outcome, "record": key, "overdue": overdue}


def _client(service: str) -> Any:
    """Bills are answered in one region of AWS only; where that is away, the bill is not checked."""
    if service != "ce":
        return client(service)
    return boto3.client("ce", region_name=HOME)
