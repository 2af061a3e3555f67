"""What AWS is asked, exactly, and what its answers are taken for: botocore's own models check both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from recovery.aws import AwsTrouble, NotChecked, ask
from recovery.evidence.bucket import signature_key
from recovery.status import premises, sources
from recovery.status.facts import Live, Missing, Point, Window

REGION = "ap-southeast-2"
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DAY = timedelta(days=1)
INSTANCE = "arn:aws:rds:ap-southeast-1:123456789012:db:bank"
TABLE = "bank-audit"
MANIFEST = "manifests/mysql/20261122T030000Z.json"
KEY = "arn:aws:kms:ap-southeast-2:123456789012:key/1"

Stub = Callable[[str], tuple[Any, Stubber]]


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A client of a service whose answers are scripted, in order; all of them must be asked for."""
    made: list[Stubber] = []

    def make(service: str) -> tuple[Any, Stubber]:
        connect: Any = boto3.client
        client = connect(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
        made.append(Stubber(client))
        made[-1].activate()
        return client, made[-1]

    yield make
    for each in made:
        each.assert_no_pending_responses()
        each.deactivate()


def backups(arn: str = INSTANCE, status: str = "active", **changes: Any) -> dict[str, Any]:
    window = {"EarliestTime": NOW - 7 * DAY, "LatestTime": NOW}
    return {"DBInstanceArn": arn, "Status": status, "RestoreWindow": window, "BackupRetentionPeriod": 7} | changes


def test_a_window_is_found_on_any_page_and_only_by_the_store_s_own_arn(stub: Stub) -> None:
    rds, answers = stub("rds")
    pages = (
        {"DBInstanceAutomatedBackups": [backups(INSTANCE + "-2")], "Marker": "m"},
        {"DBInstanceAutomatedBackups": [backups()]},
    )
    answers.add_response("describe_db_instance_automated_backups", pages[0], {})
    answers.add_response("describe_db_instance_automated_backups", pages[1], {"Marker": "m"})
    assert sources.mysql_window(rds, INSTANCE) == Window(NOW - 7 * DAY, NOW, 7 * DAY, None)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([], "there are no automated backups"),
        ([backups(INSTANCE + "-2")], "there are no automated backups"),
        ([backups(status="creating", RestoreWindow={})], "automated backups are creating, without a window"),
    ],
)
def test_no_window_says_why(stub: Stub, found: list[Any], why: str) -> None:
    rds, answers = stub("rds")
    answers.add_response("describe_db_instance_automated_backups", {"DBInstanceAutomatedBackups": found}, {})
    assert sources.mysql_window(rds, INSTANCE) == Missing(why)


def test_what_is_left_of_a_deleted_instance_is_a_window_that_is_kept_no_longer(stub: Stub) -> None:
    rds, answers = stub("rds")
    answers.add_response(
        "describe_db_instance_automated_backups", {"DBInstanceAutomatedBackups": [backups(status="retained")]}, {}
    )
    window = sources.mysql_window(rds, INSTANCE)
    assert isinstance(window, Window)
    assert window.keeps == timedelta()


def history(**description: Any) -> dict[str, Any]:
    return {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": description}}


@pytest.mark.parametrize(
    ("description", "found"),
    [
        (
            {
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": 7,
                "EarliestRestorableDateTime": NOW - 7 * DAY,
                "LatestRestorableDateTime": NOW,
            },
            Window(NOW - 7 * DAY, NOW, 7 * DAY, NOW - 90 * DAY),
        ),
        ({"PointInTimeRecoveryStatus": "DISABLED"}, Missing("point-in-time recovery is off")),
        ({"PointInTimeRecoveryStatus": "ENABLED"}, Missing("point-in-time recovery is on, and has no window yet")),
    ],
)
def test_a_table_s_window(stub: Stub, description: dict[str, Any], found: Any) -> None:
    dynamodb, answers = stub("dynamodb")
    answers.add_response("describe_table", {"Table": {"CreationDateTime": NOW - 90 * DAY}}, {"TableName": TABLE})
    answers.add_response("describe_continuous_backups", history(**description), {"TableName": TABLE})
    assert sources.table_window(dynamodb, TABLE) == found


def test_a_table_that_is_not_there_has_neither_window_nor_replica(stub: Stub) -> None:
    dynamodb, answers = stub("dynamodb")
    for _ in range(3):
        answers.add_client_error("describe_table", "ResourceNotFoundException")
    assert sources.table_window(dynamodb, TABLE) == Missing(f"there is no table {TABLE}")
    assert sources.replica_table(dynamodb, TABLE) == Missing(f"there is no replica {TABLE}")
    assert not premises.table_exists(dynamodb, TABLE)


@pytest.mark.parametrize(
    ("status", "following", "ready"),
    [
        ("available", ["replicating"], True),
        ("available", ["error"], False),
        ("creating", [], False),
        ("storage-optimization", ["replicating"], True),
    ],
)
def test_a_read_replica_must_follow(stub: Stub, status: str, following: list[str], ready: bool) -> None:
    rds, answers = stub("rds")
    infos = [{"StatusType": "read replication", "Status": each} for each in following]
    answer = {"DBInstances": [{"DBInstanceStatus": status, "StatusInfos": infos}]}
    answers.add_response("describe_db_instances", answer, {"DBInstanceIdentifier": "bank-replica"})
    assert sources.read_replica(rds, "bank-replica") == Live(", ".join([status, *following]), ready)


def described(name: str, age: timedelta, **changes: Any) -> dict[str, Any]:
    arn = f"arn:aws:rds:{REGION}:123456789012:snapshot:{name}"
    base = {"RecoveryPointArn": arn, "CreationDate": NOW - age, "ResourceType": "RDS", "Status": "COMPLETED"}
    return base | {"EncryptionKeyArn": KEY} | changes


def newest(clients: tuple[Any, Any, Any]) -> Point | Missing | NotChecked:
    found = ask(
        REGION,
        lambda: sources.newest_point(
            REGION, clients, vault="copies", resource=INSTANCE, kind="mysql", store="mysql", bucket="evidence", now=NOW
        ),
    )
    assert isinstance(found, Point | Missing | NotChecked)
    return found


def test_the_newest_usable_point_with_its_manifest_and_what_was_passed_over(stub: Stub) -> None:
    (backup, points), (kms, keys), (s3, objects) = stub("backup"), stub("kms"), stub("s3")
    listed = [described("a", DAY), described("b", DAY / 2, Status="EXPIRED"), described("future", -DAY)]
    asked = {"BackupVaultName": "copies", "ByResourceArn": INSTANCE}
    points.add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": listed}, asked)
    for _ in range(2):
        metadata = {"KeyMetadata": {"KeyId": "1", "KeyState": "Enabled"}}
        keys.add_response("describe_key", metadata, {"KeyId": KEY})
    objects.add_response("list_objects_v2", {"Contents": [{"Key": MANIFEST}, {"Key": signature_key(MANIFEST)}]})
    found = newest((backup, kms, s3))
    assert isinstance(found, Point)
    assert (found.created, found.manifest, found.key) == (NOW - DAY, MANIFEST, None)
    assert found.passed_over == ("2026-11-22T15:00:00+00:00: its status is EXPIRED",)


def test_a_disabled_key_is_told_once_for_all_its_points(stub: Stub) -> None:
    (backup, points), (kms, keys), (s3, _) = stub("backup"), stub("kms"), stub("s3")
    listed = {"RecoveryPoints": [described(name, DAY) for name in "abc"]}
    points.add_response("list_recovery_points_by_backup_vault", listed)
    keys.add_response("describe_key", {"KeyMetadata": {"KeyId": "1", "KeyState": "Disabled"}})
    assert newest((backup, kms, s3)) == Missing("none of 3 is usable", (f"3: its key {KEY} is Disabled",))


def test_an_empty_vault_a_missing_one_and_a_refused_one_are_three_things(stub: Stub) -> None:
    (backup, points), (kms, _), (s3, _) = stub("backup"), stub("kms"), stub("s3")
    points.add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": []})
    points.add_client_error("list_recovery_points_by_backup_vault", "ResourceNotFoundException")
    points.add_client_error("list_recovery_points_by_backup_vault", "AccessDeniedException")
    assert newest((backup, kms, s3)) == Missing("the vault has none of it")
    assert newest((backup, kms, s3)) == Missing("there is no vault copies")
    refused = "ListRecoveryPointsByBackupVault was refused (AccessDeniedException)"
    assert newest((backup, kms, s3)) == NotChecked(refused)


def test_refused_details_of_a_point_stay_unknown(stub: Stub) -> None:
    (backup, points), (kms, keys), (s3, objects) = stub("backup"), stub("kms"), stub("s3")
    points.add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": [described("a", DAY)]})
    for _ in range(2):
        keys.add_client_error("describe_key", "AccessDeniedException")
    objects.add_client_error("list_objects_v2", "AccessDenied")
    found = newest((backup, kms, s3))
    assert isinstance(found, Point)
    assert found.key == NotChecked("DescribeKey was refused (AccessDeniedException)")
    assert found.manifest == NotChecked("ListObjectsV2 was refused (AccessDenied)")


@pytest.mark.parametrize(
    ("service", "operation", "code", "read"),
    [
        ("iam", "get_role", "NoSuchEntity", premises.restore_role),
        ("rds", "describe_db_subnet_groups", "DBSubnetGroupNotFoundFault", premises.subnet_group),
        ("rds", "describe_db_parameter_groups", "DBParameterGroupNotFound", premises.parameter_group),
        ("secretsmanager", "describe_secret", "ResourceNotFoundException", premises.secret),
        ("stepfunctions", "describe_state_machine", "StateMachineDoesNotExist", premises.workflow),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else "",
)
def test_what_is_missing_stops_a_restore_and_what_is_refused_is_not_checked(
    stub: Stub, service: str, operation: str, code: str, read: Callable[[Any, str], Any]
) -> None:
    client, answers = stub(service)
    answers.add_client_error(operation, code)
    assert "there is no" in str(ask(REGION, lambda: read(client, "it")))
    answers.add_client_error(operation, "AccessDenied")
    assert isinstance(ask(REGION, lambda: read(client, "it")), NotChecked)


def test_what_is_there_stops_nothing(stub: Stub) -> None:
    (secrets, answers), (states, machines) = stub("secretsmanager"), stub("stepfunctions")
    answers.add_response("describe_secret", {"Name": "s"}, {"SecretId": "s"})
    answers.add_response("describe_secret", {"Name": "s", "DeletedDate": NOW}, {"SecretId": "s"})
    assert premises.secret(secrets, "s") is None
    assert premises.secret(secrets, "s") == "the secret s is being deleted"
    machine = {
        "stateMachineArn": "a:m",
        "name": "m",
        "definition": "{}",
        "roleArn": "r" * 20,
        "type": "STANDARD",
        "creationDate": NOW,
    }
    for status in ("ACTIVE", "DELETING"):
        machines.add_response("describe_state_machine", machine | {"status": status}, {"stateMachineArn": "a:m"})
    assert premises.workflow(states, "a:m") is None
    assert premises.workflow(states, "a:m") == "the state machine m is DELETING"


def test_iam_that_does_not_answer_is_no_reason_to_stop(stub: Stub) -> None:
    iam, answers = stub("iam")
    answers.add_client_error("get_role", "ServiceUnavailable", http_status_code=503)
    found = premises.restore_role(iam, "role")
    assert isinstance(found, NotChecked)
    assert "IAM" in found.because


@pytest.mark.parametrize(
    ("code", "said"), [("ThrottlingException", "ThrottlingException"), ("ExpiredTokenException", "sign in again and repeat")]
)
def test_trouble_names_the_call_the_region_and_the_reason(stub: Stub, code: str, said: str) -> None:
    sts, answers = stub("sts")
    answers.add_client_error("get_caller_identity", code, "slow down")
    with pytest.raises(AwsTrouble, match=f"GetCallerIdentity in {REGION}: .*{said}"):
        ask(REGION, sts.get_caller_identity)


def test_a_region_that_cannot_be_reached_is_named() -> None:
    def unreachable() -> None:
        raise EndpointConnectionError(endpoint_url="https://rds.example")

    with pytest.raises(AwsTrouble, match=f"{REGION} could not be asked: .*rds.example"):
        ask(REGION, unreachable)
