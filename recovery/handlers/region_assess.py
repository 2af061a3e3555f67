"""What is known when a region's recovery begins. Event: `{"plan"}`. Answer: as `recovery.region.assessment.assess`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.assessment import assess
from recovery.region.plan import RegionPlan


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return assess(RegionPlan.from_json(event["plan"]), client, now=datetime.now(UTC))
