"""Health checks as Route 53 evaluates them, from their deployed configuration and what CloudWatch has of each region's metric.

Route 53 takes an alarm's metric and threshold when the check is made, and from then on reads the metric's own stream: neither the
alarm's state nor the region's API is asked. So a lost region is one that publishes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

RECENT = timedelta(minutes=5)
"""Without a datapoint for so long, a metric has no data. Modelled: AWS gives no figure."""
_KEPT = timedelta(days=1)
"""How far back the last known data is looked for."""
CALLER = "resolver"
"""Access key id by which the gateway tells these calls from a recovery's."""


class HealthChecks:
    """`healthy` by a check's id. What was seen of a check is kept: `LastKnownStatus` needs it."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._known: dict[str, bool] = {}

    def healthy(self, check: str) -> bool:
        """LookupError for a check that is not there, or of a kind that is not evaluated here."""
        config = self._cloud.health_checks[check]
        if config.get("Disabled"):
            return True  # as on AWS, where it says nothing about anything
        found = self._evaluate(check, config)
        return found != bool(config.get("Inverted"))

    def _evaluate(self, check: str, config: dict[str, Any]) -> bool:
        if config["Type"] == "CALCULATED":
            return sum(self.healthy(child) for child in config["ChildHealthChecks"]) >= int(config["HealthThreshold"])
        if config["Type"] != "CLOUDWATCH_METRIC":
            raise LookupError(f"a health check of type {config['Type']} is not evaluated here")
        value = self._metric(config["AlarmIdentifier"]["Region"], config["Alarm"])
        if value is not None:
            self._known[check] = not _in_alarm(config["Alarm"], value)
            return self._known[check]
        without_data = config["InsufficientDataHealthStatus"]
        if without_data == "LastKnownStatus":  # also of what nobody has asked for while there was data
            value = self._metric(config["AlarmIdentifier"]["Region"], config["Alarm"], within=_KEPT)
            if value is not None:
                self._known[check] = not _in_alarm(config["Alarm"], value)
        return self._known.get(check, True) if without_data == "LastKnownStatus" else bool(without_data == "Healthy")

    def _metric(self, region: str, alarm: dict[str, Any], *, within: timedelta = RECENT) -> float | None:
        """The newest recent datapoint; None without any, which is all that can be seen of a region that is gone."""
        if region in self._cloud.gateway.lost_regions:
            return None
        now: datetime = self._cloud.clock.now()
        found = self._cloud.client("cloudwatch", region, caller=CALLER).get_metric_statistics(
            Namespace=alarm["Namespace"],
            MetricName=alarm["MetricName"],
            StartTime=now - within,
            EndTime=now + timedelta(minutes=1),
            Period=alarm["Period"],
            Statistics=[alarm["Statistic"]],
        )["Datapoints"]
        newest = max(found, key=lambda each: each["Timestamp"], default=None)
        return float(newest[alarm["Statistic"]]) if newest else None


def _in_alarm(alarm: dict[str, Any], value: float) -> bool:
    match alarm["ComparisonOperator"]:
        case "GreaterThanOrEqualToThreshold":
            return bool(value >= alarm["Threshold"])
        case "GreaterThanThreshold":
            return bool(value > alarm["Threshold"])
        case "LessThanThreshold":
            return bool(value < alarm["Threshold"])
        case "LessThanOrEqualToThreshold":
            return bool(value <= alarm["Threshold"])
    raise LookupError(f"a threshold of kind {alarm['ComparisonOperator']} is not evaluated here")
