"""Brings one store of a lost region back; called again each minute until it is done.

Event: `{"plan", "store", "since": when the execution began}`. Answer: as `recovery.region.restore_store.bring`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recovery.handlers.boundary import client, passing
from recovery.region.plan import RegionPlan
from recovery.region.restore_store import bring


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    plan = RegionPlan.from_json(event["plan"])
    (tries,) = (each.tries for each in plan.stores if each.store == event["store"])
    return bring(tries, client, incident=plan.incident, since=datetime.fromisoformat(event["since"]))
