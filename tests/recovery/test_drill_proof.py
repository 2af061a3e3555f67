"""What is unproved: never drilled, drilled too long ago, or drilled in vain; and what a drill of elsewhere does not prove."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.drills.metric import embedded
from recovery.drills.proof import GRACE, Proof, due, proofs
from strategy.contracts.requests.drills import proofs_for
from tests.recovery.drill_night import DEV, NOW, REGION, Bucket, record

PROMISED = proofs_for(DEV, REGION)
ROUTE = "mysql-to-a-moment"
QUARTER = datetime(2026, 10, 1, 10, tzinfo=UTC)
"""The last scheduled drill before NOW, 23 November."""
DAY = timedelta(days=1)


def key(started: datetime, folder: str = f"drills/{ROUTE}") -> str:
    return f"{folder}/{started:%Y%m%dT%H%M%SZ}-r1a2b3c4d.json"


def proof(*found: dict[str, Any], now: datetime = NOW) -> Proof:
    """Of the route, by these records."""
    objects = {key(datetime.fromisoformat(each["started"])): each for each in found}
    return next(each for each in proofs(PROMISED, Bucket(objects), now=now) if each.route == ROUTE)


def test_a_drill_that_passed_since_it_was_due_proves_its_route() -> None:
    found = proof(record(started=QUARTER))
    assert (found.proved, found.because) == (True, "")
    assert (found.passed, found.key) == (QUARTER + timedelta(hours=1), key(QUARTER))
    assert (found.rpo_seconds, found.rto_seconds) == (300, 1800.0)


@pytest.mark.proves("verification.drills")
@pytest.mark.parametrize(
    ("records", "because"),
    [
        ([], "it was never drilled here"),
        ([record(started=QUARTER - 91 * DAY)], "it was last drilled on 2026-07-02; due since 2026-10-01"),
        ([record("failed", started=QUARTER)], "the newest, of 2026-10-01, ended failed: 1 row differs"),
        ([record("not-checked", started=QUARTER)], "the newest, of 2026-10-01, ended not-checked: 1 row differs"),
        (
            [record(started=QUARTER), record("failed", started=QUARTER + 30 * DAY)],
            "the newest, of 2026-10-31, ended failed: 1 row differs",
        ),
        ([record(started=QUARTER, region=DEV.regions.recovery)], "it was never drilled here"),
        ([record(started=QUARTER, store="another")], "it was never drilled here"),
    ],
    ids=["never", "too old", "failed", "not checked", "passed, then failed", "elsewhere", "another store"],
)
def test_anything_else_is_unproved_and_says_why(records: list[dict[str, Any]], because: str) -> None:
    found = proof(*records)
    assert (found.proved, found.because) == (False, because)


def test_what_failed_first_and_passed_later_is_proved() -> None:
    assert proof(record("failed", started=QUARTER), record(started=QUARTER + DAY)).proved


def test_the_last_quarters_drill_counts_until_the_new_one_must_have_ended() -> None:
    last = record(started=QUARTER)
    year = datetime(2027, 1, 1, 10, tzinfo=UTC)
    assert proof(last, now=year + GRACE - timedelta(seconds=1)).proved
    assert not proof(last, now=year + GRACE + timedelta(seconds=1)).proved


def test_a_schedule_that_never_ran_is_long_due_and_not_never() -> None:
    assert due("cron(0 10 1 1 ? 2031)", NOW) < NOW - timedelta(days=400)


@pytest.mark.proves("verification.integrity")
def test_the_check_of_a_stores_data_is_overdue_after_a_month() -> None:
    checked = datetime(2026, 11, 15, 8, tzinfo=UTC)
    held = Bucket({key(checked, "integrity/mysql"): record(started=checked, kind="integrity", rpo_seconds=None)})
    states = {each.store: each for each in proofs(PROMISED, held, now=NOW) if each.route is None}
    assert {store: each.proved for store, each in states.items()} == {"mysql": True, "audit-logs": False}
    later = next(each for each in proofs(PROMISED, held, now=NOW + 31 * DAY) if each.what == "integrity of mysql")
    assert later.because == "it was last checked on 2026-11-15; due since 2026-12-15"


def test_the_metric_counts_what_is_unproved_by_region() -> None:
    found = proofs(PROMISED, Bucket({key(QUARTER): record(started=QUARTER)}), now=NOW)
    line = json.loads(embedded(found, prefix=DEV.prefix, region=REGION, now=NOW))
    assert (line["RoutesUnproved"], line["IntegrityOverdue"], line["Region"]) == (3, 2, REGION)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == f"{DEV.prefix}/preflight"
    assert {each["Name"] for each in directive["Metrics"]} == {"RoutesUnproved", "IntegrityOverdue"}
