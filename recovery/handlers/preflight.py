"""Every day: could this region take over tonight? The answer is a metric, a record, and lines of the log.

Event: `strategy.preflight.wanted`. Answer: `{"ready", "red", "not_checked", "record"}`; `record` is a key in the evidence bucket.
A red line is no failure of the function: its metric is what alarms watch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from recovery.evidence import bucket
from recovery.handlers.boundary import client, log, passing
from recovery.preflight.line import State
from recovery.preflight.metric import embedded
from recovery.preflight.run import run


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    once = cache(client)
    found = run(event, once, datetime.now(UTC))
    for line in found.lines:
        if line.state is not State.GREEN:
            log(f"{line.state}: {line.check}: {line.what}: {line.seen} (promised: {line.promised}). {line.mend}")
    log(embedded(found, event["prefix"]))
    key = bucket.preflight_key(found.now)
    once("s3").put_object(
        Bucket=event["evidence"], Key=key, Body=json.dumps(found.as_json()).encode(), ContentType="application/json"
    )
    summary = found.as_json()
    return {"ready": found.ready, "red": summary["red"], "not_checked": summary["not_checked"], "record": key}
