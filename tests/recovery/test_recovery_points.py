"""Choosing a recovery point and the manifest of its moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from recovery.evidence import bucket as evidence
from recovery.recovery_points import Keys, NoUsableRecoveryPoint, RecoveryPoint, choose, list_points
from strategy.catalogue import names
from tests.recovery.conftest import BUCKET

NOW = datetime(2026, 11, 5, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:ap-southeast-1:123456789012:table/audit"
VAULT = "banking-buddy-dev-copy-vault"


def point(name: str, age: timedelta, **changes: Any) -> RecoveryPoint:
    made = RecoveryPoint(f"arn:aws:backup:::{name}", NOW - age, "DynamoDB", "COMPLETED", NOW + timedelta(days=3), None)
    return replace(made, **changes)


def choice(*points: RecoveryPoint, kms: Any = None) -> Any:
    return choose(points, kind="dynamodb", store="audit", vault=VAULT, keys=Keys(kms), now=NOW)


OLD, NEW = point("old", timedelta(hours=30)), point("new", timedelta(hours=6))


@pytest.mark.proves("region-loss.recovery-point-choice")
def test_the_newest_wins_whatever_the_order() -> None:
    assert choice(OLD, NEW).point == NEW
    assert choice(NEW, OLD) == choice(OLD, NEW)


@pytest.mark.proves("region-loss.recovery-point-choice")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "CREATING"}, "its status is CREATING"),
        ({"status": "DELETING"}, "its status is DELETING"),
        ({"status": "EXPIRED"}, "its status is EXPIRED"),
        ({"status": "PARTIAL"}, "its status is PARTIAL"),
        ({"resource_type": "RDS"}, "of type RDS, not DynamoDB"),
        ({"expires": NOW}, "it expired at"),
    ],
)
def test_an_unusable_point_is_passed_over_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    chosen = choice(replace(NEW, **changes), OLD)
    assert chosen.point == OLD
    assert (chosen.considered, len(chosen.rejected)) == (2, 1)
    assert reason in chosen.rejected[0].reason


@pytest.mark.proves("region-loss.recovery-point-choice")
def test_a_key_that_cannot_decrypt_rules_a_point_out(aws: Any) -> None:
    kms = aws.client("kms")
    disabled, enabled = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    kms.disable_key(KeyId=disabled.rsplit("/", 1)[1])  # moto wants the id
    missing = enabled.rsplit("/", 1)[0] + "/00000000-0000-4000-8000-000000000000"
    newest = point("newest", timedelta(hours=1), key_arn=missing)
    chosen = choice(newest, replace(NEW, key_arn=disabled), replace(OLD, key_arn=enabled), kms=kms)
    assert chosen.point.arn == OLD.arn
    assert [r.reason for r in chosen.rejected] == [f"its key {missing} does not exist", f"its key {disabled} is Disabled"]


def test_a_role_that_may_not_ask_about_keys_still_chooses() -> None:
    kms = boto3.client("kms", region_name="ap-southeast-2")
    with Stubber(kms) as stub:
        stub.add_client_error("describe_key", "AccessDeniedException")
        assert choice(replace(NEW, key_arn="arn:key"), kms=kms).point.arn == NEW.arn


@pytest.mark.proves("region-loss.recovery-point-choice")
def test_nothing_usable_says_what_was_seen() -> None:
    with pytest.raises(NoUsableRecoveryPoint, match=r"no usable recovery point of audit in vault .*new.*status is EXPIRED"):
        choice(replace(NEW, status="EXPIRED"))
    with pytest.raises(NoUsableRecoveryPoint, match="the vault has none of it"):
        choice()


def described(name: str, created: datetime, **changes: Any) -> dict[str, Any]:
    base = {
        "RecoveryPointArn": f"arn:aws:backup:::{name}",
        "CreationDate": created,
        "ResourceType": "DynamoDB",
        "Status": "COMPLETED",
    }
    return base | changes


@pytest.fixture
def backup() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("backup", region_name="ap-southeast-2")
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def test_all_pages_are_read_and_the_backup_moment_is_when_it_began(backup: tuple[Any, Stubber]) -> None:
    client, stub = backup
    asked = {"BackupVaultName": VAULT, "ByResourceArn": TABLE}
    began = NOW - timedelta(hours=40)
    first = {"RecoveryPoints": [described("a", NOW, InitiationDate=began)], "NextToken": "more"}
    stub.add_response("list_recovery_points_by_backup_vault", first, asked)
    second = {"RecoveryPoints": [described("b", NOW - timedelta(hours=2))]}
    stub.add_response("list_recovery_points_by_backup_vault", second, asked | {"NextToken": "more"})
    listed = list_points(client, VAULT, TABLE)
    assert [(one.arn[-1], one.created) for one in listed] == [("b", NOW - timedelta(hours=2)), ("a", began)]


@pytest.fixture
def bucket(s3: Any) -> Iterator[Any]:
    yield s3
    for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=entry["Key"])


@pytest.mark.parametrize(
    ("ages", "found"),
    [
        ([timedelta(minutes=1), timedelta(hours=12)], timedelta(minutes=1)),
        ([timedelta(minutes=60)], timedelta(minutes=60)),
        ([timedelta(minutes=61)], None),
        ([-timedelta(seconds=7), timedelta(minutes=30)], -timedelta(seconds=7)),
        ([-timedelta(minutes=6)], None),
        ([], None),
    ],
)
def test_the_manifest_of_the_moment(bucket: Any, ages: list[timedelta], found: timedelta | None) -> None:
    for age in ages:
        evidence.write_manifest(bucket, BUCKET, evidence.manifest_key("audit", NOW - age), b"{}")
    evidence.write_manifest(bucket, BUCKET, evidence.manifest_key("audit-2", NOW), b"{}")
    bucket.put_object(Bucket=BUCKET, Key="manifests/audit/20261105T000000Z.json.tmp", Body=b"")
    expected = None if found is None else evidence.manifest_key("audit", NOW - found)
    assert evidence.nearest_manifest(bucket, BUCKET, "audit", NOW) == expected


@pytest.mark.parametrize(
    ("ages", "found"),
    [
        ([timedelta(seconds=1), timedelta(hours=12), -timedelta(seconds=7)], timedelta(seconds=1)),
        # A key's second must be over: the manifest may be of its end.
        ([timedelta(0), timedelta(hours=1)], timedelta(hours=1)),
        ([timedelta(days=40), timedelta(days=41)], timedelta(days=40)),
        ([timedelta(days=50)], None),
        ([], None),
    ],
)
def test_the_newest_manifest_before_a_moment(bucket: Any, ages: list[timedelta], found: timedelta | None) -> None:
    for age in ages:
        evidence.write_manifest(bucket, BUCKET, evidence.manifest_key("audit", NOW - age), b"{}")
    evidence.write_manifest(bucket, BUCKET, evidence.manifest_key("audit-2", NOW - timedelta(minutes=1)), b"{}")
    bucket.put_object(Bucket=BUCKET, Key="manifests/audit/20261104T235958Z.json.tmp", Body=b"")
    expected = None if found is None else evidence.manifest_key("audit", NOW - found)
    assert evidence.newest_manifest(bucket, BUCKET, "audit", NOW) == expected


@pytest.mark.parametrize(("signed", "found"), [((60, 600), 60), ((600,), 600), ((), 60), ((60 * 24 * 50,), 60)])
def test_the_newest_signed_manifest_is_taken_before_any_that_is_not(bucket: Any, signed: tuple[int, ...], found: int) -> None:
    """Minutes before the moment: 60, 600 and 50 days are there. One that is not signed is named where none is, to be doubted."""
    for minutes in (60, 600, 60 * 24 * 50):
        key = evidence.manifest_key("audit", NOW - timedelta(minutes=minutes))
        evidence.write_manifest(bucket, BUCKET, key, b"{}")
        if minutes in signed:
            bucket.put_object(Bucket=BUCKET, Key=evidence.signature_key(key), Body=b"{}")
    assert evidence.newest_manifest(bucket, BUCKET, "audit", NOW) == evidence.manifest_key(
        "audit", NOW - timedelta(minutes=found)
    )


def test_the_manifest_of_a_recovery_point_is_a_signed_one_if_there_is_one(bucket: Any) -> None:
    near, far = (evidence.manifest_key("audit", NOW - timedelta(minutes=minutes)) for minutes in (1, 50))
    for key in (near, far):
        evidence.write_manifest(bucket, BUCKET, key, b"{}")
    assert evidence.nearest_manifest(bucket, BUCKET, "audit", NOW) == near
    assert evidence.nearest_manifest(bucket, BUCKET, "audit", NOW, unsigned=False) is None
    bucket.put_object(Bucket=BUCKET, Key=evidence.signature_key(far), Body=b"{}")
    assert evidence.nearest_manifest(bucket, BUCKET, "audit", NOW) == far
    assert evidence.nearest_manifest(bucket, BUCKET, "audit", NOW, unsigned=False) == far


def test_evidence_lies_where_the_stacks_permit_it() -> None:
    assert evidence.manifest_key("audit", NOW) == f"{names.MANIFESTS}/audit/20261105T000000Z.json"
    assert evidence.report_key("audit", NOW).startswith(f"{names.VERIFICATIONS}/audit/20261105T000000.000000Z")
