"""Throws this region's switch, and publishes its metric at once: the one write that moves traffic.

Again with the same region changes nothing but publishes again. Nothing outside this region is called. Environment: `PREFIX`,
`REGIONS` (both, as JSON), `HOME_REGION`.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from recovery.cutover.metric import claims, publish
from recovery.cutover.switch import Record, throw
from recovery.lambda_runtime import client, handles, passing
from strategy.catalogue import names
from strategy.contracts.cutover import ThrowAnswer, ThrowRequest


@handles(ThrowRequest.from_json)
@passing
def handler(request: ThrowRequest, _context: object) -> ThrowAnswer:
    prefix, here, now = os.environ["PREFIX"], os.environ["AWS_REGION"], datetime.now(UTC)
    serving, regions = request.serving, json.loads(os.environ["REGIONS"])
    if serving not in regions:
        raise ValueError(f"serving: found {serving!r}; allowed: {', '.join(regions)}")
    wanted = Record(serving=serving, since=now, plan_id=request.plan_id, by=request.by)
    before, holds = throw(client("ssm"), names.switch(prefix), wanted)
    publish(client("cloudwatch"), prefix, claimed=claims(here, os.environ["HOME_REGION"], holds, None, now), now=now)
    return ThrowAnswer(before=before.as_dict() if before else None, now=holds.as_dict(), changed=holds is wanted)
