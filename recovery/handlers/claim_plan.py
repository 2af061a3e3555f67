"""Claims a plan for one attempt.

Event: `{"plan", "execution": ARN}`. Answer: `attempt`. PlanIsRunning ends the attempt that comes second; PlanError one whose
plan is not the one that was started under its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.plan import any_plan
from recovery.restore.plan_lock import claim


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return claim(any_plan(event["plan"]), event["execution"], client, now=datetime.now(UTC))
