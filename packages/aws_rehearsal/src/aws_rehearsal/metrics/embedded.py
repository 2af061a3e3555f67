"""The embedded metric format: lines of a function's log that CloudWatch Logs turns into metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Datum = tuple[str, dict[str, Any]]
"""Namespace, and a member of MetricData as PutMetricData takes it."""


def data(log: bytes) -> Iterator[Datum]:
    """Of a whole log. A line that is no such document, or names what it does not hold, is a line of text, as on AWS."""
    for line in log.decode(errors="replace").splitlines():
        if '"_aws"' not in line:
            continue
        try:
            document = json.loads(line)
            yield from list(_of(document))
        except (KeyError, TypeError, ValueError):
            continue


def _of(document: dict[str, Any]) -> Iterator[Datum]:
    moment = datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, UTC)
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = [{"Name": name, "Value": str(document[name])} for name in names]
            for metric in directive["Metrics"]:
                found = document[metric["Name"]]
                for value in found if isinstance(found, list) else [found]:
                    yield (
                        directive["Namespace"],
                        {
                            "MetricName": metric["Name"],
                            "Dimensions": dimensions,
                            "Timestamp": moment,
                            "Value": float(value),
                            "Unit": metric.get("Unit", "None"),
                        },
                    )
