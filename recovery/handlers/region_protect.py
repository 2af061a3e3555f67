"""Starts a first backup of each store that came back.

Event: `{"plan", "used": [the plans of the stores that are used]}`. Answer: as `recovery.region.first_backup.protect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.first_backup import protect
from recovery.region.plan import RegionPlan
from recovery.restore.plan import Plan


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return protect(RegionPlan.from_json(event["plan"]), [Plan.from_json(each) for each in event["used"]], client)
