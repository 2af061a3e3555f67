"""Was a job that ended badly told already, by its own event? Asked when AWS Backup's count of such jobs goes off.

An event may be lost, the count may not: it speaks of what nobody told. What was told is a metric, so that nothing of ours has to
remember it; where the metric comes late, a job is told twice, and never not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from recovery.jobs import Job, jobs
from recovery.metric import document
from strategy.catalogue import names
from strategy.catalogue.metrics import JOBS_TOLD

LATELY = timedelta(minutes=30)
"""AWS Backup counts each five minutes, and the alarm follows."""
_BEGUN = timedelta(days=3)
"""How long before its end a job may have begun."""
_COUNTED = re.compile(r"NumberOf(Backup|Copy|Restore)Jobs")


def kind(event: Mapping[str, Any]) -> str | None:
    """Of which kind of jobs an alarm reads AWS Backup's counts; None for any other event."""
    for query in event["detail"].get("configuration", {}).get("metrics", ()):
        metric = query.get("metricStat", {}).get("metric", {})
        if metric.get("namespace") == "AWS/Backup" and (found := _COUNTED.match(str(metric.get("name")))):
            return found[1].lower()
    return None


def told(prefix: str, region: str, kind: str, moment: datetime) -> Mapping[str, Any]:
    """In CloudWatch's embedded format: that a job was told by its own event."""
    return document(names.speak_namespace(prefix), {"Region": region, "Kind": kind}, {JOBS_TOLD: 1}, moment)


def untold(prefix: str, region: str, kind: str, client: Callable[[str], Any], now: datetime) -> list[Job]:
    """Those that ended badly of late, where they are more than were told; none where each was told. Raises what boto3 raises."""
    since = now - LATELY
    badly = [each for each in jobs(client("backup"), region, now - _BEGUN, now) if each.kind == kind and each.badly]
    late = [each for each in badly if each.ended is None or each.ended >= since]
    metric = {
        "Namespace": names.speak_namespace(prefix),
        "MetricName": JOBS_TOLD,
        "Dimensions": [{"Name": "Region", "Value": region}, {"Name": "Kind", "Value": kind}],
    }
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "told", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}],
        StartTime=since,
        EndTime=now + timedelta(minutes=1),
    )
    count = sum(value for each in answer["MetricDataResults"] for value in each["Values"])
    return late if len(late) > count else []
