"""All alarms of one cloud: when each is judged, and what its change of state sets off.

An alarm is judged when a datapoint of its metrics comes, and at the end of each of its periods while what it looks at still
moves. Nothing is planned for an alarm that could not change: a leap over a quiet week costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends

from aws_rehearsal.clock import Appointment
from aws_rehearsal.iam import deliveries
from aws_rehearsal.iam.decisions import Decision
from aws_rehearsal.metrics import evaluation, rules, state_events
from aws_rehearsal.metrics.store import Minute, Series, floor, key

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_SETTLED = timedelta(seconds=30)
"""After a datapoint, and after the end of a period, until the alarm is judged."""


@dataclass(frozen=True, slots=True)
class Action:
    """What an alarm did, or could not do: `error` is empty where it did."""

    moment: datetime
    region: str
    alarm: str
    arn: str
    error: str


class Watch:
    """`changes` lists (moment, region, alarm, state), oldest first: what tests and reports read."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._series: dict[str, Series] = {}
        self._planned: dict[tuple[str, str], Appointment] = {}
        self.changes: list[tuple[datetime, str, str, str]] = []
        self.actions: list[Action] = []

    def series(self, region: str) -> Series:
        return self._series.setdefault(region, Series())

    def lose(self, region: str) -> None:
        self._series.pop(region, None)
        for planned, name in list(self._planned):
            if planned == region:
                self._planned.pop((planned, name)).cancel()

    # ------------------------------------------------------------------ what comes in
    def put(self, region: str, namespace: str, data: list[dict[str, Any]]) -> None:
        """MetricData as PutMetricData takes it."""
        touched = set()
        for each in data:
            metric = key(namespace, each["MetricName"], ((d["Name"], d["Value"]) for d in each.get("Dimensions") or ()))
            moment = each.get("Timestamp") or self._cloud.clock.now()
            for value in _minutes(each):
                self.series(region).add(metric, moment, value)
            touched.add(metric)
        for alarm in list(_alarms(region).values()):
            if alarm.rule is None and touched.intersection(evaluation.metrics(alarm)):
                self._plan(region, alarm.name, self._cloud.clock.now() + _SETTLED)

    def made(self, region: str, name: str, *, new: bool) -> None:
        """An alarm that was put: a new one begins without data; where nothing is monitored, it waits for some."""
        if new:
            _alarms(region)[name].state_value = evaluation.INSUFFICIENT
        if not new or self._cloud.monitored:
            self._plan(region, name, self._cloud.clock.now() + _SETTLED)

    def put_composite(self, region: str, properties: Mapping[str, Any]) -> str:
        """Make or change a composite alarm, as CloudFormation describes one; answers with its ARN. moto has no call for it."""
        from aws_rehearsal.cloud import ACCOUNT

        rules.named(properties["AlarmRule"])
        alarm = cloudwatch_backends[ACCOUNT][region].put_metric_alarm(
            name=properties["AlarmName"],
            namespace=None,
            metric_name=None,
            comparison_operator=None,
            evaluation_periods=None,
            period=None,
            threshold=None,
            statistic=None,
            description=properties.get("AlarmDescription", ""),
            dimensions=[],
            alarm_actions=properties.get("AlarmActions", []),
            ok_actions=properties.get("OKActions", []),
            insufficient_data_actions=properties.get("InsufficientDataActions", []),
            actions_enabled=properties.get("ActionsEnabled", True),
            rule=properties["AlarmRule"],
        )
        return str(alarm.alarm_arn)

    # ------------------------------------------------------------------ judging
    def _plan(self, region: str, name: str, moment: datetime) -> None:
        known = self._planned.get((region, name))
        if known is not None:
            if known.moment <= moment:
                return
            known.cancel()
        self._planned[region, name] = self._cloud.clock.call_at(moment, lambda: self._judge(region, name), leap=False)

    def _judge(self, region: str, name: str) -> None:
        self._planned.pop((region, name), None)
        alarm = _alarms(region).get(name)
        if alarm is None or region in self._cloud.gateway.lost_regions:
            return
        now = self._cloud.clock.now()
        if alarm.rule is not None:
            states = {each.name: each.state_value for each in _alarms(region).values()}
            holds = rules.holds(alarm.rule, states)
            self._become(region, alarm, evaluation.ALARM if holds else evaluation.OK, f"{alarm.rule} is {holds}".lower(), {})
            return
        found = evaluation.judge(alarm, self.series(region), now)
        if found.missing_all and not self._cloud.monitored:
            return  # nobody was to speak: silence is none
        if not found.missing_all or alarm.state_value != found.state:
            wide = evaluation.period(alarm)
            self._plan(region, name, floor(now, wide) + wide + _SETTLED)
        numbers = {
            "period": int(evaluation.period(alarm).total_seconds()),
            "recentDatapoints": list(found.recent),
            "threshold": float(alarm.threshold),
        }
        self._become(region, alarm, found.state, found.reason, numbers)

    def _become(self, region: str, alarm: Any, state: str, reason: str, numbers: Mapping[str, Any]) -> None:
        """`numbers`: what the reason's data says besides."""
        old = alarm.state_value
        if state == old:
            return
        now, before = self._cloud.clock.now(), state_events.State.of(alarm)
        alarm.update_state(reason, json.dumps({"version": "1.0", "queryDate": state_events.stamp(now), **numbers}), state)
        alarm.state_updated_timestamp = now
        after = state_events.State.of(alarm)
        self._cloud.clock.call_after(timedelta(0), lambda: self._tell(region, alarm, before, after))
        message = _notification(alarm, old, now, region)
        self.changes.append((now, region, alarm.name, state))
        for each in _alarms(region).values():
            if each.rule is not None and alarm.name in rules.named(each.rule):
                self._plan(region, each.name, now)
        if not alarm.actions_enabled:
            return
        listed = {"OK": alarm.ok_actions, "ALARM": alarm.alarm_actions}.get(state, alarm.insufficient_data_actions)
        for action in listed:
            self._act(region, alarm, action, message)

    def _tell(self, region: str, alarm: Any, before: state_events.State, after: state_events.State) -> None:
        if region not in self._cloud.gateway.lost_regions:
            state_events.tell(self._cloud, region, alarm, before, after)

    def _act(self, region: str, alarm: Any, action: str, message: dict[str, Any]) -> None:
        if action.split(":")[2] != "sns":
            raise ValueError(f"the embedded CloudWatch acts through SNS only, not {action}")
        subject = f'{message["NewStateValue"]}: "{message["AlarmName"]}" in {region}'[:100]

        def publish() -> None:
            if region in self._cloud.gateway.lost_regions:
                return
            error = _refused(deliveries.of_alarm(self._cloud.guard, alarm.alarm_arn, action))
            self.actions.append(Action(self._cloud.clock.now(), region, alarm.name, action, error))
            if not error:
                client = self._cloud.client("sns", region)
                client.publish(TopicArn=action, Subject=subject, Message=json.dumps(message))

        self._cloud.clock.call_after(timedelta(0), publish)


def _refused(denied: Decision | None) -> str:
    """In the words of the alarm's history (https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger)."""
    if denied is None:
        return ""
    if denied.action.startswith("kms:"):
        return "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
    (alarm,) = denied.principal.keys["aws:sourcearn"]
    return f"Resource: {alarm} is not authorized to perform: SNS:Publish on resource: {denied.resource}"


def _alarms(region: str) -> dict[str, Any]:
    from aws_rehearsal.cloud import ACCOUNT

    found: dict[str, Any] = cloudwatch_backends[ACCOUNT][region].alarms
    return found


def _minutes(datum: dict[str, Any]) -> list[Minute]:
    if sums := datum.get("StatisticValues"):
        return [Minute(*(float(sums[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")))]
    if values := datum.get("Values"):
        counts = datum.get("Counts") or [1] * len(values)
        pairs = [(float(value), float(count)) for value, count in zip(values, counts, strict=True)]
        return [Minute(count, value * count, value, value) for value, count in pairs]
    value = float(datum.get("Value", 0))
    return [Minute(1, value, value, value)]


def _notification(alarm: Any, old: str, now: datetime, region: str) -> dict[str, Any]:
    """What CloudWatch sends to SNS."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.alarm_arn.split(":")[4],
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": state_events.stamp(now),
        "Region": region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old,
        "Trigger": {"MetricName": alarm.metric_name, "Namespace": alarm.namespace, "Threshold": alarm.threshold},
    }
