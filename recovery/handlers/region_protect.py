"""Starts a first backup of each store that came back."""

from __future__ import annotations

import os
from datetime import timedelta

from recovery.lambda_runtime import client, handles, passing
from recovery.region.first_backup import protect
from recovery.restore.plan import Plan
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.region import ProtectAnswer, ProtectRequest


@handles(ProtectRequest.from_json)
@passing
def handler(request: ProtectRequest, _context: object) -> ProtectAnswer:
    keep = timedelta(days=int(os.environ["KEEP_DAYS"]))
    return protect(RegionPlan.from_json(request.plan), [Plan.from_json(each) for each in request.used], client, keep)
