"""CloudWatch: alarms that are evaluated."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from aws_rehearsal import metrics
from aws_rehearsal.patches import patch


@patch(
    CloudWatchBackend,
    "put_metric_data",
    source="300dda002442b818",
    why="moto keeps datapoints, and judges no alarm by them",
)
def put_metric_data(original: Any, backend: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
    original(backend, namespace, metric_data)
    metrics.watch().put(backend.region_name, namespace, metric_data)


@patch(
    CloudWatchBackend,
    "put_metric_alarm",
    source="aff786ddccbc9f13",
    why="moto begins with OK, for good; AWS begins with no data, and evaluates",
)
def put_metric_alarm(original: Any, backend: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    known = backend.alarms.get(name)
    alarm = original(backend, name, *args, **kwargs)
    if known is not None:  # a change of the definition leaves the state
        alarm.state_value, alarm.state_reason = known.state_value, known.state_reason
    metrics.watch().made(backend.region_name, name, new=known is None)
    return alarm
