"""Checks, right before a restore, what its plan stands on; reads only.

Event: `{"plan"}`. Answer: `checked` (`[{what, note}]`). PlanRefused ends the attempt, and lists every problem at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan
from recovery.restore.preflight import PlanRefused, preflight


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    plan = Plan.from_json(event["plan"])
    checked = preflight(plan, client, datetime.now(UTC))
    problems = [f"{each.what}: {each.problem}" for each in checked if each.problem]
    if problems:
        raise PlanRefused(f"plan {plan.plan_id} cannot be followed now, and nothing was made: {'; '.join(problems)}")
    return {"checked": [{"what": each.what, "note": each.note} for each in checked]}
