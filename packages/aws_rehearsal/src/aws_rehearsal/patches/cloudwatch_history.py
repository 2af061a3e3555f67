"""CloudWatch: the history of alarms, as far as their changes of state go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

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
    newest_first = parameters.get("ScanBy") != "TimestampAscending"
    return ActionResult({"AlarmHistoryItems": sorted(items, key=lambda each: each["Timestamp"], reverse=newest_first)})


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
