"""Says that the lost region is being recovered here, and turns the standby workload on; called again until it stands.

Event: `{"plan"}`. Answer: as `recovery.region.workload.activate`. WorkloadFailed ends the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.cutover.takeover import Taking, note
from recovery.handlers.boundary import client, passing
from recovery.region.plan import RegionPlan
from recovery.region.workload import activate
from strategy.catalogue import names


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    plan = RegionPlan.from_json(event["plan"])
    if not plan.drill:  # nobody is fenced by a drill
        note(client("ssm"), names.taking(plan.prefix), Taking(plan.lost_region, datetime.now(UTC), plan.plan_id))
    return activate(plan, client)
