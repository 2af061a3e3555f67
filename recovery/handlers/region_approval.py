"""Whether a second person has approved; called again each minute until somebody has."""

from __future__ import annotations

from recovery.lambda_runtime import client, handles, passing
from recovery.region.approval import look
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.region import ApprovalAnswer, ApprovalRequest


@handles(ApprovalRequest.from_json)
@passing
def handler(request: ApprovalRequest, _context: object) -> ApprovalAnswer:
    return look(RegionPlan.from_json(request.plan), request.what, client)
