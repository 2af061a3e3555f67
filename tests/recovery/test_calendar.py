"""The calendar: what each duty sees, when the next is due, and what is overdue."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.calendar.due_dates import metric, standings
from recovery.calendar.reviews import look
from recovery.evidence.records import Record, State, parse
from strategy import load
from strategy.catalogue.calendar import CALENDAR, DUTIES, JOB_REVIEW, STORAGE_AND_COST, STRATEGY_REVIEW, duty
from strategy.contracts.calendar import REQUESTS, JobReviewRequest
from strategy.contracts.requests.calendar import request_for
from tests.recovery.answers import Region

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HERE = "ap-southeast-1"
INSTANCE = "arn:aws:rds:ap-southeast-1:123456789012:db:banking-buddy-dev-mysql"


def job_review(*, backs_up: bool) -> JobReviewRequest:
    return JobReviewRequest(
        format=1, duty=JOB_REVIEW, environment="dev", prefix="bank", region=HERE, evidence="evidence", backs_up=backs_up
    )


def record(key: str, at: datetime, **body: Any) -> Record:
    found = parse(key, json.dumps({"at": at.isoformat(), "outcome": "passed", **body}).encode(), at)
    assert found is not None
    return found


def states(*records: Record, now: datetime = NOW) -> dict[str, str]:
    return {each.duty.name: each.state for each in standings(records, now)}


def test_nothing_was_ever_done_is_overdue() -> None:
    assert set(states().values()) == {"never done"}
    assert all(each.overdue for each in standings([], NOW))


@pytest.mark.proves("calendar.overdue")
@pytest.mark.parametrize("each", DUTIES, ids=lambda each: each.name)
def test_each_is_done_by_its_record_and_overdue_after_its_time(each: Any) -> None:
    done = record(f"{each.folders[0]}/x.json", NOW, kind="signed" if each.signed else "duty")
    assert states(done, now=NOW + each.limit)[each.name] == "done"
    assert states(done, now=NOW + each.limit + timedelta(seconds=1))[each.name] == "overdue"
    assert states(done, now=NOW - timedelta(seconds=1))[each.name] == "never done", "what is later is not looked at"


@pytest.mark.proves("calendar.annual-strategy")
def test_what_a_person_must_do_is_not_done_by_preparing_it() -> None:
    prepared = record(f"duties/{STRATEGY_REVIEW}/1.json", NOW, kind="duty")
    assert states(prepared)[STRATEGY_REVIEW] == "never done"


def test_a_review_that_failed_was_done() -> None:
    assert states(record(f"duties/{JOB_REVIEW}/1.json", NOW, outcome="failed"))[JOB_REVIEW] == "done"


@pytest.mark.proves("calendar.overdue")
def test_the_metric_counts_what_is_overdue() -> None:
    found = metric("banking-buddy-dev/duties", HERE, standings([record(f"duties/{JOB_REVIEW}/1.json", NOW)], NOW))
    (directive,) = found["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("banking-buddy-dev/duties", [["Region"]])
    assert (found["Region"], found[directive["Metrics"][0]["Name"]]) == (HERE, len(DUTIES) - 1)


def job(state: str = "COMPLETED", message: str | None = None, category: str = "SUCCESS") -> dict[str, Any]:
    made = {"ResourceArn": INSTANCE, "State": state, "CreationDate": NOW - timedelta(days=1), "MessageCategory": category}
    made["CompletionDate"] = NOW - timedelta(days=1) + timedelta(minutes=20)
    return made | ({"StatusMessage": message} if message else {})


def reviewed(*backups: dict[str, Any], backs_up: bool = True) -> dict[str, Any]:
    answers: dict[Any, Any] = {
        ("backup", "ListBackupJobs"): {"BackupJobs": list(backups)},
        ("backup", "ListCopyJobs"): {"CopyJobs": []},
        ("backup", "ListRestoreJobs"): {"RestoreJobs": []},
    }
    asked = job_review(backs_up=backs_up)
    return look(asked, Region(HERE, answers).client, NOW, "function")


@pytest.mark.proves("calendar.weekly-jobs", "monitoring.job-metrics")
def test_the_jobs_of_a_week_are_counted_and_timed() -> None:
    found = reviewed(job(), job())
    assert (found["outcome"], found["jobs"], found["at"]) == ("passed", 2, NOW.isoformat())
    (sums,) = found["sums"]
    assert (sums["kind"], sums["success"], sums["typical_seconds"]) == ("backup", 1.0, 1200)


@pytest.mark.proves("calendar.weekly-jobs")
@pytest.mark.parametrize(
    ("jobs", "says"),
    [
        ([], "no backup job in seven days"),
        ([job("FAILED", "no space", "FAILURE")], "FAILED: no space"),
        ([job(), job("EXPIRED", category="FAILURE")], "EXPIRED"),
        ([job("ABORTED", category="FAILURE")], "ABORTED"),
        ([job(message="some of it was left out", category="PARTIAL")], "some of it was left out"),
    ],
)
def test_the_review_fails_for_a_bad_job_and_for_a_week_without(jobs: list[dict[str, Any]], says: str) -> None:
    found = reviewed(*jobs)
    assert found["outcome"] == "failed"
    assert says in found["problem"]


def test_where_nothing_is_backed_up_no_job_is_missed() -> None:
    assert reviewed(backs_up=False)["outcome"] == "passed"


def stored(usd: str | None, status: str = "COMPLETED") -> dict[str, Any]:
    point = {"RecoveryPointArn": "arn:1", "Status": status, "BackupSizeInBytes": 7, "ResourceType": "RDS"}
    group = {"Keys": ["APS1-RDS:ChargedBackupUsage"], "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}}
    answers: dict[Any, Any] = {
        ("backup", "ListRecoveryPointsByBackupVault"): {"RecoveryPoints": [point]},
        ("ce", "GetCostAndUsage"): {"ResultsByTime": [{"Groups": [group]}]} if usd else "AccessDeniedException",
    }
    region = Region(HERE, answers)
    Region.answering["aws-global"] = region  # where botocore asks Cost Explorer, whatever the region
    return look(request_for(load("dev"), HERE, STORAGE_AND_COST), region.client, NOW, "function")


@pytest.mark.proves("calendar.monthly-storage-and-cost", "cost.budget", "monitoring.job-metrics")
def test_storage_and_cost_stand_beside_what_was_computed() -> None:
    found = stored("0.10")
    assert (found["outcome"], found["problem"]) == ("passed", "")
    assert [each["bytes_by_type"] for each in found["vaults"]] == [{"RDS": 7}, {"RDS": 7}]
    assert found["billed"] == {"month": "2026-10-01", "usd": 0.10}
    assert found["computed_usd"] > 0


@pytest.mark.proves("calendar.monthly-storage-and-cost", "cost.budget")
def test_a_bill_above_and_points_that_stay_fail_and_a_bill_that_was_refused_is_not_checked() -> None:
    assert "was billed 99999.00 USD, computed are" in stored("99999")["problem"]
    assert "expired and were not deleted" in stored("0.1", "EXPIRED")["problem"]
    assert (stored(None)["outcome"], stored(None)["billed"]) == ("not-checked", None)


@pytest.mark.proves("calendar.annual-strategy")
def test_the_review_of_the_strategy_is_for_a_person() -> None:
    found = look(request_for(load("prod"), HERE, STRATEGY_REVIEW), None, NOW, "function")  # type: ignore[arg-type]
    assert (found["outcome"], found["kind"]) == ("not-checked", "duty")
    assert found["promises"]
    assert found["exclusions"]


def test_what_aws_refuses_is_a_record_that_was_not_checked() -> None:
    answers: dict[Any, Any] = {("backup", "ListBackupJobs"): "AccessDeniedException"}
    found = look(job_review(backs_up=True), Region(HERE, answers).client, NOW, "function")
    assert (found["outcome"], parse("duties/x/1.json", json.dumps(found).encode(), NOW).state) == (  # type: ignore[union-attr]
        "not-checked",
        State.NOT_CHECKED,
    )


def test_every_duty_of_the_clock_can_be_looked_at() -> None:
    assert {each.name for each in DUTIES if each.schedule} == set(REQUESTS) - {CALENDAR}
    with pytest.raises(KeyError, match="there are job-review"):
        duty("spring-cleaning")
