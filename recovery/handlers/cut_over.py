"""Stops writers to the old store, switches the endpoint, and proves that the services use the new one: one call for each.

`prove` is called again each minute until proved. RestartRefused, LoginRefused and DatabaseRefused end the attempt.
"""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.fence.store import fence
from recovery.lambda_runtime import client, handles, left_of, passing
from recovery.restore.plan import Plan
from recovery.restore.prove_in_use import prove
from recovery.restore.switch import switch
from strategy.contracts.restore import CutoverAction, CutoverRequest, FenceAnswer, ProveAnswer, SwitchAnswer

_WITHOUT_LAMBDA = 240.0


@handles(CutoverRequest.from_json)
@passing
def handler(request: CutoverRequest, context: object) -> FenceAnswer | SwitchAnswer | ProveAnswer:
    plan, left = Plan.from_json(request.plan), left_of(context, _WITHOUT_LAMBDA)
    match request.action:
        case CutoverAction.FENCE:
            return fence(plan, client, left)
        case CutoverAction.SWITCH:
            return switch(plan, client, now=datetime.now(UTC))
        case CutoverAction.PROVE:
            return prove(plan, client, datetime.fromisoformat(request.since), left)
