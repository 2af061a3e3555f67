"""Each minute: a heartbeat into every store that this region's application uses.

Event: `{"prefix", "region", "stores": [{"name", "kind", "existing"?}]}`, see `dr_stack.heartbeat`. Answer: `{store: why not}`,
empty where it was written. A heartbeat that was not written is no failure of the function: its metric is what alarms watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from recovery.handlers.boundary import client, log
from recovery.heartbeat.writer import beat, embedded


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    once = cache(client)
    now = datetime.now(UTC)
    said = beat(event, once, now)
    for line in embedded(said, event["prefix"], event["region"], now):
        log(line)
    return dict(said)
