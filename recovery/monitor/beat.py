"""Beats that are put by a call: the one into the other region, and the first one of a region, at its deployment.

A region's alarm on the other one's silence reads its own CloudWatch, and asks nobody: nothing calls a lost region.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from strategy.catalogue import metrics, names

GRACE = timedelta(hours=2)
"""How far ahead a deployment may beat in the other region's place: CloudWatch takes no metric of a later moment. Two regions are
deployed one after the other, and silence in between is none.
"""
SEEN_WITHIN = timedelta(minutes=2)
"""Until a datapoint that was put can be read."""


def push(cloudwatch: Any, prefix: str, region: str, now: datetime) -> None:
    """Into `region`, whose CloudWatch that is: this region's monitor has looked."""
    cloudwatch.put_metric_data(Namespace=names.monitor_namespace(prefix), MetricData=[_datum(metrics.PEER_BEAT, region, now)])


def first(cloudwatch: Any, prefix: str, region: str, now: datetime, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Both beats, before their alarms are made; whether CloudWatch has them, for which it is waited a little."""
    ahead = range(int(GRACE / metrics.MONITOR_EVERY))
    data = [
        _datum(metrics.BEAT, region, now),
        *(_datum(metrics.PEER_BEAT, region, now + each * metrics.MONITOR_EVERY) for each in ahead),
    ]
    cloudwatch.put_metric_data(Namespace=names.monitor_namespace(prefix), MetricData=data)
    for _ in range(int(SEEN_WITHIN / timedelta(seconds=10))):
        found = cloudwatch.get_metric_statistics(
            Namespace=names.monitor_namespace(prefix),
            MetricName=metrics.BEAT,
            Dimensions=[{"Name": "Region", "Value": region}],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )
        if found["Datapoints"]:
            return True
        sleep(10)
    return False


def _datum(name: str, region: str, moment: datetime) -> dict[str, Any]:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": "Region", "Value": region}],
        "Timestamp": moment,
        "Value": 1.0,
        "Unit": "Count",
    }
