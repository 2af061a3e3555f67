"""Was every store tested? AWS's events may be lost, and a test that did not take place sends none at all.

Asked again and again once the start window is over, until every store of the strategy has an answer, or there is no more time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from recovery.evidence import bucket as evidence
from recovery.restore_tests.lookup import store_of
from strategy.catalogue import names
from strategy.catalogue.restore_test_names import FORMAT
from strategy.contracts.restore_tests import StoresUnderTest, WatchAnswer

EVENT_BY = timedelta(minutes=30)
"""After so long without an answer the event is taken for lost; AWS sends it within minutes, when it does."""
_OVER = frozenset({"COMPLETED", "FAILED", "ABORTED"})
_VERDICT = frozenset({"SUCCESSFUL", "FAILED"})

Start = Callable[[str], None]
"""Starts the answer to a job; it may be started already."""


@dataclass
class Looked:
    """What one look found. `problems` are for people; empty while there is something to wait for."""

    waiting_for: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def answer(self) -> WatchAnswer:
        return WatchAnswer(
            settled=not self.waiting_for,
            waiting_for="; ".join(self.waiting_for),
            answered=tuple(self.answered),
            problems=tuple(self.problems),
        )


def look(
    wanted: StoresUnderTest, since: datetime, now: datetime, *, backup: Any, s3: Any, start: Start, last: bool, by: str
) -> WatchAnswer:
    """`since` is when the tests were due. On the `last` look nothing is waited for: what is not answered is a problem."""
    looked = Looked()
    jobs, region = list(_jobs(backup, wanted, since)), wanted.region
    for store in wanted.stores:
        mine = [job for job in jobs if store_of(job, wanted) == store]
        if not mine:
            problem = f"{store.name}: no restore job in the test window that began {since:%Y-%m-%d %H:%M} UTC"
            looked.problems.append(problem)
            record = _missing(store.name, problem, since=since, now=now, by=by)
            evidence.write_report(s3, wanted.bucket, evidence.restore_test_key(store.name, since, region), record)
            continue
        recorded = _recorded(s3, wanted.bucket, store.name, since)
        for job in mine:
            _look_at(job, store.name, recorded, looked, now=now, start=start, last=last)
    return looked.answer()


def _look_at(
    job: Mapping[str, Any], store: str, recorded: set[str], looked: Looked, *, now: datetime, start: Start, last: bool
) -> None:
    job_id = job["RestoreJobId"]
    if job["Status"] not in _OVER:
        awaited = f"{store}: restore job {job_id} is {job['Status']}"
    elif job.get("ValidationStatus") in _VERDICT or job_id in recorded:
        looked.answered.append(f"{store}: {job_id}")
        return
    else:
        awaited = f"{store}: restore job {job_id} has no answer"
        if now - job.get("CompletionDate", job["CreationDate"]) >= EVENT_BY:
            start(job_id)
    (looked.problems if last else looked.waiting_for).append(awaited)


def _jobs(backup: Any, wanted: StoresUnderTest, since: datetime) -> Iterator[Mapping[str, Any]]:
    plan = backup.get_restore_testing_plan(RestoreTestingPlanName=wanted.plan)["RestoreTestingPlan"]
    pages = backup.get_paginator("list_restore_jobs").paginate(
        ByRestoreTestingPlanArn=plan["RestoreTestingPlanArn"], ByCreatedAfter=since - timedelta(seconds=1)
    )
    yield from (job for page in pages for job in page["RestoreJobs"])


def _recorded(s3: Any, bucket: str, store: str, since: datetime) -> set[str]:
    """The jobs that have a record: whatever it says, somebody was told."""
    prefix = f"{names.RESTORE_TESTS}/{store}/"
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, StartAfter=evidence.restore_test_key(store, since, "")
    )
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    return {json.loads(evidence.read(s3, bucket, key)).get("job", {}).get("id", "") for key in keys}


def _missing(store: str, problem: str, *, since: datetime, now: datetime, by: str) -> dict[str, Any]:
    """The record of a test that did not take place. It is named for when that was due: looking again writes it again."""
    return {
        "format": FORMAT,
        "kind": "restore-test",
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "by": by,
        "store": store,
        "outcome": "failed",
        "problem": problem,
        "due": since.astimezone(UTC).isoformat(timespec="seconds"),
    }
