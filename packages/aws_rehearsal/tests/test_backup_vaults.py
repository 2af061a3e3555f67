"""Vaults and the life of a recovery point: locks, expiry, deletion, pages, tokens, events, and the loss of a region."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_rehearsal.backup.service import Backup
from aws_support.backup_bench import (
    HERE,
    ROLE,
    TABLE_ARN,
    THERE,
    at,
    back_up,
    copy,
    make_table,
    make_vaults,
    restore,
    until_over,
    vault_arn,
)
from aws_support.targets import open_queue


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        make_vaults(cloud)
        make_table(cloud, items=2)
        yield cloud


def pass_time(cloud: Cloud, **time: float) -> None:
    cloud.clock.advance_to(cloud.clock.now() + timedelta(**time))


def listen(cloud: Cloud, region: str) -> Any:
    """A queue that hears everything AWS Backup tells EventBridge; returns a function that drains it."""
    sqs, events = cloud.client("sqs", region), cloud.client("events", region)
    open_queue(cloud, "heard", region)
    url = sqs.get_queue_url(QueueName="heard")["QueueUrl"]
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.backup"]}))
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{region}:{ACCOUNT}:heard"}])

    def heard() -> list[dict[str, Any]]:
        pass_time(cloud, seconds=1)
        found = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(found, key=lambda event: str(event["time"]))

    return heard


@pytest.mark.proves("vaults.lock")
def test_a_lock_fails_jobs_outside_its_retention_and_forbids_deletion(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    client.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=3, MaxRetentionDays=30)
    for lifecycle, word in (({"DeleteAfterDays": 2}, "less than"), ({"DeleteAfterDays": 31}, "more than"), ({}, "more than")):
        job = back_up(cloud, Lifecycle=lifecycle)
        assert job["State"] == "FAILED"
        assert word in job["StatusMessage"]
    kept = back_up(cloud, Lifecycle={"DeleteAfterDays": 3})
    assert kept["State"] == "COMPLETED"
    with pytest.raises(ClientError, match="locked"):
        client.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=kept["RecoveryPointArn"])
    client.delete_backup_vault_lock_configuration(BackupVaultName="vault")
    client.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=kept["RecoveryPointArn"])
    assert client.describe_backup_vault(BackupVaultName="vault")["NumberOfRecoveryPoints"] == 0


def test_a_compliance_lock_is_immutable_after_its_grace(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    with pytest.raises(ClientError, match="at least 3"):
        client.put_backup_vault_lock_configuration(BackupVaultName="vault", ChangeableForDays=2)
    client.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=1, ChangeableForDays=3)
    client.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=2, ChangeableForDays=3)
    pass_time(cloud, days=3, seconds=1)
    with pytest.raises(ClientError, match="immutable"):
        client.delete_backup_vault_lock_configuration(BackupVaultName="vault")
    assert client.describe_backup_vault(BackupVaultName="vault")["Locked"]


def test_a_recovery_point_expires_with_its_data_counted_from_the_backup(cloud: Cloud) -> None:
    client = cloud.client("backup", THERE)
    backup = back_up(cloud, Lifecycle={"DeleteAfterDays": 2})
    copied = copy(cloud, backup["RecoveryPointArn"], Lifecycle={"DeleteAfterDays": 3})
    point = client.describe_recovery_point(BackupVaultName="copies", RecoveryPointArn=copied["DestinationRecoveryPointArn"])
    assert point["CalculatedLifecycle"]["DeleteAt"] - point["CreationDate"] == timedelta(days=3)
    pass_time(cloud, days=2)
    numbers = [
        cloud.client("backup", region).describe_backup_vault(BackupVaultName=vault)["NumberOfRecoveryPoints"]
        for region, vault in ((HERE, "vault"), (THERE, "copies"))
    ]
    assert numbers == [0, 1]
    pass_time(cloud, days=1)
    assert client.describe_backup_vault(BackupVaultName="copies")["NumberOfRecoveryPoints"] == 0
    assert list(cloud.region_directory(THERE, "backup").iterdir()) == []


def test_a_vault_with_recovery_points_is_not_deleted(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    arn = back_up(cloud)["RecoveryPointArn"]
    with pytest.raises(ClientError, match="contains recovery points") as caught:
        client.delete_backup_vault(BackupVaultName="vault")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    client.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)
    client.delete_backup_vault(BackupVaultName="vault")
    assert client.list_backup_vaults()["BackupVaultList"] == []


def test_what_is_recorded_is_returned(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    policy, topic = '{"Version": "2012-10-17"}', f"arn:aws:sns:{HERE}:{ACCOUNT}:alerts"
    client.put_backup_vault_access_policy(BackupVaultName="vault", Policy=policy)
    client.put_backup_vault_notifications(BackupVaultName="vault", SNSTopicArn=topic, BackupVaultEvents=["BACKUP_JOB_FAILED"])
    client.tag_resource(ResourceArn=vault_arn("vault", HERE), Tags={"a": "1", "b": "2"})
    client.untag_resource(ResourceArn=vault_arn("vault", HERE), TagKeyList=["a"])
    assert client.get_backup_vault_access_policy(BackupVaultName="vault")["Policy"] == policy
    assert client.get_backup_vault_notifications(BackupVaultName="vault")["SNSTopicArn"] == topic
    assert client.list_tags(ResourceArn=vault_arn("vault", HERE))["Tags"] == {"b": "2"}


def test_lists_come_in_pages_newest_first_and_filtered(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    made = [back_up(cloud)["RecoveryPointArn"] for _ in range(3)]
    pages = list(
        client.get_paginator("list_recovery_points_by_backup_vault").paginate(
            BackupVaultName="vault", PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["RecoveryPoints"]) for page in pages] == [2, 1]
    assert [point["RecoveryPointArn"] for page in pages for point in page["RecoveryPoints"]] == made[::-1]
    middle = pages[0]["RecoveryPoints"][1]["CreationDate"] + timedelta(minutes=1)
    later = client.list_recovery_points_by_backup_vault(BackupVaultName="vault", ByCreatedAfter=middle)["RecoveryPoints"]
    assert [point["RecoveryPointArn"] for point in later] == made[2:]
    assert client.list_backup_jobs(ByState="FAILED")["BackupJobs"] == []
    assert [each["ResourceArn"] for each in client.list_protected_resources()["Results"]] == [TABLE_ARN]


def test_the_same_token_is_the_same_job(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    arn = back_up(cloud)["RecoveryPointArn"]
    first, again, other = (
        client.start_restore_job(RecoveryPointArn=arn, Metadata={"targetTableName": "one"}, IdempotencyToken=token)[
            "RestoreJobId"
        ]
        for token in ("plan-1", "plan-1", "plan-2")
    )
    assert first == again != other
    assert until_over(cloud, lambda: client.describe_restore_job(RestoreJobId=first))["Status"] == "COMPLETED"
    assert len(client.list_restore_jobs()["RestoreJobs"]) == 2


def test_a_stopped_job_leaves_nothing(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    files: list[Path] = []

    def stop() -> None:
        files.extend(cloud.region_directory(HERE, "backup").iterdir())
        client.stop_backup_job(BackupJobId=job_id)

    with at(cloud, 1, do=stop):
        job_id = client.start_backup_job(BackupVaultName="vault", ResourceArn=TABLE_ARN, IamRoleArn=ROLE)["BackupJobId"]
    pass_time(cloud, minutes=10)
    assert client.describe_backup_job(BackupJobId=job_id)["State"] == "ABORTED"
    assert len(files) == 1
    assert list(cloud.region_directory(HERE, "backup").iterdir()) == []
    with pytest.raises(ClientError, match="already ABORTED"):
        client.stop_backup_job(BackupJobId=job_id)


@pytest.mark.proves("monitoring.failed-jobs")
def test_every_change_is_told_to_eventbridge_in_awss_words(cloud: Cloud) -> None:
    heard = listen(cloud, HERE)
    backup = back_up(cloud)
    copy(cloud, backup["RecoveryPointArn"])
    restore(cloud, HERE, backup["RecoveryPointArn"], {"targetTableName": "audit"})
    told = heard()
    states = [
        (event["detail-type"].removesuffix(" State Change"), event["detail"].get("state") or event["detail"]["status"])
        for event in told
    ]
    assert {event["source"] for event in told} == {"aws.backup"}
    for job, ends in (("Backup Job", "COMPLETED"), ("Copy Job", "COMPLETED")):
        assert [state for kind, state in states if kind == job] == ["CREATED", "RUNNING", ends]
    assert [state for kind, state in states if kind == "Restore Job"] == ["PENDING", "RUNNING", "FAILED"]
    assert ("Recovery Point", "COMPLETED") in states
    failed = next(event["detail"] for event in told if event["detail"].get("status") == "FAILED")
    assert "state" not in failed
    assert failed["statusMessage"] == "Table already exists: audit"


def test_an_event_that_is_not_delivered_breaks_no_job_and_is_not_hidden(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    events = cloud.client("events", HERE)
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.backup"]}))
    gone = f"arn:aws:nowhere:{HERE}:{ACCOUNT}:nothing"
    events.put_targets(Rule="all", Targets=[{"Id": "gone", "Arn": gone}])
    job_id = client.start_backup_job(BackupVaultName="vault", ResourceArn=TABLE_ARN, IamRoleArn=ROLE)["BackupJobId"]
    with pytest.raises(ClientError, match="PutEvents"):
        pass_time(cloud, hours=1)
    assert client.describe_backup_job(BackupJobId=job_id)["State"] == "COMPLETED"
    service = cloud.services["backup"]
    assert isinstance(service, Backup)
    assert service.events.undelivered > 0


def test_losing_a_region_forgets_it_and_fails_the_copies_on_their_way(cloud: Cloud) -> None:
    client = cloud.client("backup", HERE)
    heard = listen(cloud, THERE)
    arn = back_up(cloud)["RecoveryPointArn"]
    request = {"RecoveryPointArn": arn, "SourceBackupVaultName": "vault", "IamRoleArn": ROLE}
    files: list[Path] = []

    def lose() -> None:
        files.extend(cloud.region_directory(THERE, "backup").iterdir())
        cloud.lose_region(HERE)

    with at(cloud, 1, do=lose):
        client.start_copy_job(**request, DestinationBackupVaultArn=vault_arn("copies", THERE))
    pass_time(cloud, days=1)
    assert len(files) == 1

    (event,) = heard()
    assert event["detail"]["state"] == "FAILED"
    assert event["detail"]["statusMessage"] == f"Copy job failed because {HERE} was lost"
    there = cloud.client("backup", THERE)
    (half,) = there.list_recovery_points_by_backup_vault(BackupVaultName="copies")["RecoveryPoints"]
    assert half["Status"] == "CREATING", "nobody is left who would clear it away"
    with pytest.raises(ClientError, match="is CREATING: it does not take StartRestoreJob"):
        there.start_restore_job(RecoveryPointArn=half["RecoveryPointArn"], Metadata={}, IamRoleArn=ROLE)
    assert sum(cloud.gateway.calls_after_loss.values()) == 0


def test_a_copy_to_a_lost_region_fails_where_it_was_started(cloud: Cloud) -> None:
    arn = back_up(cloud)["RecoveryPointArn"]
    cloud.lose_region(THERE)
    job = copy(cloud, arn)
    assert (job["State"], job["StatusMessage"]) == ("FAILED", f"Copy job failed because {THERE} is unavailable")
