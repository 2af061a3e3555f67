"""Brings one store of a lost region back; called again each minute until it is done."""

from __future__ import annotations

from datetime import datetime

from recovery.lambda_runtime import client, handles, passing
from recovery.region.restore_store import bring
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.region import StoreAnswer, StoreRequest


@handles(StoreRequest.from_json)
@passing
def handler(request: StoreRequest, _context: object) -> StoreAnswer:
    plan = RegionPlan.from_json(request.plan)
    (tries,) = (each.tries for each in plan.stores if each.store == request.store)
    return bring(tries, client, incident=plan.incident, since=datetime.fromisoformat(request.since))
