"""Tells the people of an incident, and when it clears. Event: EventBridge's, of an alarm or of a job of AWS Backup.

Publishing is the last thing that can fail: Lambda tries an event that failed
again, twice, and then hands it to the topic as it is. An event that EventBridge delivers twice is told twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from recovery.lambda_runtime import client, handles, log
from recovery.notify import aws_events, message, told_jobs
from strategy.contracts.speak import SpeakAnswer


@handles(dict)
def handler(event: aws_events.Event, _context: object) -> SpeakAnswer:
    prefix, region, now = os.environ["PREFIX"], str(event["region"]), datetime.now(UTC)
    found = aws_events.incident(event, os.environ["ENVIRONMENT"], _history)
    if found is not None and (counted := told_jobs.kind(event)):
        untold = told_jobs.untold(prefix, region, counted, client, now)
        listed = "; ".join(f"{each.resource}: {each.state}: {each.message or 'no message'}" for each in untold)
        found = replace(found, why=f"{found.why}. {listed}") if untold else None
    if found is None:
        return SpeakAnswer(told=None)
    client("sns").publish(
        TopicArn=os.environ["TOPIC"],
        Subject=message.subject(found),
        MessageStructure="json",
        Message=message.message(found),
    )
    if found.job:
        log(json.dumps(told_jobs.told(prefix, region, found.job, now)))
    return SpeakAnswer(told=found.id)


def _history(alarm: str) -> Iterator[aws_events.Change]:
    pages = client("cloudwatch").get_paginator("describe_alarm_history")
    for page in pages.paginate(
        AlarmName=alarm,
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        HistoryItemType="StateUpdate",
        ScanBy="TimestampDescending",
    ):
        for each in page["AlarmHistoryItems"]:
            yield each["Timestamp"].astimezone(UTC), str(json.loads(each["HistoryData"])["newState"]["stateValue"])
