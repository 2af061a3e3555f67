"""CloudWatch: GetMetricData from the same datapoints, and by the same metric math, as alarms are judged by."""

# ruff: noqa: PLR0917  a replacement of a method has that method's signature
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend

from aws_rehearsal import metrics
from aws_rehearsal.metrics import expressions
from aws_rehearsal.metrics.store import Key, floor, key
from aws_rehearsal.patches import patch


@patch(
    CloudWatchBackend,
    "get_metric_data",
    source="ea8fffafcc06a35f",
    why="moto counts periods from the start that is asked for, mixes namespaces, and knows little of metric math",
)
def get_metric_data(
    original: Any,  # noqa: ARG001  a replacement
    backend: Any,
    queries: list[dict[str, Any]],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampAscending",
) -> list[dict[str, Any]]:
    start, end = _utc(start_time), _utc(end_time)
    if start >= end:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    series = metrics.watch().series(backend.region_name)
    wide = timedelta(seconds=max((int(each["MetricStat"]["Period"]) for each in queries if "MetricStat" in each), default=60))
    first = floor(start, wide)
    periods = [first + wide * number for number in range((end - first) // wide + 1) if first + wide * number < end]
    found: dict[str, expressions.Points] = {}
    for each in queries:
        if stat := each.get("MetricStat"):
            period = timedelta(seconds=int(stat["Period"]))
            found[each["Id"]] = series.by_period(_key(stat["Metric"]), stat["Stat"], period, floor(start, period), end)
    results = []
    for each in queries:
        if "Expression" in each:
            try:
                found[each["Id"]] = expressions.evaluate(each["Expression"], found, periods)
            except expressions.ExpressionError as error:
                raise ValidationError(f"Error in expression {each['Id']!r}: {error}") from error
    for each in queries:
        if str(each.get("ReturnData", True)).lower() == "false":
            continue
        points = sorted(found[each["Id"]].items(), reverse=scan_by == "TimestampDescending")
        label = each.get("Label") or each.get("MetricStat", {}).get("Metric", {}).get("MetricName") or each["Id"]
        results.append(
            {
                "id": each["Id"],
                "label": label,
                "timestamps": [at for at, _ in points],
                "values": [value for _, value in points],
                "status_code": "Complete",
            }
        )
    return results


def _key(metric: dict[str, Any]) -> Key:
    return key(
        metric["Namespace"], metric["MetricName"], ((each["Name"], each["Value"]) for each in metric.get("Dimensions", ()))
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
