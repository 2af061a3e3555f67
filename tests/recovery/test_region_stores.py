"""Bringing one store of a lost region back: what is started, what is joined, what is passed over, and what ends it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.evidence import bucket as evidence
from recovery.region.restore_store import bring
from recovery.verify.content import Chunk, Content, Part
from recovery.verify.manifest import Manifest, dump
from strategy.catalogue import names
from strategy.catalogue.routes import Step
from tests.recovery import signing
from tests.recovery.fake_night import DEV, NOW
from tests.recovery.region_night import HERE, INCIDENT, Executions, copy, following

NEW, OLD = copy(1, timedelta(hours=1)), copy(2, timedelta(hours=13))
BEFORE, NOW_TOO = NOW - timedelta(minutes=1), NOW + timedelta(minutes=5)
RECOVERED = {"outcome": "recovered", "verification": {"verdict": "passed", "summary": "all is as it was"}}
DIFFERS = {"outcome": "verification-failed", "problem": "1 row differs", "step": "", "verification": {"verdict": "failed"}}
NO_JOB = {"outcome": "failed", "problem": "the restore job ended FAILED", "step": Step.RESTORE.value, "verification": {}}
TROUBLE = {"outcome": "failed", "problem": "no password", "step": Step.PASSWORDS.value, "verification": {}}


def brought(executions: Executions) -> dict[str, Any]:
    return bring((NEW, OLD), executions, incident=INCIDENT, since=NOW).to_json()


def test_the_freshest_is_started_first_and_then_joined() -> None:
    executions = Executions()
    assert brought(executions)["waiting_for"].startswith("mysql from the copy of 2026-11-23T01:50:00Z")
    assert brought(executions)["done"] is False
    assert executions.started == ["r00000001-1"]


def test_what_is_back_is_told_with_what_was_lost() -> None:
    found = brought(Executions({"r00000001-1": ("SUCCEEDED", NOW_TOO, RECOVERED)}))
    assert (found["done"], found["recovered"], found["resource"]) == (True, True, NEW.target.name)
    assert (found["data_of"], found["lost_seconds"]) == ("2026-11-23T01:50:00Z", 3600)
    assert found["plan"] == NEW.as_json()


def counted(rows: int, **verification: Any) -> dict[str, Any]:
    return {**RECOVERED, "verification": {**RECOVERED["verification"], "counted": rows, **verification}}  # type: ignore[dict-item]


def manifest(taken: datetime, rows: int) -> dict[str, bytes]:
    content = Content("mysql", {}, {"crm.t": Part((Chunk(rows, 1),))})
    bucket = names.evidence_bucket(DEV.prefix, HERE, DEV.account)
    return signing.objects(bucket, evidence.manifest_key("mysql", taken), dump(Manifest("mysql", taken, "", content)))


@pytest.mark.proves("region-loss.data-loss")
def test_what_a_later_manifest_counted_and_did_not_come_back_is_told() -> None:
    executions = Executions({"r00000001-1": ("SUCCEEDED", NOW_TOO, counted(90, newest="2026-11-23T01:49:00+00:00"))})
    later = INCIDENT - timedelta(minutes=20)
    executions.manifests = manifest(INCIDENT - timedelta(hours=2), 80) | manifest(later, 100)
    expected = {"newest": "2026-11-23T01:49:00+00:00", "rows": 10, "counted_at": later.isoformat()}
    assert brought(executions)["lost"] == expected


@pytest.mark.proves("region-loss.data-loss")
def test_a_manifest_that_is_older_than_the_data_counts_nothing() -> None:
    executions = Executions({"r00000001-1": ("SUCCEEDED", NOW_TOO, counted(90))})
    executions.manifests = manifest(INCIDENT - timedelta(hours=2), 100)
    assert brought(executions)["lost"] == {"newest": "", "rows": None, "counted_at": ""}


def test_a_manifest_that_is_not_what_was_signed_counts_nothing() -> None:
    executions = Executions({"r00000001-1": ("SUCCEEDED", NOW_TOO, counted(90))})
    later = INCIDENT - timedelta(minutes=20)
    executions.manifests = manifest(later, 100) | {
        key: body for key, body in manifest(later, 1000).items() if key == evidence.manifest_key("mysql", later)
    }
    assert brought(executions)["lost"]["rows"] is None


def test_a_manifest_that_cannot_be_read_holds_nobody_up() -> None:
    executions = Executions({"r00000001-1": ("SUCCEEDED", NOW_TOO, counted(90))})
    executions.manifests = dict.fromkeys(manifest(INCIDENT - timedelta(minutes=20), 100), b"{")
    assert (brought(executions)["recovered"], brought(executions)["lost"]["rows"]) == (True, None)


@pytest.mark.proves("region-loss.data-loss")
def test_how_far_a_replica_had_come_is_told_by_its_newest_write() -> None:
    """The plan only supposed it."""
    newest = INCIDENT - timedelta(minutes=42)
    executions = Executions({"r00000009-1": ("SUCCEEDED", NOW_TOO, counted(90, newest=newest.isoformat()))})
    found = bring((following(), OLD), executions, incident=INCIDENT, since=NOW).to_json()
    assert found["source"] == f"the replica {following().target.name}, which had reached 2026-11-23T02:45:00Z"
    assert (found["lost_seconds"], found["data_of"]) == (42 * 60, "2026-11-23T02:08:00Z")


def test_a_replica_that_was_left_behind_gives_way_to_the_next_source() -> None:
    executions = Executions({"r00000009-1": ("FAILED", NOW_TOO, DIFFERS)})
    found = bring((following(), OLD), executions, incident=INCIDENT, since=NOW).to_json()
    assert executions.started == ["r00000002-1"]
    assert "the replica" in found["passed_over"][0]["source"]


@pytest.mark.proves("region-loss.next-copy")
@pytest.mark.parametrize("record", [DIFFERS, NO_JOB])
def test_a_copy_of_no_use_gives_way_to_the_next_and_that_is_said(record: dict[str, Any]) -> None:
    executions = Executions({"r00000001-1": ("FAILED", NOW_TOO, record)})
    found = brought(executions)
    assert executions.started == ["r00000002-1"]
    (passed,) = found["passed_over"]
    assert passed["because"] == record["problem"]
    executions.ended["r00000002-1"] = "SUCCEEDED", NOW_TOO, RECOVERED
    found = brought(executions)
    assert (found["resource"], found["passed_over"]) == (OLD.target.name, [passed])


@pytest.mark.proves("region-loss.next-copy")
def test_trouble_around_a_restore_is_not_the_copys_fault() -> None:
    executions = Executions({"r00000001-1": ("FAILED", NOW_TOO, TROUBLE)})
    found = brought(executions)
    assert (found["done"], found["recovered"], found["problem"], executions.started) == (True, False, "no password", [])


def test_what_failed_before_this_attempt_is_begun_anew() -> None:
    executions = Executions({"r00000001-1": ("FAILED", BEFORE, TROUBLE)})
    assert brought(executions)["done"] is False
    assert executions.started == ["r00000001-2"]


def test_what_was_done_before_this_attempt_is_kept() -> None:
    executions = Executions({"r00000001-1": ("SUCCEEDED", BEFORE, RECOVERED)})
    assert brought(executions)["recovered"] is True
    assert executions.started == []


@pytest.mark.proves("region-loss.next-copy")
def test_when_nothing_is_left_every_source_is_told() -> None:
    executions = Executions({"r00000001-1": ("FAILED", NOW_TOO, NO_JOB), "r00000002-1": ("FAILED", NOW_TOO, DIFFERS)})
    found = brought(executions)
    assert (found["done"], found["recovered"], found["verification"]["verdict"]) == (True, False, "failed")
    assert [each["because"] for each in found["passed_over"]] == ["the restore job ended FAILED", "1 row differs"]
    assert executions.started == []


def test_a_job_that_failed_before_is_tried_again_when_nothing_else_is_left() -> None:
    """A copy whose content differs is not: it would differ again."""
    executions = Executions({"r00000001-1": ("FAILED", BEFORE, DIFFERS), "r00000002-1": ("FAILED", BEFORE, NO_JOB)})
    assert brought(executions)["done"] is False
    assert executions.started == ["r00000002-2"]


def test_a_restore_that_was_ended_from_outside_is_not_passed_over() -> None:
    found = brought(Executions({"r00000001-1": ("ABORTED", NOW_TOO, {})}))
    assert (found["done"], found["recovered"]) == (True, False)
    assert "ended from outside (aborted)" in found["problem"]
