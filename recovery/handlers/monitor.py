"""Looks, each quarter of an hour, at everything this region promised, and says what it found as metrics; then beats.

Environment: `OTHER_REGION`, into whose CloudWatch it beats too, with one try: that it does not answer changes nothing here.
Nothing else outside this region is called.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from recovery.lambda_runtime import client, handles, log, remote
from recovery.monitor.beat import push
from recovery.monitor.readings import lines, run
from strategy.contracts.monitor import MonitorAnswer, MonitorRequest


@handles(MonitorRequest.from_json)
def handler(request: MonitorRequest, _context: object) -> MonitorAnswer:
    now = datetime.now(UTC)
    looked = run(request, cache(client), now)
    for line in lines(looked, request.prefix):
        log(line)
    pushed = _push(request.prefix, os.environ["OTHER_REGION"], now)
    return MonitorAnswer(numbers=len(looked.numbers), not_checked=tuple(sorted(looked.not_checked)), pushed=pushed)


def _push(prefix: str, region: str, now: datetime) -> bool:
    try:
        push(remote("cloudwatch", region), prefix, region, now)
    except (BotoCoreError, ClientError) as error:
        log(f"the beat did not reach {region}, which will notice: {error}")
        return False
    return True
