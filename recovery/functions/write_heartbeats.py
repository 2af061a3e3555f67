"""Each minute: a heartbeat into every store that this region's application uses.

Event: `{"prefix", "region", "stores": [{"name", "kind", "existing"?}]}`, see `dr_stack.heartbeats`. Answer: `{store: why not}`,
empty where it was written. A heartbeat that was not written is no failure of the function: its metric is what alarms watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.functions.boundary import client
from recovery.heartbeat.beating import beat, embedded


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    clients: dict[str, Any] = {}

    def once(service: str) -> Any:
        if service not in clients:
            clients[service] = client(service)
        return clients[service]

    now = datetime.now(UTC)
    said = beat(event, once, now)
    for line in embedded(said, event["prefix"], event["region"], now):
        print(line)  # noqa: T201  a function's log; the embedded metric format is read from it
    return dict(said)
