"""Checks, right before a restore, what its plan stands on; reads only.

PlanRefused ends the attempt, and lists every problem at once.
"""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.lambda_runtime import client, handles, passing
from recovery.restore.plan import Plan
from recovery.restore.preflight import check
from strategy.contracts.restore import CheckAnswer, CheckRequest


@handles(CheckRequest.from_json)
@passing
def handler(request: CheckRequest, _context: object) -> CheckAnswer:
    return check(Plan.from_json(request.plan), client, datetime.now(UTC))
