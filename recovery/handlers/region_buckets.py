"""Looks at the replicated buckets of this region. Event: `{"plan"}`. Answer: as `recovery.region.buckets.check`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.buckets import check
from recovery.region.plan import RegionPlan


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return check(RegionPlan.from_json(event["plan"]), client)
