"""What of a restore test can be judged, what not yet and what never; and what the watch calls a problem."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.restore_tests.lookup import ANSWERED, FAILED, NOT_YET, READY, UNKNOWN, find
from recovery.restore_tests.watch import EVENT_BY, look
from strategy.catalogue.store_states import INSTANCE, Course
from strategy.contracts.restore_tests import StoresUnderTest

DUE = datetime(2027, 1, 1, 6, tzinfo=UTC)
NOW = DUE + timedelta(hours=25)
WANTED = StoresUnderTest.from_json(
    {
        "region": "here",
        "bucket": "evidence",
        "plan": "bank_restore_testing",
        "stores": [
            {"name": "mysql", "kind": "mysql", "physical": "bank-mysql", "changes": {"a.b": {"created": "c", "changed": "d"}}},
            {"name": "audit", "kind": "dynamodb", "physical": "bank-audit", "written_at": "at"},
        ],
    }
)


def job(kind: str = "mysql", **changes: Any) -> dict[str, Any]:
    """A restore job of the store in the other region, restored once before."""
    source = {"mysql": "rds:elsewhere:1:db:bank-mysql-r0123abcd", "dynamodb": "dynamodb:elsewhere:1:table/bank-audit"}[kind]
    made = {"mysql": "rds:here:1:db:", "dynamodb": "dynamodb:here:1:table/"}[kind]
    return {
        "RestoreJobId": f"JOB-{kind}",
        "Status": "COMPLETED",
        "RecoveryPointArn": "arn:aws:backup:here:1:recovery-point:p",
        "RecoveryPointCreationDate": DUE - timedelta(hours=4),
        "BackupVaultArn": "arn:aws:backup:here:1:backup-vault:copies",
        "SourceResourceArn": f"arn:aws:{source}",
        "CreatedResourceArn": f"arn:aws:{made}awsbackup-restore-test-1",
        "CreationDate": DUE,
        "CompletionDate": DUE + timedelta(minutes=40),
        "ValidationStatus": "VALIDATING",
        **changes,
    }


class Aws:
    """Every client that is asked for: one job or several, one instance, one manifest, some records."""

    def __init__(self, *jobs: dict[str, Any], instance: dict[str, Any] | None = None, records: tuple[str, ...] = ()) -> None:
        self.jobs = {each["RestoreJobId"]: each for each in jobs}
        self.instance = {
            "DBInstanceStatus": "available",
            "IAMDatabaseAuthenticationEnabled": True,
            "Endpoint": {"Address": "host", "Port": 3306},
            **(instance or {}),
        }
        self.records = {f"restore-tests/mysql/{number}.json": each for number, each in enumerate(records)}
        self.modified: list[dict[str, Any]] = []
        self.written: dict[str, dict[str, Any]] = {}

    def __call__(self, _service: str) -> Any:
        return self

    def describe_restore_job(self, **parameters: str) -> dict[str, Any]:
        return self.jobs[parameters["RestoreJobId"]]

    def describe_recovery_point(self, **_: Any) -> dict[str, Any]:
        return {"CreationDate": DUE - timedelta(hours=3), "InitiationDate": DUE - timedelta(hours=4)}

    def describe_db_instances(self, **_: Any) -> dict[str, Any]:
        return {"DBInstances": [self.instance]}

    def modify_db_instance(self, **parameters: Any) -> None:
        self.modified.append(parameters)

    def get_restore_testing_plan(self, **parameters: str) -> dict[str, Any]:
        name = parameters["RestoreTestingPlanName"]
        return {"RestoreTestingPlan": {"RestoreTestingPlanArn": f"arn:{name}-id"}}

    def get_paginator(self, operation: str) -> Any:
        self.listing = operation
        return self

    def paginate(self, **parameters: Any) -> list[dict[str, Any]]:
        if self.listing == "list_restore_jobs":
            assert parameters["ByRestoreTestingPlanArn"] == f"arn:{WANTED.plan}-id"
            return [{"RestoreJobs": list(self.jobs.values())}]
        keys = ["manifests/mysql/20270101T020000Z.json", "manifests/audit/20270101T020000Z.json", *self.records]
        return [{"Contents": [{"Key": key} for key in keys if key.startswith(parameters["Prefix"])]}]

    def get_object(self, **parameters: str) -> dict[str, Any]:
        assert parameters["Bucket"] == WANTED.bucket
        record = {"job": {"id": self.records[parameters["Key"]]}}
        return {"Body": io.BytesIO(json.dumps(record).encode())}

    def put_object(self, **parameters: Any) -> None:
        self.written[parameters["Key"]] = json.loads(parameters["Body"])


def test_what_was_restored_is_verified_where_it_is_against_the_manifest_of_its_backup() -> None:
    found = find("JOB-mysql", WANTED, Aws(job())).to_json()
    assert (found["state"], found["store"]) == (READY, "mysql")
    verify = found["verify"]
    assert (verify["host"], verify["port"], verify["changes"]) == ("host", 3306, {"a.b": {"created": "c", "changed": "d"}})
    assert verify["manifest_key"] == "manifests/mysql/20270101T020000Z.json"
    assert verify["moment"] == "2027-01-01T02:00:00+00:00", "when the backup began, not when its copy arrived"
    table = find("JOB-dynamodb", WANTED, Aws(job("dynamodb"))).to_json()
    assert (table["state"], table["verify"]["table"]) == (READY, "awsbackup-restore-test-1")
    assert table["job"]["seconds"] == 2400


@pytest.mark.parametrize(
    ("changes", "state", "because"),
    [
        ({"ValidationStatus": "FAILED"}, ANSWERED, "the result is FAILED"),
        ({"ValidationStatus": "TIMED_OUT"}, ANSWERED, "the result is TIMED_OUT"),
        ({"Status": "FAILED", "StatusMessage": "no subnets"}, FAILED, "no subnets"),
        ({"Status": "ABORTED"}, FAILED, "ABORTED"),
        ({"Status": "RUNNING"}, NOT_YET, "RUNNING"),
        ({"SourceResourceArn": "arn:aws:rds:here:1:db:another"}, UNKNOWN, "is no store of the strategy"),
    ],
)
def test_what_cannot_be_verified_is_said(changes: dict[str, Any], state: str, because: str) -> None:
    found = find("JOB-mysql", WANTED, Aws(job(**changes))).to_json()
    assert found["state"] == state
    assert because in found["because"]
    assert "verify" not in found


def test_an_instance_without_iam_sign_in_is_given_it_once() -> None:
    aws = Aws(job(), instance={"IAMDatabaseAuthenticationEnabled": False})
    assert find("JOB-mysql", WANTED, aws).state == NOT_YET
    wanted = {"EnableIAMDatabaseAuthentication": True, "ApplyImmediately": True}
    assert aws.modified == [{"DBInstanceIdentifier": "awsbackup-restore-test-1", **wanted}]
    aws.instance["PendingModifiedValues"] = {"IAMDatabaseAuthenticationEnabled": True}
    assert find("JOB-mysql", WANTED, aws).state == NOT_YET
    aws.instance["DBInstanceStatus"] = "configuring-iam-database-auth"
    assert find("JOB-mysql", WANTED, aws).because.endswith("configuring-iam-database-auth")
    assert len(aws.modified) == 1


def looked(aws: Aws, *, last: bool = False, now: datetime = NOW) -> tuple[dict[str, Any], list[str]]:
    started: list[str] = []
    found = look(WANTED, DUE, now, backup=aws, s3=aws, start=started.append, last=last, by="watch")
    return found.to_json(), started


@pytest.mark.parametrize("status", ["levitating", *INSTANCE])
def test_what_was_restored_is_looked_at_waited_for_or_failed_by_its_state(status: str) -> None:
    found = find("JOB-mysql", WANTED, Aws(job(), instance={"DBInstanceStatus": status}))
    if status == "levitating":
        assert (found.state, "no state that these tools know" in found.because) == (NOT_YET, True)
        return
    course = INSTANCE[status].course
    assert found.state == {Course.OPERATIONAL: READY, Course.PASSES: NOT_YET}.get(course, FAILED)
    assert course is Course.OPERATIONAL or f"is {status}" in found.because


def test_what_was_judged_or_recorded_is_answered() -> None:
    aws = Aws(job(), job("dynamodb", ValidationStatus="SUCCESSFUL"), records=("JOB-mysql",))
    found, started = looked(aws)
    assert (found["settled"], found["problems"], started) == (True, [], [])
    assert found["answered"] == ["mysql: JOB-mysql", "audit: JOB-dynamodb"]


def test_an_answer_that_is_late_is_started_and_waited_for() -> None:
    aws = Aws(job(), job("dynamodb", ValidationStatus="FAILED"))
    found, started = looked(aws)
    assert (found["settled"], started) == (False, ["JOB-mysql"])
    soon = DUE + timedelta(minutes=40) + EVENT_BY / 2
    assert looked(aws, now=soon)[1] == [], "its event may still come"


def test_a_window_that_timed_out_without_a_record_is_no_answer() -> None:
    found, _ = looked(Aws(job(ValidationStatus="TIMED_OUT"), job("dynamodb", ValidationStatus="SUCCESSFUL")), last=True)
    assert found["problems"] == ["mysql: restore job JOB-mysql has no answer"]


def test_a_store_without_a_job_is_recorded_as_a_failure() -> None:
    aws = Aws(job(ValidationStatus="SUCCESSFUL"))
    found, _ = looked(aws)
    assert found["problems"] == ["audit: no restore job in the test window that began 2027-01-01 06:00 UTC"]
    record = aws.written["restore-tests/audit/20270101T060000Z-here.json"]
    assert (record["outcome"], record["by"], record["store"]) == ("failed", "watch", "audit")
    looked(aws)
    assert len(aws.written) == 1, "looking again writes the same record"


@pytest.mark.proves("verification.missing-restore-test")
def test_what_has_no_answer_in_the_end_is_a_problem() -> None:
    aws = Aws(job(Status="RUNNING"), job("dynamodb"))
    found, _ = looked(aws)
    assert (found["settled"], found["problems"]) == (False, [])
    found, _ = looked(aws, last=True)
    assert found["settled"]
    assert found["problems"] == [
        "mysql: restore job JOB-mysql is RUNNING",
        "audit: restore job JOB-dynamodb has no answer",
    ]
