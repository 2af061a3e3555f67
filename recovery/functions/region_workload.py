"""Turns the standby workload on; called again each minute until it stands.

Event: `{"plan"}`. Answer: as `recovery.region.workload.activate`. WorkloadFailed ends the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.functions.boundary import client, passing
from recovery.region.plan import RegionPlan
from recovery.region.workload import activate


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return activate(RegionPlan.from_json(event["plan"]), client)
