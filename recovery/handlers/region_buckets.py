"""Looks at the replicated buckets of this region."""

from __future__ import annotations

from recovery.lambda_runtime import client, handles, passing
from recovery.region.buckets import check
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.region import BucketsAnswer, BucketsRequest


@handles(BucketsRequest.from_json)
@passing
def handler(request: BucketsRequest, _context: object) -> BucketsAnswer:
    return check(RegionPlan.from_json(request.plan), client)
