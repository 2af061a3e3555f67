"""Exercises the plan of a drill by its route's own workflow: called again each minute until that has ended; or ends it.

Event: `{"plan", "action": "exercise" | "stop"}`. Answer: as `recovery.drills.exercise` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.drills.exercise import exercise, stop
from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan

_ACTIONS = {"exercise": exercise, "stop": stop}


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return _ACTIONS[event["action"]](Plan.from_json(event["plan"]), client)
