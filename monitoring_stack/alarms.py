"""The alarms of the table (`strategy.catalogue.alarm_table`), as CloudWatch takes them.

They have no actions: EventBridge carries each change of their state to the function that speaks, which CloudWatch guarantees.
"""

from __future__ import annotations

from typing import Any

from aws_cdk.aws_cloudwatch import CfnAlarm
from constructs import Construct, IDependable

from components.acknowledge import acknowledge
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.alarm_model import Alarm
from strategy.catalogue.alarm_table import table
from strategy.catalogue.metrics import Metric

_SPOKEN = {"NIST.800.53.R5-CloudWatchAlarmAction": "EventBridge carries each change of its state to the function that speaks"}


class Alarms(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, after: IDependable) -> None:
        """`after`: a first beat must be there before silence is judged."""
        super().__init__(scope, construct_id)
        for alarm in table(strategy, region):
            made = _made(self, alarm, alarm.name.removeprefix(names.alarm(strategy.prefix, "")).title().replace("-", ""))
            acknowledge(made, _SPOKEN)
        self.node.add_dependency(after)


def _made(scope: Construct, alarm: Alarm, construct_id: str) -> CfnAlarm:
    common: dict[str, Any] = {
        "alarm_name": alarm.name,
        "alarm_description": str(alarm.said),
        "comparison_operator": alarm.comparison,
        "threshold": alarm.threshold,
        "evaluation_periods": alarm.periods,
        "datapoints_to_alarm": alarm.periods,
        "treat_missing_data": alarm.missing,
    }
    period = int(alarm.period.total_seconds())
    if alarm.expression is None:
        (metric,) = alarm.metrics
        return CfnAlarm(
            scope,
            construct_id,
            **common,
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=_dimensions(metric),
            statistic=alarm.statistic,
            period=period,
        )
    read = [
        CfnAlarm.MetricDataQueryProperty(
            id=f"m{number}",
            return_data=False,
            metric_stat=CfnAlarm.MetricStatProperty(
                metric=CfnAlarm.MetricProperty(namespace=each.namespace, metric_name=each.name, dimensions=_dimensions(each)),
                period=period,
                stat=alarm.statistic,
            ),
        )
        for number, each in enumerate(alarm.metrics, start=1)
    ]
    total = CfnAlarm.MetricDataQueryProperty(id="total", expression=alarm.expression, return_data=True)
    return CfnAlarm(scope, construct_id, **common, metrics=[*read, total])


def _dimensions(metric: Metric) -> list[CfnAlarm.DimensionProperty]:
    return [CfnAlarm.DimensionProperty(name=name, value=value) for name, value in metric.dimensions]
