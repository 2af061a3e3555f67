"""Every day: which routes are unproved, and whose data was not checked when it should have been? The answer is a metric."""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.drills.metric import counted, embedded
from recovery.drills.proof import proofs
from recovery.lambda_runtime import client, handles, log, passing
from strategy.contracts.drills import ProofsAnswer, ProofsRequest


@handles(ProofsRequest.from_json)
@passing
def handler(request: ProofsRequest, _context: object) -> ProofsAnswer:
    now = datetime.now(UTC)
    found = proofs(request, client("s3"), now=now)
    unproved = tuple(f"{each.what}: {each.because}" for each in found if not each.proved)
    for line in unproved:
        log(f"unproved: {line}")
    log(embedded(found, prefix=request.prefix, region=request.region, now=now))
    return ProofsAnswer(**counted(found), unproved=unproved)
