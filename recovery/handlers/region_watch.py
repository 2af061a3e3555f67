"""Watches the services and the published claim of this region after the switch was thrown; called again each minute.

Event: `{"plan", "services", "so_far"}`, `so_far` being the last answer, or empty. Answer: as `recovery.region.watch.watch`.
Environment: `CHECKS`, what is asked of each service, as JSON; `IS_HOME`, `true` or `false`. TrafficMoved ends the attempt.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.http_probe import ask
from recovery.region.plan import RegionPlan
from recovery.region.smoke_test import Check
from recovery.region.watch import watch


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return watch(
        RegionPlan.from_json(event["plan"]),
        event["services"],
        Check.all_of(os.environ["CHECKS"]),
        client,
        ask,
        home=os.environ["IS_HOME"] == "true",
        so_far=event["so_far"],
        now=datetime.now(UTC),
    )
