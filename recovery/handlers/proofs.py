"""Every day: which routes are unproved, and whose data was not checked when it should have been? The answer is a metric.

Event: `strategy.drilled.promised`. Answer: `{"RoutesUnproved", "IntegrityOverdue", "unproved": [what and why]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.drills.metric import counted, embedded
from recovery.drills.proof import proofs
from recovery.handlers.boundary import client, log, passing


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    now = datetime.now(UTC)
    found = proofs(event, client("s3"), now=now)
    unproved = [f"{each.what}: {each.because}" for each in found if not each.proved]
    for line in unproved:
        log(f"unproved: {line}")
    log(embedded(found, prefix=event["prefix"], region=event["region"], now=now))
    return {**counted(found), "unproved": unproved}
