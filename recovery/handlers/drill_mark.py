"""Marks the store that a drill restored as the drill's; it may not delete. Called again until the marks are seen.

NotOurs: nothing was marked.
"""

from __future__ import annotations

from recovery.drills.teardown import mark
from recovery.lambda_runtime import client, handles, passing
from recovery.restore.plan import Plan
from strategy.contracts.drills import MarkRequest, TearDownAnswer


@handles(MarkRequest.from_json)
@passing
def handler(request: MarkRequest, _context: object) -> TearDownAnswer:
    return mark(Plan.from_json(request.plan), client)
