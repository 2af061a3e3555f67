"""Begins the restore of a plan, or finds the one that it has begun before. NameTaken and RestoreRefused end the attempt."""

from __future__ import annotations

from recovery.lambda_runtime import client, handles, passing
from recovery.restore.plan import Plan
from recovery.restore.start_restore import begin
from strategy.contracts.restore import BeginAnswer, BeginRequest


@handles(BeginRequest.from_json)
@passing
def handler(request: BeginRequest, _context: object) -> BeginAnswer:
    return begin(Plan.from_json(request.plan), client)
