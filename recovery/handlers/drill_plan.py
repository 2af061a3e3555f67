"""Plans a drill, or finds the plan of one that was ended from outside. CannotDrill: there is none, and why."""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.drills.plan_lookup import find
from recovery.drills.planner import asked_of, plan
from recovery.lambda_runtime import client, handles, passing
from strategy.contracts.drills import DrillPlanAnswer, DrillPlanRequest


@handles(DrillPlanRequest.from_json)
@passing
def handler(request: DrillPlanRequest, _context: object) -> DrillPlanAnswer:
    wanted, asked = request.wanted, request.asked
    if "clean" in asked:
        found = find(wanted.prefix, str(asked["clean"]), client)
        return DrillPlanAnswer(plan=found.as_json() if found else {}, clean=True)
    what = asked_of(asked, request.execution)
    return DrillPlanAnswer(plan=plan(wanted, what, client, now=datetime.now(UTC)).as_json(), clean=False)
