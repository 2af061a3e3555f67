"""Looks, each quarter of an hour, at everything this region promised, and says what it found as metrics; then beats.

Event: `strategy.monitored.wanted`. Answer: `{"numbers", "not_checked", "pushed"}`. Environment: `OTHER_REGION`, into whose
CloudWatch it beats too, with one try: that it does not answer changes nothing here. Nothing else outside this region is called.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recovery.handlers.boundary import client, log, remote
from recovery.monitor.beat import push
from recovery.monitor.readings import lines, run


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    now = datetime.now(UTC)
    looked = run(event, cache(client), now)
    for line in lines(looked, event["prefix"]):
        log(line)
    pushed = _push(event["prefix"], os.environ["OTHER_REGION"], now)
    return {"numbers": len(looked.numbers), "not_checked": sorted(looked.not_checked), "pushed": pushed}


def _push(prefix: str, region: str, now: datetime) -> bool:
    try:
        push(remote("cloudwatch", region), prefix, region, now)
    except (BotoCoreError, ClientError) as error:
        log(f"the beat did not reach {region}, which will notice: {error}")
        return False
    return True
