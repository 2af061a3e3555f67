"""CloudWatch metric alarms, composite alarms and dashboards."""

from __future__ import annotations

from typing import Any

from aws_rehearsal import metrics
from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tags

_ALARM = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)


class Alarm(Handler):
    """A metric alarm; putting it again is its update."""

    type = "AWS::CloudWatch::Alarm"

    def taken(self, context: Context, properties: Properties) -> str:
        return _taken_alarm(context, properties.get("AlarmName"))

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties.get("AlarmName") or context.name(255)
        self._put(context, name, properties)
        return Physical(name, {"Arn": f"arn:aws:cloudwatch:{context.region}:{context.account}:alarm:{name}"})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        self._put(context, physical.id, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("cloudwatch").delete_alarms(AlarmNames=[physical.id])

    def _put(self, context: Context, name: str, properties: Properties) -> None:
        given = properties.pick(*_ALARM)
        context.client("cloudwatch").put_metric_alarm(AlarmName=name, Tags=tags(properties), **given)


class CompositeAlarm(Handler):
    """moto has no PutCompositeAlarm: these are handed to what evaluates alarms."""

    type = "AWS::CloudWatch::CompositeAlarm"

    def taken(self, context: Context, properties: Properties) -> str:
        return _taken_alarm(context, properties.get("AlarmName"))

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties.get("AlarmName") or context.name(255)
        given = properties.pick("ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmRule", "OKActions")
        return Physical(name, {"Arn": metrics.watch().put_composite(context.region, {**given, "AlarmName": name})})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        return self.create(context, Properties({**new, "AlarmName": physical.id}))

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("cloudwatch").delete_alarms(AlarmNames=[physical.id])


class Dashboard(Handler):
    type = "AWS::CloudWatch::Dashboard"

    def taken(self, context: Context, properties: Properties) -> str:
        name = str(properties.get("DashboardName") or "")
        return name if name and stands(context.client("cloudwatch").get_dashboard, DashboardName=name) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties.get("DashboardName") or context.name(255)
        context.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=properties["DashboardBody"])
        return Physical(name)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        context.client("cloudwatch").put_dashboard(DashboardName=physical.id, DashboardBody=new["DashboardBody"])
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("cloudwatch").delete_dashboards(DashboardNames=[physical.id])


def _taken_alarm(context: Context, name: str | None) -> str:
    """Metric alarms and composite alarms share their names."""
    if not name:
        return ""
    kinds: Any = ["MetricAlarm", "CompositeAlarm"]
    found = context.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    return name if found.get("MetricAlarms") or found.get("CompositeAlarms") else ""
