"""Keeps the record of a drill, passed or failed.

Event: `{"environment", "region", "evidence": bucket, "execution", "asked", "plan", "restore", "torn", "trouble", "started"}`.
Answer: the record (`recovery.drills.record`), and its `key`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery import code_digest
from recovery.drills.record import Ended, compose
from recovery.evidence import bucket
from recovery.handlers.boundary import client, passing
from recovery.restore.plan import Plan


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    ended = Ended(
        environment=event["environment"],
        region=event["region"],
        execution=event["execution"],
        asked=event["asked"],
        plan=Plan.from_json(event["plan"]) if event["plan"] else None,
        restore=event["restore"],
        torn=event["torn"],
        trouble=event["trouble"],
        started=datetime.fromisoformat(event["started"]).astimezone(UTC),
    )
    key, record = compose(ended, now=datetime.now(UTC), software=code_digest.digest())
    bucket.write_report(client("s3"), event["evidence"], key, record)
    return {**record, "key": key}
