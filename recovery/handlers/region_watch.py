"""Watches the services and the published claim of this region after the cutover; called again each minute.

Environment: `CHECKS`, what is asked of each service (`ServiceCheck`), as JSON; `IS_HOME`, `true` or `false`. TrafficMoved ends
the attempt.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from recovery.lambda_runtime import client, handles, passing
from recovery.region.http_probe import ask
from recovery.region.watch import watch
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.contract import read_text
from strategy.contracts.region import ServiceCheck, WatchAnswer, WatchRequest


@handles(WatchRequest.from_json)
@passing
def handler(request: WatchRequest, _context: object) -> WatchAnswer:
    return watch(
        RegionPlan.from_json(request.plan),
        request.services,
        read_text(ServiceCheck, os.environ["CHECKS"]),
        client,
        ask,
        home=os.environ["IS_HOME"] == "true",
        so_far=WatchAnswer.from_json(request.so_far) if request.so_far else None,
        now=datetime.now(UTC),
    )
