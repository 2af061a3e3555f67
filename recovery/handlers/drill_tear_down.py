"""Deletes the store that a drill restored and marked; it may not mark. Called again until AWS has taken the deletion.

NotOurs: nothing was deleted.
"""

from __future__ import annotations

from recovery.drills.teardown import tear_down
from recovery.lambda_runtime import client, handles, passing
from recovery.restore.plan import Plan
from strategy.contracts.drills import TearDownAnswer, TearDownRequest


@handles(TearDownRequest.from_json)
@passing
def handler(request: TearDownRequest, _context: object) -> TearDownAnswer:
    return tear_down(Plan.from_json(request.plan), client)
