"""Says that the lost region is being recovered here, and turns the standby workload on; called again until it stands.

WorkloadFailed ends the attempt.
"""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.cutover.takeover import Taking, note
from recovery.lambda_runtime import client, handles, passing
from recovery.region.workload import activate
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names
from strategy.contracts.region import WorkloadAnswer, WorkloadRequest


@handles(WorkloadRequest.from_json)
@passing
def handler(request: WorkloadRequest, _context: object) -> WorkloadAnswer:
    plan = RegionPlan.from_json(request.plan)
    if not plan.drill:  # nobody is fenced by a drill
        note(client("ssm"), names.taking(plan.prefix), Taking(plan.lost_region, datetime.now(UTC), plan.plan_id))
    return activate(plan, client)
