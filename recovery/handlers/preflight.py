"""Every day: could this region take over tonight? The answer is a metric, a record, and lines of the log.

A red line is no failure of the function: its metric is what alarms watch.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache

from recovery.evidence import bucket
from recovery.lambda_runtime import client, handles, log, passing
from recovery.preflight.line import State
from recovery.preflight.metric import embedded
from recovery.preflight.run import run
from strategy.contracts.preflight import PreflightAnswer, PreflightRequest


@handles(PreflightRequest.from_json)
@passing
def handler(request: PreflightRequest, _context: object) -> PreflightAnswer:
    once = cache(client)
    found = run(request, once, datetime.now(UTC))
    for line in found.lines:
        if line.state is not State.GREEN:
            log(f"{line.state}: {line.check}: {line.what}: {line.seen} (promised: {line.promised}). {line.mend}")
    log(embedded(found, request.prefix))
    key = bucket.preflight_key(found.now)
    once("s3").put_object(
        Bucket=request.evidence, Key=key, Body=json.dumps(found.as_json()).encode(), ContentType="application/json"
    )
    red, not_checked = len(found.of(State.RED)), len(found.of(State.NOT_CHECKED))
    return PreflightAnswer(ready=found.ready, red=red, not_checked=not_checked, record=key)
