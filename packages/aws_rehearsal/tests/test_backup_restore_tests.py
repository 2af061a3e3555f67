"""Restore tests of the embedded AWS Backup: what is restored, what is told, and that it is gone when it was judged or in time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.backup_bench import HERE, ROLE, TABLE_ARN, back_up, items_of, make_table, make_vaults, until_over, vault_arn
from aws_support.targets import open_queue

PLAN = "quarterly"
HOUR = timedelta(hours=1)


def make_plan(cloud: Cloud, *, hours: int = 24, days: int = 7, vault: str = "vault", **overrides: str) -> str:
    """A test every day at 06:00, of the tables in the vault; returns the plan's ARN."""
    client = cloud.client("backup", HERE)
    arn: str = client.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": PLAN,
            "ScheduleExpression": "cron(0 6 * * ? *)",
            "StartWindowHours": 1,
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": [vault_arn(vault, HERE)],
                "RecoveryPointTypes": ["SNAPSHOT"],
                "SelectionWindowDays": days,
            },
        }
    )["RestoreTestingPlanArn"]
    client.create_restore_testing_selection(
        RestoreTestingPlanName=PLAN,
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "tables",
            "ProtectedResourceType": "DynamoDB",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": ROLE,
            "ValidationWindowHours": hours,
            "RestoreMetadataOverrides": overrides,
        },
    )
    return arn


def next_six(cloud: Cloud) -> None:
    now = cloud.clock.now()
    six = now.replace(hour=6, minute=0, second=1, microsecond=0)
    cloud.clock.advance_to(six if six > now else six + timedelta(days=1))


def jobs(cloud: Cloud, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.client("backup", HERE).list_restore_jobs(ByRestoreTestingPlanArn=arn)["RestoreJobs"]
    return found


def job_of_the_next(cloud: Cloud, arn: str) -> dict[str, Any]:
    """The one job of the next test, over."""
    next_six(cloud)
    (job,) = jobs(cloud, arn)
    client = cloud.client("backup", HERE)
    return until_over(cloud, lambda: client.describe_restore_job(RestoreJobId=job["RestoreJobId"]))


def tables(cloud: Cloud) -> list[str]:
    found: list[str] = cloud.client("dynamodb", HERE).list_tables()["TableNames"]
    return found


def test_the_newest_point_is_restored_under_a_name_of_awss_and_told_with_its_plan(cloud: Cloud) -> None:
    make_vaults(cloud)
    items = make_table(cloud)
    back_up(cloud)
    newest = back_up(cloud)["RecoveryPointArn"]
    open_queue(cloud, "told", HERE)
    queue = cloud.client("sqs", HERE).get_queue_url(QueueName="told")["QueueUrl"]
    events = cloud.client("events", HERE)
    arn = make_plan(cloud, encryptionType="Default")
    prefix = arn.rsplit("-", 5)[0]
    pattern = {"source": ["aws.backup"], "detail": {"restoreTestingPlanArn": [{"prefix": prefix}], "status": ["COMPLETED"]}}
    events.put_rule(Name="tests", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="tests", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{HERE}:{ACCOUNT}:told"}])
    job = job_of_the_next(cloud, arn)
    assert (job["Status"], job["RecoveryPointArn"], job["ValidationStatus"]) == ("COMPLETED", newest, "VALIDATING")
    name = job["CreatedResourceArn"].rpartition("/")[2]
    assert name.startswith("awsbackup-restore-test-")
    assert items_of(cloud, HERE, name) == sorted(items, key=repr)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(seconds=5))
    (message,) = cloud.client("sqs", HERE).receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    detail = json.loads(message["Body"])["detail"]
    assert (detail["restoreTestingPlanArn"], detail["restoreJobId"]) == (arn, job["RestoreJobId"])
    assert detail["createdResourceArn"] == job["CreatedResourceArn"]
    assert "state" not in detail


def test_a_result_is_put_once_and_ends_what_was_restored(cloud: Cloud) -> None:
    make_vaults(cloud)
    make_table(cloud)
    back_up(cloud)
    client = cloud.client("backup", HERE)
    job = job_of_the_next(cloud, make_plan(cloud))
    stamp = {"RestoreJobId": job["RestoreJobId"], "ValidationStatusMessage": "one item differs"}
    client.put_restore_validation_result(ValidationStatus="FAILED", **stamp)
    with pytest.raises(ClientError, match="cannot be changed"):
        client.put_restore_validation_result(ValidationStatus="SUCCESSFUL", **stamp)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=1))
    after = client.describe_restore_job(RestoreJobId=job["RestoreJobId"])
    assert (after["ValidationStatus"], after["ValidationStatusMessage"]) == ("FAILED", "one item differs")
    assert after["DeletionStatus"] == "SUCCESSFUL"
    assert tables(cloud) == ["audit"]


def test_without_a_result_it_times_out_at_the_end_of_the_window_and_not_before(cloud: Cloud) -> None:
    make_vaults(cloud)
    make_table(cloud)
    back_up(cloud)
    client = cloud.client("backup", HERE)
    job = job_of_the_next(cloud, make_plan(cloud, hours=2))
    cloud.clock.advance_to(job["CompletionDate"] + 2 * HOUR - timedelta(minutes=1))
    assert len(tables(cloud)) == 2
    cloud.clock.advance_to(job["CompletionDate"] + 2 * HOUR + timedelta(minutes=1))
    after = client.describe_restore_job(RestoreJobId=job["RestoreJobId"])
    assert (after["ValidationStatus"], after["DeletionStatus"]) == ("TIMED_OUT", "SUCCESSFUL")
    assert tables(cloud) == ["audit"]


def test_what_is_too_old_or_in_another_vault_is_not_tested(cloud: Cloud) -> None:
    make_vaults(cloud)
    make_table(cloud)
    back_up(cloud)
    cloud.client("backup", HERE).create_backup_vault(BackupVaultName="other")
    arn = make_plan(cloud, vault="other")
    next_six(cloud)
    assert jobs(cloud, arn) == []
    client = cloud.client("backup", HERE)
    selection = {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT"],
        "SelectionWindowDays": 1,
    }
    cloud.clock.advance_to(cloud.clock.now() + 30 * HOUR)
    plan = {"RecoveryPointSelection": selection}
    client.update_restore_testing_plan(RestoreTestingPlanName=PLAN, RestoreTestingPlan=plan)
    next_six(cloud)
    assert jobs(cloud, arn) == []
    back_up(cloud)
    assert job_of_the_next(cloud, arn)["SourceResourceArn"] == TABLE_ARN


def test_a_job_that_no_test_started_takes_no_result(cloud: Cloud) -> None:
    make_vaults(cloud)
    make_table(cloud)
    point = back_up(cloud)["RecoveryPointArn"]
    client = cloud.client("backup", HERE)
    metadata = {"targetTableName": "by-hand"}
    started = client.start_restore_job(RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE)["RestoreJobId"]
    job = until_over(cloud, lambda: client.describe_restore_job(RestoreJobId=started))
    assert "ValidationStatus" not in job
    with pytest.raises(ClientError, match="no completed restore test"):
        client.put_restore_validation_result(RestoreJobId=started, ValidationStatus="SUCCESSFUL")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ProtectedResourceType": "EFS"}, "cannot test restores of EFS"),
        ({"ValidationWindowHours": 169}, "0 to 168"),
        ({"RestoreMetadataOverrides": {"targetTableName": "mine"}}, "cannot be overridden: targetTableName"),
    ],
)
def test_what_aws_would_refuse_is_refused(cloud: Cloud, changed: dict[str, Any], said: str) -> None:
    make_plan(cloud)
    selection = {
        "RestoreTestingSelectionName": "another",
        "ProtectedResourceType": "DynamoDB",
        "ProtectedResourceArns": ["*"],
        "IamRoleArn": ROLE,
    }
    with pytest.raises(ClientError, match=said):
        cloud.client("backup", HERE).create_restore_testing_selection(
            RestoreTestingPlanName=PLAN, RestoreTestingSelection=selection | changed
        )
