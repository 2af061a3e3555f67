"""Exercises the plan of a drill by its route's own workflow: called again each minute until that has ended; or ends it."""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.drills.exercise import exercise, stop
from recovery.lambda_runtime import client, handles, passing
from recovery.restore.plan import Plan
from strategy.contracts.drills import ExerciseAction, ExerciseAnswer, ExerciseEnded, ExerciseRequest, StopAnswer


@handles(ExerciseRequest.from_json)
@passing
def handler(request: ExerciseRequest, _context: object) -> ExerciseAnswer | ExerciseEnded | StopAnswer:
    plan = Plan.from_json(request.plan)
    now = datetime.now(UTC)
    return stop(plan, client, now=now) if request.action is ExerciseAction.STOP else exercise(plan, client)
