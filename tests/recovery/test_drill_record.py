"""A drill's record: it passes only when the data was verified and nothing is left, and says otherwise what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recovery.drills.record import Ended, compose
from tests.recovery.drill_night import EXECUTION, NOW, PLAN_ID, REGION, instance_drill

RESTORE: dict[str, Any] = {
    "status": "SUCCEEDED",
    "outcome": "recovered",
    "problem": "",
    "verification": {"verdict": "passed", "summary": "all equal", "levels": [], "report_key": "verifications/x.json"},
    "record_key": f"restores/{PLAN_ID}-1.json",
    "started": "2026-11-23T03:01:00.000+00:00",
    "verified_at": "2026-11-23T03:31:00.000+00:00",
    "steps": [{"step": "Verify the content", "seconds": 60.0}],
}
TORN = {"proven": True, "gone_at": "2026-11-23T03:40:00Z", "problem": ""}
PASSED = Ended(
    environment="dev",
    region=REGION,
    execution=EXECUTION,
    asked={"route": "mysql-from-recovery-point", "store": "mysql", "by": "somebody"},
    plan=instance_drill(),
    restore=RESTORE,
    torn=TORN,
    trouble="",
    started=NOW,
)
UNPROVEN = {"proven": False, "problem": "Rds.RdsException: Rate exceeded"}
DIFFERS = RESTORE | {
    "outcome": "verification-failed",
    "problem": "1 row",
    "verification": {"verdict": "failed", "summary": "1 row"},
}
UNKNOWN = DIFFERS | {"problem": "no manifest", "verification": {"verdict": "not_checked", "summary": "no manifest"}}


def kept(ended: Ended) -> tuple[str, dict[str, Any]]:
    return compose(ended, now=NOW + timedelta(minutes=45), software="0123456789ab")


def test_a_drill_that_passed_says_how_old_the_data_was_and_how_long_it_took() -> None:
    key, record = kept(PASSED)
    assert key == f"drills/mysql-from-recovery-point/20261123T030000Z-{PLAN_ID}.json"
    assert (record["kind"], record["outcome"], record["problem"], record["by"]) == ("drill", "passed", "", "somebody")
    assert (record["rpo_seconds"], record["rto_seconds"], record["seconds"]) == (3600, 1800.0, 2700.0)
    assert (record["manifest_key"], record["report_key"], record["restore_key"]) == (
        "manifests/mysql/20261123T020000Z.json",
        "verifications/x.json",
        f"restores/{PLAN_ID}-1.json",
    )
    assert (record["source"]["recovery_point"]["arn"], record["software"]) == ("arn:point", "0123456789ab")
    assert record["teardown"] == {"made": f"banking-buddy-dev-mysql-{PLAN_ID}", **TORN}


@pytest.mark.parametrize(
    ("changes", "outcome", "problem", "following"),
    [
        ({"restore": DIFFERS}, "failed", "1 row", "This route is not proved"),
        ({"restore": UNKNOWN}, "not-checked", "no manifest", "See that manifests are written"),
        ({"torn": UNPROVEN}, "failed", "is gone: Rds.RdsException: Rate exceeded", f"recovery cleanup {PLAN_ID} --env dev"),
        ({"torn": {}}, "failed", "is gone: nobody looked", f"recovery cleanup {PLAN_ID}"),
        ({"restore": UNKNOWN, "torn": UNPROVEN}, "failed", "no manifest; it is not proven", f"recovery cleanup {PLAN_ID}"),
        ({"plan": None, "restore": {}, "torn": {}, "trouble": "CannotDrill: no point"}, "failed", "no point", "drill --route"),
        ({"restore": {}}, "failed", "it ended without a verdict", "drill --route"),
        ({"asked": {"clean": "arn:x"}, "restore": {}}, "failed", "the drill arn:x was ended from outside", "drill --route"),
        ({"restore": RESTORE | {"problem": "odd"}}, "failed", "odd", "drill --route"),
    ],
)
def test_anything_else_is_no_pass(changes: dict[str, Any], outcome: str, problem: str, following: str) -> None:
    _, record = kept(replace(PASSED, **changes))
    assert record["outcome"] == outcome
    assert problem in record["problem"]
    assert following in record["next"]


def test_a_check_of_the_data_is_kept_by_its_store_and_measures_no_age() -> None:
    key, record = kept(replace(PASSED, asked={**PASSED.asked, "purpose": "integrity"}))
    assert key.startswith("integrity/mysql/")
    assert (record["kind"], record["rpo_seconds"]) == ("integrity", None)


def test_a_drill_without_a_plan_has_its_record_too() -> None:
    key, record = kept(replace(PASSED, plan=None, restore={}, torn={}, trouble="CannotDrill: no point"))
    assert key == "drills/mysql-from-recovery-point/20261123T030000Z-dabcdef0.json"
    assert (record["source"], record["teardown"]["made"], record["teardown"]["proven"]) == (None, None, True)
