"""CloudWatch's embedded metric format: a line of a function's log becomes metrics, without a call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def document(
    namespace: str,
    dimensions: Mapping[str, str],
    counts: Mapping[str, float],
    moment: datetime,
    units: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`counts` by metric, all under the same `dimensions`; a line of the log once it is JSON. `units` of what is no count."""
    directive = {
        "Namespace": namespace,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": (units or {}).get(name, "Count")} for name in counts],
    }
    about = {"Timestamp": int(moment.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, **dimensions, **counts}
