"""Repairs a live DynamoDB table from the restored one. Called again with its own cursor until it is done.

Event: `{"plan", "cursor": {…} or null}`. Answer: `done`, `cursor`, and the counts so far: `written`, `same`, `contested`,
`only_live`, `differing`. RepairContested ends the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan
from recovery.restore.repair import repair

_WITHOUT_LAMBDA = 900.0


@passing
def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    plan, dynamodb = Plan.from_json(event["plan"]), client("dynamodb")
    return repair(plan, dynamodb, event.get("cursor"), lambda: remaining() / 1000 if remaining else _WITHOUT_LAMBDA)
