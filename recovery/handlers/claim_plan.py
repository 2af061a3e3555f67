"""Claims a plan for one attempt.

PlanIsRunning ends the attempt that comes second; PlanError one whose plan is not the one that was started under its id.
"""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.lambda_runtime import client, handles, passing
from recovery.restore.plan_lock import claim
from recovery.restore.region_plan import any_plan
from strategy.contracts.restore import ClaimAnswer, ClaimRequest


@handles(ClaimRequest.from_json)
@passing
def handler(request: ClaimRequest, _context: object) -> ClaimAnswer:
    return claim(any_plan(request.plan), request.execution, client, now=datetime.now(UTC))
