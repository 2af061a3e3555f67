"""Each minute: a heartbeat into every store that this region's application uses.

Answer: `{store: why not}`, empty where it was written. A heartbeat that was not written is no failure of the function: its metric
is what alarms watch.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from recovery.heartbeat.writer import beat, embedded
from recovery.lambda_runtime import client, handles, log
from strategy.contracts.heartbeat import HeartbeatsRequest


@handles(HeartbeatsRequest.from_json)
def handler(request: HeartbeatsRequest, _context: object) -> dict[str, str]:
    now = datetime.now(UTC)
    said = beat(request, cache(client), now)
    for line in embedded(said, request.prefix, request.region, now):
        log(line)
    return said
