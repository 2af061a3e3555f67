"""The record of late writes: one JSON object beside that of the recovery, in the region where they are stranded.

format      1
kind        "late-writes"
plan_id, at, by, region
outcome     "none" | "stranded"; "not-checked" where a table could not be counted and nothing else is stranded
stores      [{store, resource, since, tables: [{table, count or null, first, last, because}]}]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from recovery.late_writes.count import Late
from strategy.catalogue import names
from strategy.contracts.late_writes import LateWritesRequest

FORMAT = 1


def key(plan_id: str) -> str:
    """In the evidence bucket."""
    return f"{names.RECOVERIES}/{plan_id}-late-writes.json"


def record(asked: LateWritesRequest, found: Mapping[str, Sequence[Late]], *, region: str, now: datetime) -> dict[str, Any]:
    every = [late for tables in found.values() for late in tables]
    stranded, uncounted = any(each.count for each in every), any(each.count is None or each.because for each in every)
    return {
        "format": FORMAT,
        "kind": "late-writes",
        "plan_id": asked.plan_id,
        "at": now.isoformat(timespec="seconds"),
        "by": asked.by,
        "region": region,
        "outcome": "stranded" if stranded else "not-checked" if uncounted or not every else "none",
        "stores": [
            {
                "store": each.store,
                "resource": each.resource,
                "since": each.since,
                "tables": [late.as_json() for late in found[each.store]],
            }
            for each in asked.stores
        ],
    }
