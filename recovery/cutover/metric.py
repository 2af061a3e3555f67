"""What of the switch Route 53 reads: one metric for each region, 1 while the region claims traffic.

The claim of the home region (see `strategy.catalogue.names.home`) is needed only while the other region cannot say itself that it
serves no longer: it is dropped some minutes after the other has noted the switch. Otherwise one write in the other region could
not move traffic there while the home region still runs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from recovery.cutover.switch import Record
from strategy.catalogue import names

NOTED_FOR = timedelta(minutes=5)
"""Longer than Route 53 needs to read the other region's metric after it changed."""


def claims(region: str, home: str, own: Record | None, other: Record | None, now: datetime) -> bool:
    """Whether `region` claims traffic. `own` is its record, with the other's taken over; `other` is None, too, if unreadable."""
    if own is None or own.serving != region:
        return False
    if region != home:
        return True
    released = (
        other is not None
        and other.serving == region
        and other.since >= own.since
        and other.noted is not None
        and now - other.noted >= NOTED_FOR
    )
    return not released


def publish(cloudwatch: Any, prefix: str, *, claimed: bool, now: datetime) -> None:
    """Standard resolution: a health check reads no other."""
    cloudwatch.put_metric_data(
        Namespace=names.switch_namespace(prefix),
        MetricData=[
            {
                "MetricName": names.SWITCH_METRIC,
                "Timestamp": now,
                "Value": float(claimed),
                "Unit": "None",
                "StorageResolution": 60,
            }
        ],
    )
