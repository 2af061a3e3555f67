"""Smoke-tests the services of this region; called again each minute until all pass.

Environment: `CHECKS`, what is asked of each service (`ServiceCheck`), as JSON. NothingToTest ends the attempt.
"""

from __future__ import annotations

import os

from recovery.lambda_runtime import client, handles, passing
from recovery.region.http_probe import ask
from recovery.region.smoke_test import smoke
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.contract import read_text
from strategy.contracts.region import ServiceCheck, SmokeAnswer, SmokeRequest


@handles(SmokeRequest.from_json)
@passing
def handler(request: SmokeRequest, _context: object) -> SmokeAnswer:
    checks = read_text(ServiceCheck, os.environ["CHECKS"])
    return smoke(RegionPlan.from_json(request.plan), request.services, checks, client, ask)
