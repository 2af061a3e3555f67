"""Repairs a live DynamoDB table from the restored one. Called again with its own cursor until it is done.

RepairContested ends the attempt.
"""

from __future__ import annotations

from recovery.lambda_runtime import client, handles, left_of, passing
from recovery.restore.plan import Plan
from recovery.restore.repair import repair
from strategy.contracts.restore import RepairAnswer, RepairRequest

_WITHOUT_LAMBDA = 900.0


@handles(RepairRequest.from_json)
@passing
def handler(request: RepairRequest, context: object) -> RepairAnswer:
    left = left_of(context, _WITHOUT_LAMBDA)
    return repair(Plan.from_json(request.plan), client("dynamodb"), request.cursor, left)
