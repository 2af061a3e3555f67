"""Fences this region, each minute: reads both switches, decides, closes or opens what is here, and writes the heartbeat.

Or opens it, when a recovery asks for that (`OpenRequest`). Environment: `PREFIX`, `OTHER_REGION`, `BALANCER_SECURITY_GROUP`,
`PORTS`, `DATABASES` (stores and the services that use them, as JSON). Nothing outside this region is changed.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from recovery.fence.minute import Regions, look
from recovery.fence.region import Fenced
from recovery.lambda_runtime import client, handles, passing, remote
from strategy.contracts.fence import FenceRegionAnswer, OpenRequest, fence_request


@handles(fence_request)
@passing
def handler(request: OpenRequest | None, _context: object) -> FenceRegionAnswer:
    prefix, other = os.environ["PREFIX"], os.environ["OTHER_REGION"]
    fenced = Fenced(
        prefix,
        os.environ["BALANCER_SECURITY_GROUP"],
        json.loads(os.environ["PORTS"]),
        json.loads(os.environ["DATABASES"]),
        client,
    )
    regions = Regions(os.environ["AWS_REGION"], client("ssm"), other, lambda: remote("ssm", other))
    return look(fenced, regions, request.plan_id if request else None, datetime.now(UTC))
