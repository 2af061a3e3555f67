"""CloudWatch: the history of alarms, as far as their changes of state and their actions go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from aws_rehearsal import metrics
from aws_rehearsal.patches import ABSENT, patch


@patch(CloudWatchResponse, "describe_alarm_history", source=ABSENT, why="stock moto keeps the history, and does not tell it")
def describe_alarm_history(response: Any) -> ActionResult:
    """Moto keeps each state that ended; the one that lasts is the alarm's own."""
    parameters = response._get_params()  # noqa: SLF001  as moto's own operations read theirs
    since, until = _moment(parameters.get("StartDate")), _moment(parameters.get("EndDate"))
    wanted = parameters.get("AlarmName")
    items = []
    for alarm in response.cloudwatch_backend.describe_alarms():
        states = [*((each[1], each[3], each[4]) for each in alarm.history)]
        states.append((alarm.state_reason, alarm.state_value, alarm.state_updated_timestamp))
        for (_, before, _), (reason, value, at) in pairwise(states):
            moment = _moment(at)
            if wanted not in {None, alarm.name} or (since and moment < since) or (until and moment > until):
                continue
            change = {"oldState": {"stateValue": before}, "newState": {"stateValue": value, "stateReason": reason}}
            items.append(
                {
                    "AlarmName": alarm.name,
                    "AlarmType": "CompositeAlarm" if alarm.rule is not None else "MetricAlarm",
                    "Timestamp": moment,
                    "HistoryItemType": "StateUpdate",
                    "HistorySummary": f"Alarm updated from {before} to {value}",
                    "HistoryData": json.dumps(change),
                }
            )
    for did in metrics.watch().actions:
        if did.region != response.region or wanted not in {None, did.alarm}:
            continue
        if (since and did.moment < since) or (until and did.moment > until):
            continue
        items.append(_action(did))
    if kind := parameters.get("HistoryItemType"):
        items = [each for each in items if each["HistoryItemType"] == kind]
    newest_first = parameters.get("ScanBy") != "TimestampAscending"
    return ActionResult({"AlarmHistoryItems": sorted(items, key=lambda each: each["Timestamp"], reverse=newest_first)})


def _action(did: metrics.Action) -> dict[str, Any]:
    data = {"actionState": "Failed" if did.error else "Succeeded", "notificationResource": did.arn}
    failed = f'Failed to execute action {did.arn}. Received error: "{did.error}"'
    return {
        "AlarmName": did.alarm,
        "AlarmType": "MetricAlarm",
        "Timestamp": did.moment,
        "HistoryItemType": "Action",
        "HistorySummary": failed if did.error else f"Successfully executed action {did.arn}",
        "HistoryData": json.dumps(data | ({"error": did.error} if did.error else {})),
    }


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
