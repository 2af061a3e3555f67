"""Whether a second person has approved; called again each minute until somebody has.

Event: `{"plan", "what": "recover" | "cut-over"}`. Answer: as `recovery.region.approval.look`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.approval import look
from recovery.region.plan import RegionPlan
from strategy.catalogue.region_steps import Approval


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return look(RegionPlan.from_json(event["plan"]), Approval(event["what"]), client)
