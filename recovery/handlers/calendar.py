"""A duty of the calendar, done by the clock: looks, keeps a record, and counts what is overdue.

A review that found something wrong is no failure of the function.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3

from recovery.billing import HOME
from recovery.calendar.due_dates import metric, standings
from recovery.calendar.reviews import look
from recovery.evidence import bucket, records
from recovery.lambda_runtime import client, handles, log, passing
from strategy.catalogue import names
from strategy.catalogue.calendar import CALENDAR, DUTIES
from strategy.contracts.calendar import CalendarAnswer, CalendarRequest, calendar_request


@handles(calendar_request)
@passing
def handler(request: CalendarRequest, context: Any) -> CalendarAnswer:
    now, s3 = datetime.now(UTC), client("s3")
    outcome, key = "looked", ""
    if request.duty != CALENDAR:
        record = look(request, _client, now, str(getattr(context, "invoked_function_arn", "recovery.handlers.calendar")))
        key = bucket.duty_key(request.duty, now, request.region)
        s3.put_object(
            Bucket=request.evidence, Key=key, Body=json.dumps(record, indent=2).encode(), ContentType="application/json"
        )
        outcome = record["outcome"]
        if record["problem"]:
            log(f"{request.duty}: {outcome}: {record['problem']}")
    folders = sorted({folder for each in DUTIES for folder in each.folders})
    found = standings(records.read(s3, request.evidence, folders), now)
    log(json.dumps(metric(names.duties_namespace(request.prefix), request.region, found)))
    overdue = tuple(each.duty.name for each in found if each.overdue)
    return CalendarAnswer(duty=request.duty, outcome=outcome, record=key, overdue=overdue)


def _client(service: str) -> Any:
    """Bills are answered in one region of AWS only; where that is away, the bill is not checked."""
    if service != "ce":
        return client(service)
    return boto3.client("ce", region_name=HOME)
