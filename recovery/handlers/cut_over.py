"""Stops writers to the old store, switches the endpoint, and proves that the services use the new one: one call for each.

Event: `{"plan", "action": "fence" | "switch" | "prove"}`, and for `prove` `since`, the moment of the switch. Answers: `fence`
`{fenced, because, accounts, last_write}`; `switch` `{parameter, before, now, restarted, switched}`; `prove` `{proved,
waiting_for, because, connections}`, called again each minute until proved. RestartRefused, LoginRefused and DatabaseRefused end
the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.fence.store import fence
from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan
from recovery.restore.prove_in_use import prove
from recovery.restore.switch import switch

_WITHOUT_LAMBDA = 240.0


@passing
def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    plan = Plan.from_json(event["plan"])
    remaining = getattr(context, "get_remaining_time_in_millis", None)

    def left() -> float:
        return remaining() / 1000 if remaining else _WITHOUT_LAMBDA

    match event["action"]:
        case "fence":
            return fence(plan, client, left)
        case "switch":
            return switch(plan, client, now=datetime.now(UTC))
        case "prove":
            return prove(plan, client, datetime.fromisoformat(event["since"]), left)
        case unknown:
            raise ValueError(f"action: found {unknown!r}; allowed: fence, switch, prove")
