"""What is known when a region's recovery begins."""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.lambda_runtime import client, handles, passing
from recovery.region.assessment import assess
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.region import AssessAnswer, AssessRequest


@handles(AssessRequest.from_json)
@passing
def handler(request: AssessRequest, _context: object) -> AssessAnswer:
    return assess(RegionPlan.from_json(request.plan), client, now=datetime.now(UTC))
