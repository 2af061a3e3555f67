"""RDS through AWS Backup: which calls reach RDS, with which parameters, and whom a job waits for.

RDS itself is a stand-in here that speaks RDS's protocol, records each call as parsed by the service model, and takes its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import botocore.session
import pytest

from aws_rehearsal import ACCOUNT, Cloud
from aws_rehearsal.backup.restore_metadata import INFORMATION_ONLY, RESTORE_METADATA
from aws_rehearsal.service import Service, ServiceError
from aws_support.backup_bench import HERE, KEY_ARN, ROLE, THERE, at, back_up, copy, make_vaults, restore

DATABASE_ARN = f"arn:aws:rds:{HERE}:{ACCOUNT}:db:bank"
METADATA = {
    "DBInstanceIdentifier": "bank",
    "dbInstanceClass": "db.t3.small",
    "MultiAZ": "true",
    "Port": "3307",
    "VpcSecurityGroupIds": '["sg-1", "sg-2"]',
    "EngineVersion": "ignored",
    "vpcId": "ignored",
}


class SlowRds(Service):
    """Snapshots and instances that become available at a moment of the virtual clock."""

    name: ClassVar[str] = "rds"

    def __init__(self, cloud: Cloud) -> None:
        self.clock = cloud.clock
        self.takes = timedelta(minutes=40)
        self.end = "available"
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.snapshots: dict[tuple[str, str], Any] = {}
        self.instances: dict[tuple[str, str], Any] = {(HERE, "bank"): self.clock.now()}

    def _status(self, ready_at: Any) -> str:
        return self.end if ready_at <= self.clock.now() else "creating"

    def describe_db_instances(self, region: str, **parameters: str) -> dict[str, Any]:
        name = parameters["DBInstanceIdentifier"]
        instance = {
            "DBInstanceIdentifier": name,
            "DBInstanceArn": f"arn:aws:rds:{region}:{ACCOUNT}:db:{name}",
            "DBInstanceStatus": self._status(self.instances[region, name]),
            "DBInstanceClass": "db.t3.micro",
            "AllocatedStorage": 20,
            "Engine": "mysql",
            "EngineVersion": "8.0.39",
            "MultiAZ": True,
            "StorageEncrypted": True,
            "KmsKeyId": "arn:aws:kms:source",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0"}],
            "DBSubnetGroup": {"DBSubnetGroupName": "database", "VpcId": "vpc-1"},
            "Endpoint": {"Port": 3306},
            "TagList": [{"Key": "owner", "Value": "bank"}],
        }
        return {"DBInstances": [instance]}

    def create_db_snapshot(self, region: str, **parameters: Any) -> None:
        self.calls.append((region, "CreateDBSnapshot", parameters))
        self.snapshots[region, parameters["DBSnapshotIdentifier"]] = self.clock.now() + self.takes

    def copy_db_snapshot(self, region: str, **parameters: Any) -> None:
        self.calls.append((region, "CopyDBSnapshot", parameters))
        self.snapshots[region, parameters["TargetDBSnapshotIdentifier"]] = self.clock.now() + self.takes

    def describe_db_snapshots(self, region: str, **parameters: str) -> dict[str, Any]:
        return {"DBSnapshots": [{"Status": self._status(self.snapshots[region, parameters["DBSnapshotIdentifier"]])}]}

    def delete_db_snapshot(self, region: str, **parameters: str) -> None:
        ready_at = self.snapshots.get((region, parameters["DBSnapshotIdentifier"]))
        if ready_at is None:
            raise ServiceError("DBSnapshotNotFoundFault", "not found")
        if self._status(ready_at) == "creating":
            raise ServiceError("InvalidDBSnapshotStateFault", "still creating")
        del self.snapshots[region, parameters["DBSnapshotIdentifier"]]

    def restore_db_instance_from_db_snapshot(self, region: str, **parameters: Any) -> None:
        self.calls.append((region, "RestoreDBInstanceFromDBSnapshot", parameters))
        self.instances[region, parameters["DBInstanceIdentifier"]] = self.clock.now() + self.takes


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        cloud.services["rds"] = SlowRds(cloud)
        make_vaults(cloud)
        yield cloud


@pytest.fixture
def rds(cloud: Cloud) -> Any:
    return cloud.services["rds"]


def test_a_backup_is_a_snapshot_named_after_its_job_and_done_when_rds_says_so(cloud: Cloud, rds: SlowRds) -> None:
    job = back_up(cloud, DATABASE_ARN)
    name = f"awsbackup:job-{job['BackupJobId'].lower()}"
    assert rds.calls == [(HERE, "CreateDBSnapshot", {"DBInstanceIdentifier": "bank", "DBSnapshotIdentifier": name})]
    assert job["State"] == "COMPLETED"
    assert job["RecoveryPointArn"] == f"arn:aws:rds:{HERE}:{ACCOUNT}:snapshot:{name}"
    assert job["CompletionDate"] - job["CreationDate"] >= rds.takes
    assert job["BackupSizeInBytes"] == 20 * 2**30


def test_the_settings_are_kept_as_restore_metadata(cloud: Cloud) -> None:
    job = back_up(cloud, DATABASE_ARN)
    client = cloud.client("backup", HERE)
    kept = client.get_recovery_point_restore_metadata(BackupVaultName="vault", RecoveryPointArn=job["RecoveryPointArn"])
    wanted = {
        "DBInstanceClass": "db.t3.micro",
        "MultiAZ": "true",
        "VpcSecurityGroupIds": '["sg-0"]',
        "vpcId": "vpc-1",
        "Port": "3306",
    }
    assert kept["RestoreMetadata"].items() >= wanted.items()
    assert kept["ResourceType"] == "RDS"


def test_a_copy_is_asked_of_the_destination_with_its_vaults_key(cloud: Cloud, rds: SlowRds) -> None:
    source = back_up(cloud, DATABASE_ARN)["RecoveryPointArn"]
    job = copy(cloud, source)
    assert job["State"] == "COMPLETED", job["StatusMessage"]
    region, operation, parameters = rds.calls[-1]
    name = f"awsbackup:copyjob-{job['CopyJobId'].lower()}"
    assert (region, operation) == (THERE, "CopyDBSnapshot")
    wanted = {"SourceDBSnapshotIdentifier": source, "TargetDBSnapshotIdentifier": name, "KmsKeyId": KEY_ARN}
    assert parameters.items() >= wanted.items()
    assert job["DestinationRecoveryPointArn"] == f"arn:aws:rds:{THERE}:{ACCOUNT}:snapshot:{name}"
    assert job["CompletionDate"] - job["CreationDate"] >= rds.takes


def test_a_restore_passes_its_metadata_typed_and_waits_until_available(cloud: Cloud, rds: SlowRds) -> None:
    copied = copy(cloud, back_up(cloud, DATABASE_ARN)["RecoveryPointArn"])["DestinationRecoveryPointArn"]
    job = restore(cloud, THERE, copied, METADATA, CopySourceTagsToRestoredResource=True)
    region, operation, parameters = rds.calls[-1]
    assert (region, operation) == (THERE, "RestoreDBInstanceFromDBSnapshot")
    assert parameters == {
        "DBInstanceIdentifier": "bank",
        "DBSnapshotIdentifier": copied.split(":snapshot:")[1],
        "DBInstanceClass": "db.t3.small",
        "MultiAZ": True,
        "Port": 3307,
        "VpcSecurityGroupIds": ["sg-1", "sg-2"],
        "Tags": [{"Key": "owner", "Value": "bank"}],
    }
    assert job["Status"] == "COMPLETED"
    assert job["CreatedResourceArn"] == f"arn:aws:rds:{THERE}:{ACCOUNT}:db:bank"
    assert job["CompletionDate"] - job["CreationDate"] >= rds.takes


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("AutoMinorVersionUpgrade", "true"),
        ("BackupRetentionPeriod", "7"),
        ("CopyTagsToSnapshot", "true"),
        ("DBSnapshotIdentifier", "another"),
        ("NetworkType", "DUAL"),
        ("PreferredBackupWindow", "01:00-02:00"),
        ("StorageThroughput", "500"),
        ("Tags", "[]"),
        ("targetTableName", "audit"),
    ],
)
def test_a_restore_takes_no_metadata_but_what_aws_backup_documents(cloud: Cloud, rds: SlowRds, key: str, value: str) -> None:
    point = back_up(cloud, DATABASE_ARN)["RecoveryPointArn"]
    job = restore(cloud, HERE, point, {"DBInstanceIdentifier": "again", key: value})
    assert job["Status"] == "FAILED"
    assert job["StatusMessage"] == f"Unknown restore metadata for RDS: {key}"
    assert "RestoreDBInstanceFromDBSnapshot" not in [operation for _, operation, _ in rds.calls]


def test_every_documented_key_is_one_that_rds_takes() -> None:
    shape = botocore.session.get_session().get_service_model("rds").operation_model("RestoreDBInstanceFromDBSnapshot").input_shape
    assert shape is not None
    assert RESTORE_METADATA["RDS"] - INFORMATION_ONLY - {name.lower() for name in shape.members} == {"availabilityzones"}


def test_a_copy_needs_a_customer_managed_key(cloud: Cloud, rds: SlowRds) -> None:
    client = cloud.client("backup", THERE)
    client.delete_backup_vault(BackupVaultName="copies")
    client.create_backup_vault(BackupVaultName="copies")
    job = copy(cloud, back_up(cloud, DATABASE_ARN)["RecoveryPointArn"])
    assert job["State"] == "FAILED"
    assert "default Backup service managed key" in job["StatusMessage"]
    assert [name for _, name, _ in rds.calls] == ["CreateDBSnapshot"]


def test_what_rds_reports_as_failed_fails_and_leaves_no_snapshot(cloud: Cloud, rds: SlowRds) -> None:
    rds.end = "failed"
    job = back_up(cloud, DATABASE_ARN)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=1))
    assert job["State"] == "FAILED"
    assert rds.snapshots == {}
    assert cloud.client("backup", HERE).list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"] == []


def test_a_stopped_jobs_snapshot_is_deleted_as_soon_as_rds_allows(cloud: Cloud, rds: SlowRds) -> None:
    client = cloud.client("backup", HERE)
    with at(cloud, 5, do=lambda: client.stop_backup_job(BackupJobId=job_id)):
        job_id = client.start_backup_job(BackupVaultName="vault", IamRoleArn=ROLE, ResourceArn=DATABASE_ARN)["BackupJobId"]
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=6))
    assert client.describe_backup_job(BackupJobId=job_id)["State"] == "ABORTED"
    assert len(rds.snapshots) == 1
    cloud.clock.advance_to(cloud.clock.now() + rds.takes)
    assert rds.snapshots == {}


def test_an_expired_recovery_point_takes_its_snapshot_with_it(cloud: Cloud, rds: SlowRds) -> None:
    back_up(cloud, DATABASE_ARN, Lifecycle={"DeleteAfterDays": 2})
    assert len(rds.snapshots) == 1
    cloud.clock.advance_to(cloud.clock.now() + timedelta(days=2))
    assert rds.snapshots == {}


def test_one_job_per_resource_and_the_late_one_expires(cloud: Cloud, rds: SlowRds) -> None:
    rds.takes = timedelta(minutes=70)
    client = cloud.client("backup", HERE)
    start = {"BackupVaultName": "vault", "IamRoleArn": ROLE, "ResourceArn": DATABASE_ARN}
    states: list[list[str]] = []
    jobs: list[str] = []

    def look() -> None:
        states.append([client.describe_backup_job(BackupJobId=each)["State"] for each in jobs])

    with at(cloud, 30, 65, 160, do=look):
        jobs += [client.start_backup_job(**start)["BackupJobId"] for _ in range(2)]
        jobs.append(client.start_backup_job(**start, StartWindowMinutes=60)["BackupJobId"])
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=170))
    assert states == [
        ["RUNNING", "CREATED", "CREATED"],
        ["RUNNING", "CREATED", "EXPIRED"],
        ["COMPLETED", "COMPLETED", "EXPIRED"],
    ]
    assert len(rds.snapshots) == 2
