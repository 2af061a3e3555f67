"""A quarter's evidence, made up as the workflows write it: what the tests of the report look at, and the browser."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from recovery.evidence.chain_check import Verdict
from recovery.evidence.records import Record, Seal, parse
from recovery.jobs import Job
from recovery.report.quarter import Quarter
from recovery.report.report import Audit
from recovery.report.sources import Alarm, Gathered
from strategy import Strategy, load

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
QUARTER = Quarter(2026, 4)
STRATEGY = load("prod")
HERE, THERE = STRATEGY.regions.primary, STRATEGY.regions.recovery
CUSTOMER = "C-4711-0815"
"""A key of a row, in a verification's own report: it stays in the bucket."""


def record(key: str, body: dict[str, Any], number: int | None = None) -> Record:
    found = parse(key, json.dumps(body).encode(), NOW)
    assert found is not None
    return replace(found, seals=(Seal(THERE, number),)) if number else found


def recovery(at: datetime, minutes: int, outcome: str = "recovered") -> dict[str, Any]:
    """As `dr_stack.region.outcome` writes it."""
    titles = (
        ("Claim the region plan", 300),
        ("Assess, and tell the stakeholders", 420),
        ("Wait for the approval to recover", 1500),
        ("Check the replicated buckets", 1560),
        ("Activate the workload", minutes * 40),
        ("Bring the stores back", minutes * 50),
        ("Point the services at the stores", minutes * 58),
    )
    return {
        "outcome": outcome,
        "region": THERE,
        "incident": (at - timedelta(minutes=minutes)).isoformat(),
        "finished": at.isoformat(),
        "since_incident_seconds": minutes * 60,
        "steps": [{"step": step, "since_incident_seconds": since} for step, since in titles],
        "stores": [
            {"store": "mysql", "recovered": True, "lost_seconds": 7200},
            {"store": "audit-logs", "recovered": True, "lost_seconds": 7260},
        ],
    }


def restore(at: datetime, route: str, store: str, minutes: int, **more: Any) -> dict[str, Any]:
    """As `dr_stack.restore.outcome` writes it."""
    started = at - timedelta(minutes=minutes)
    return {
        "outcome": "recovered",
        "mode": "switch",
        "route": route,
        "store": store,
        "region": HERE,
        "started": started.isoformat(),
        "finished": at.isoformat(),
        "data_of": (started - timedelta(hours=3)).isoformat(),
        **more,
    }


def records() -> tuple[Record, ...]:
    broken = {
        "verdict": "failed",
        "store": "mysql",
        "checked_at": (NOW - timedelta(days=2)).isoformat(),
        "summary": "crm_clients.clients: 3 rows differ",
        "levels": [{"findings": [{"where": "crm_clients.clients", "what": "3 rows", "keys": [CUSTOMER]}]}],
    }
    drilled = {
        "outcome": "failed",
        "kind": "drill",
        "route": "mysql-from-recovery-point",
        "store": "mysql",
        "region": HERE,
        "at": (NOW - timedelta(days=2)).isoformat(),
        "problem": "Verify the content: crm_clients.clients: 3 rows differ",
        "report_key": "verifications/mysql/2.json",
        "steps": [
            {"step": "Restore beside the old store", "seconds": 1085.4, "expected_seconds": 5400},
            {"step": "Verify the content", "seconds": 61, "expected_seconds": None},
        ],
    }
    day = timedelta(days=1)
    return (
        record("recoveries/r0000000a-1.json", recovery(NOW - 20 * day, 150), 1),
        record("recoveries/r0000000b-1.json", recovery(NOW - 110 * day, 260), 2),
        record("restores/r0000000c-1.json", restore(NOW - 9 * day, "mysql-to-a-moment", "mysql", 38), 3),
        record("restores/r0000000d-1.json", restore(NOW - 8 * day, "dynamodb-from-recovery-point", "audit-logs", 55), 4),
        record("verifications/mysql/1.json", {"verdict": "passed", "checked_at": (NOW - 9 * day).isoformat()}, 5),
        record("verifications/mysql/2.json", broken, 6),
        record("drills/mysql-from-recovery-point/1.json", drilled, 7),
        record("preflights/1.json", {"ready": True, "red": 0, "now": (NOW - day).isoformat()}, 8),
        record("duties/job-review/1.json", {"outcome": "passed", "kind": "duty", "at": (NOW - 2 * day).isoformat()}, 9),
    )


def audit(*found: Record, strategy: Strategy = STRATEGY, quarter: Quarter = QUARTER, **more: Any) -> Audit:
    """Of those records; by default with jobs, an alarm and two whole chains."""
    whole = Verdict((), 9, 9, ())
    job = Job("backup", HERE, "arn:aws:rds:…:db:mysql", "COMPLETED", "", NOW - timedelta(days=1), NOW - timedelta(hours=23))
    alarm = Alarm(
        f"{STRATEGY.prefix}-late", HERE, NOW - timedelta(days=3), NOW - timedelta(days=3) + timedelta(minutes=40), "late"
    )
    gathered = Gathered(
        **(
            {
                "records": found,
                "chains": {HERE: whole, THERE: whole},
                "jobs": (job, replace(job, state="FAILED", message="no space")),
                "alarms": (alarm,),
                "missing": (),
            }
            | more
        )
    )
    return Audit.of(strategy, quarter, NOW, gathered)
