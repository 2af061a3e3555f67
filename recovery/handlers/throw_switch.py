"""Throws this region's switch, and publishes its metric at once: the one write that moves traffic.

Event: `{"serving": region, "plan_id", "by"}`; `serving` is one of the two regions. Answer: `{"before", "now", "changed"}`, the
records as JSON, `before` null where the switch was never thrown here. Again with the same region changes nothing but publishes
again. Nothing outside this region is called. Environment: `PREFIX`, `REGIONS` (both, as JSON), `HOME_REGION`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.cutover.metric import claims, publish
from recovery.cutover.switch import Record, throw
from recovery.handlers.boundary import client, passing
from strategy.catalogue import names


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    prefix, here, now = os.environ["PREFIX"], os.environ["AWS_REGION"], datetime.now(UTC)
    serving, regions = event["serving"], json.loads(os.environ["REGIONS"])
    if serving not in regions:
        raise ValueError(f"serving: found {serving!r}; allowed: {', '.join(regions)}")
    wanted = Record(serving=serving, since=now, plan_id=event["plan_id"], by=event["by"])
    before, holds = throw(client("ssm"), names.switch(prefix), wanted)
    publish(client("cloudwatch"), prefix, claimed=claims(here, os.environ["HOME_REGION"], holds, None, now), now=now)
    return {"before": before and before.as_dict(), "now": holds.as_dict(), "changed": holds is wanted}
