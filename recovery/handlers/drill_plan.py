"""Plans a drill, or finds the plan of one that was ended from outside.

Event: `{"wanted": strategy.drilled.wanted, "asked": {"route", "store", "purpose"?, "by"?} or {"clean": ARN of a drill's
execution}, "execution": ARN}`. Answer: `plan`, empty where there is nothing to clean; `clean`. CannotDrill: there is none, and
why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.drills.plan_lookup import find
from recovery.drills.planner import Asked, CannotDrill, plan
from recovery.handlers.boundary import client, passing
from strategy.catalogue.drill_steps import Purpose
from strategy.catalogue.routes import Route


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    wanted, asked = event["wanted"], event["asked"]
    if "clean" in asked:
        found = find(wanted["prefix"], str(asked["clean"]), client)
        return {"plan": found.as_json() if found else {}, "clean": True}
    try:
        route, purpose = Route(asked["route"]), Purpose(asked.get("purpose", Purpose.DRILL))
        store = str(asked["store"])
    except (KeyError, ValueError) as error:
        raise CannotDrill(f"a drill is asked for by route and store, this was {dict(asked)}: {error}") from error
    what = Asked(route, store, purpose, event["execution"], str(asked.get("by", "schedule")))
    return {"plan": plan(wanted, what, client, now=datetime.now(UTC)).as_json(), "clean": False}
