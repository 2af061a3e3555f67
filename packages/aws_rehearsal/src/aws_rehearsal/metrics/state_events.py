"""What CloudWatch tells EventBridge of an alarm that changed its state, in the words of AWS's events."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_rehearsal.gateway import OF_AWS

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud


@dataclass(frozen=True, slots=True)
class State:
    """Of an alarm, as it is now; moto's alarm is changed in place."""

    value: str
    reason: str
    data: str
    since: datetime

    @classmethod
    def of(cls, alarm: Any) -> State:
        since = alarm.state_updated_timestamp
        since = since.replace(tzinfo=UTC) if since.tzinfo is None else since
        return cls(alarm.state_value, alarm.state_reason, alarm.state_reason_data, since)

    def told(self) -> dict[str, str]:
        return {"value": self.value, "reason": self.reason, "reasonData": self.data, "timestamp": stamp(self.since)}


def stamp(moment: datetime) -> str:
    """As CloudWatch writes it: milliseconds, and an offset without a colon."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def tell(cloud: Cloud, region: str, alarm: Any, before: State, after: State) -> None:
    """Puts the event. (Real AWS refuses `aws.*` as a source of PutEvents, which the embedded one does not.)"""
    detail = {
        "alarmName": alarm.name,
        "configuration": _configuration(alarm),
        "previousState": before.told(),
        "state": after.told(),
    }
    answer = cloud.client("events", region, mark=OF_AWS).put_events(
        Entries=[
            {
                "Source": "aws.cloudwatch",
                "DetailType": "CloudWatch Alarm State Change",
                "Resources": [alarm.alarm_arn],
                "Detail": json.dumps(detail),
                "Time": after.since,
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"EventBridge refused the change of {alarm.name}: {answer['Entries']}")


def _configuration(alarm: Any) -> dict[str, Any]:
    described = {"description": alarm.description} if alarm.description else {}
    if alarm.rule is not None:
        return described | {"alarmRule": alarm.rule}
    if not alarm.metric_data_queries:
        stat = _stat(alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.period, alarm.statistic)
        return described | {"metrics": [{"id": str(uuid.uuid4()), "metricStat": stat, "returnData": True}]}
    return described | {"metrics": [_query(each) for each in alarm.metric_data_queries]}


def _query(query: Any) -> dict[str, Any]:
    returned = str(query.return_data).lower() != "false"
    if query.expression:
        return {"id": query.id, "expression": query.expression, "label": query.label, "returnData": returned}
    found = query.metric_stat
    stat = _stat(found.metric.namespace, found.metric.metric_name, found.metric.dimensions, found.period, found.stat)
    return {"id": query.id, "metricStat": stat, "returnData": returned}


def _stat(namespace: str, name: str, dimensions: Any, period: Any, statistic: str) -> dict[str, Any]:
    named = {each.name: each.value for each in dimensions}
    return {
        "metric": {"namespace": namespace, "name": name, "dimensions": named},
        "period": int(period),
        "stat": statistic,
    }
