"""The embedded RDS: what the API promises is what the servers do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError

from rehearsal.cloud import Cloud
from rehearsal.cloud.rds import authority_path

HERE, THERE = "ap-southeast-1", "ap-southeast-2"
PASSWORD = "first-password"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        yield cloud
        cloud.clock.raise_errors()


def until(cloud: Cloud, region: str, name: str, status: str = "available") -> dict[str, Any]:
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        cloud.clock.raise_errors()
        found: dict[str, Any] = cloud.client("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        if found["DBInstanceStatus"] == status:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{name} is {found['DBInstanceStatus']}, not {status}")


def snapshot_ready(cloud: Cloud, region: str, name: str) -> dict[str, Any]:
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        found: dict[str, Any] = cloud.client("rds", region).describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
        if found["Status"] == "available":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{name} is {found['Status']}")


def create(cloud: Cloud, name: str = "bank", **settings: Any) -> dict[str, Any]:
    defaults = {"Engine": "mysql", "EngineVersion": "8.0.43", "DBInstanceClass": "db.t4g.small", "AllocatedStorage": 20}
    defaults |= {"MasterUsername": "admin", "MasterUserPassword": PASSWORD, "BackupRetentionPeriod": 7}
    cloud.client("rds", HERE).create_db_instance(DBInstanceIdentifier=name, **(defaults | settings))
    return until(cloud, HERE, name)


def sql(cloud: Cloud, database: dict[str, Any], *statements: str, password: str = PASSWORD) -> tuple[Any, ...]:
    """Run statements as the master user, over verified TLS; the last one's rows."""
    endpoint = database["Endpoint"]
    with (
        contextlib.closing(
            pymysql.connect(
                host=endpoint["Address"],
                port=endpoint["Port"],
                user="admin",
                password=password,
                autocommit=True,
                ssl_ca=str(authority_path(cloud.directory)),
                ssl_verify_identity=True,
            )
        ) as connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)
        return tuple(cursor.fetchall())


def load(cloud: Cloud, database: dict[str, Any]) -> None:
    sql(cloud, database, "CREATE DATABASE bank", "CREATE TABLE bank.t (id INT PRIMARY KEY AUTO_INCREMENT, x INT)")
    sql(cloud, database, "INSERT INTO bank.t (x) VALUES (1), (2), (3)")


def count(cloud: Cloud, database: dict[str, Any], password: str = PASSWORD) -> int:
    return int(sql(cloud, database, "SELECT COUNT(*) FROM bank.t", password=password)[0][0])


def refused(code: str, call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value)


def pass_time(cloud: Cloud, duration: timedelta) -> None:
    cloud.clock.advance_to(cloud.clock.now() + duration)


def test_an_instance_answers_its_master_user_once_available_and_shows_no_endpoint_before(cloud: Cloud) -> None:
    rds = cloud.client("rds", HERE)
    made = rds.create_db_instance(
        DBInstanceIdentifier="bank",
        Engine="mysql",
        DBInstanceClass="db.t4g.small",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
        DBName="crm",
    )["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in made
    database = until(cloud, HERE, "bank")
    assert sql(cloud, database, "SHOW DATABASES LIKE 'crm'") == (("crm",),)
    with pytest.raises(pymysql.err.OperationalError):
        sql(cloud, database, "SELECT 1", password="wrong")
    other = create(cloud, "second")
    assert other["DbiResourceId"] != database["DbiResourceId"]


def test_what_cannot_be_served_is_refused(cloud: Cloud) -> None:
    rds = cloud.client("rds", HERE)
    plain = {"DBInstanceIdentifier": "bank", "DBInstanceClass": "db.t4g.small", "MasterUsername": "admin"}
    refused("InvalidParameterCombination", rds.create_db_instance, Engine="postgres", MasterUserPassword=PASSWORD, **plain)
    refused("InvalidParameterValue", rds.create_db_instance, Engine="mysql", MasterUserPassword="short", **plain)
    create(cloud)
    replica = {"DBInstanceIdentifier": "replica", "SourceDBInstanceIdentifier": "bank"}
    refused("InvalidParameterCombination", rds.create_db_instance_read_replica, **replica)
    refused("DBInstanceAlreadyExists", rds.create_db_instance, Engine="mysql", MasterUserPassword=PASSWORD, **plain)


def test_a_new_master_password_replaces_the_old_one(cloud: Cloud) -> None:
    database = create(cloud)
    rds = cloud.client("rds", HERE)
    changed = rds.modify_db_instance(DBInstanceIdentifier="bank", MasterUserPassword="second-password")["DBInstance"]
    assert changed["DBInstanceStatus"] == "resetting-master-credentials"
    until(cloud, HERE, "bank")
    sql(cloud, database, "SELECT 1", password="second-password")
    with pytest.raises(pymysql.err.OperationalError):
        sql(cloud, database, "SELECT 1")


def test_a_change_without_apply_immediately_waits(cloud: Cloud) -> None:
    create(cloud)
    rds = cloud.client("rds", HERE)
    rds.modify_db_instance(DBInstanceIdentifier="bank", MultiAZ=True, BackupRetentionPeriod=14)
    waiting = until(cloud, HERE, "bank")
    assert (waiting["MultiAZ"], waiting["BackupRetentionPeriod"]) == (False, 14)
    assert waiting["PendingModifiedValues"] == {"MultiAZ": True}
    rds.modify_db_instance(DBInstanceIdentifier="bank", ApplyImmediately=True)
    assert until(cloud, HERE, "bank")["MultiAZ"] is True


def test_stop_start_and_reboot_reach_the_server_and_lose_nothing(cloud: Cloud) -> None:
    database = create(cloud)
    load(cloud, database)
    rds = cloud.client("rds", HERE)
    rds.stop_db_instance(DBInstanceIdentifier="bank")
    until(cloud, HERE, "bank", "stopped")
    with pytest.raises(pymysql.err.OperationalError):
        count(cloud, database)
    rds.start_db_instance(DBInstanceIdentifier="bank")
    assert count(cloud, until(cloud, HERE, "bank")) == 3
    rds.reboot_db_instance(DBInstanceIdentifier="bank")
    assert count(cloud, until(cloud, HERE, "bank")) == 3


def test_deletion_protection_and_the_final_snapshot_are_honoured(cloud: Cloud) -> None:
    database = create(cloud, DeletionProtection=True)
    load(cloud, database)
    rds = cloud.client("rds", HERE)
    skip = {"DBInstanceIdentifier": "bank", "SkipFinalSnapshot": True}
    refused("InvalidParameterCombination", rds.delete_db_instance, **skip)
    rds.modify_db_instance(DBInstanceIdentifier="bank", DeletionProtection=False)
    until(cloud, HERE, "bank")
    refused("InvalidParameterCombination", rds.delete_db_instance, DBInstanceIdentifier="bank")
    rds.delete_db_instance(DBInstanceIdentifier="bank", FinalDBSnapshotIdentifier="last")
    with pytest.raises(pymysql.err.OperationalError):
        count(cloud, database)
    snapshot_ready(cloud, HERE, "last")
    pass_time(cloud, 5 * MINUTE)
    refused("DBInstanceNotFound", rds.describe_db_instances, DBInstanceIdentifier="bank")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier="last")
    assert count(cloud, until(cloud, HERE, "bank")) == 3


def test_a_snapshot_holds_its_moment_and_a_restore_loses_the_settings_aws_loses(cloud: Cloud) -> None:
    database = create(cloud, MultiAZ=True, DeletionProtection=True, EnableIAMDatabaseAuthentication=True)
    load(cloud, database)
    rds = cloud.client("rds", HERE)
    taken = rds.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier="before")["DBSnapshot"]
    assert (taken["Status"], taken["PercentProgress"]) == ("creating", 0)
    sql(cloud, database, "DELETE FROM bank.t")
    assert snapshot_ready(cloud, HERE, "before")["PercentProgress"] == 100
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="again", DBSnapshotIdentifier="before")
    restored = until(cloud, HERE, "again")
    assert count(cloud, restored) == 3
    assert count(cloud, database) == 0
    assert (restored["MultiAZ"], restored["DeletionProtection"]) == (False, False)
    assert restored["IAMDatabaseAuthenticationEnabled"] is False
    assert restored["BackupRetentionPeriod"] == 7
    assert restored["DbiResourceId"] != database["DbiResourceId"]


def test_a_copy_in_another_region_outlives_the_region_it_came_from(cloud: Cloud) -> None:
    database = create(cloud)
    load(cloud, database)
    here, there = cloud.client("rds", HERE), cloud.client("rds", THERE)
    key = cloud.client("kms", THERE).create_key()["KeyMetadata"]["Arn"]
    source, target = "awsbackup:job-1a", "awsbackup:copyjob-2b"
    arn = here.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier=source)["DBSnapshot"]["DBSnapshotArn"]
    names = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": target}
    refused("InvalidDBSnapshotState", there.copy_db_snapshot, **names)
    original = snapshot_ready(cloud, HERE, source)
    there.copy_db_snapshot(KmsKeyId=key, SourceRegion=HERE, **names)
    copied = snapshot_ready(cloud, THERE, target)
    assert copied["OriginalSnapshotCreateTime"] == original["SnapshotCreateTime"]
    assert (copied["SnapshotType"], copied["KmsKeyId"], copied["SourceRegion"]) == ("awsbackup", key, HERE)
    assert there.describe_db_snapshots()["DBSnapshots"] == []
    cloud.lose_region(HERE)
    with pytest.raises(pymysql.err.OperationalError):
        count(cloud, database)
    there.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier=target)
    assert count(cloud, until(cloud, THERE, "bank")) == 3


def test_an_encrypted_snapshot_needs_a_key_of_the_new_region(cloud: Cloud) -> None:
    key = cloud.client("kms", HERE).create_key()["KeyMetadata"]["Arn"]
    create(cloud, StorageEncrypted=True, KmsKeyId=key)
    made = cloud.client("rds", HERE).create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier="one")["DBSnapshot"]
    snapshot_ready(cloud, HERE, "one")
    names = {"SourceDBSnapshotIdentifier": made["DBSnapshotArn"], "TargetDBSnapshotIdentifier": "two"}
    there = cloud.client("rds", THERE)
    refused("InvalidParameterCombination", there.copy_db_snapshot, **names)
    refused("KMSKeyNotAccessibleFault", there.copy_db_snapshot, KmsKeyId=key, **names)


def test_a_deleted_snapshot_is_gone_and_an_automated_one_cannot_be_deleted(cloud: Cloud) -> None:
    create(cloud)
    rds = cloud.client("rds", HERE)
    rds.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier="one")
    snapshot_ready(cloud, HERE, "one")
    rds.delete_db_snapshot(DBSnapshotIdentifier="one")
    restore = {"DBInstanceIdentifier": "again", "DBSnapshotIdentifier": "one"}
    refused("DBSnapshotNotFoundFault", rds.restore_db_instance_from_db_snapshot, **restore)
    automated = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"][0]["DBSnapshotIdentifier"]
    refused("InvalidDBSnapshotState", rds.delete_db_snapshot, DBSnapshotIdentifier=automated)


def test_a_restore_to_a_moment_has_what_was_committed_by_then_and_nothing_later(cloud: Cloud) -> None:
    database = create(cloud)
    load(cloud, database)
    pass_time(cloud, 7 * MINUTE)
    good = cloud.clock.now()
    pass_time(cloud, 2 * MINUTE)
    sql(cloud, database, "INSERT INTO bank.t (x) VALUES (4)", "DELETE FROM bank.t WHERE x < 3")
    pass_time(cloud, 2 * MINUTE)
    between = cloud.clock.now()
    sql(cloud, database, "DROP TABLE bank.t")
    pass_time(cloud, 20 * MINUTE)
    rds = cloud.client("rds", HERE)
    point = {"SourceDBInstanceIdentifier": "bank", "TargetDBInstanceIdentifier": "then"}
    rds.restore_db_instance_to_point_in_time(RestoreTime=good, **point)
    assert count(cloud, until(cloud, HERE, "then")) == 3
    rds.restore_db_instance_to_point_in_time(RestoreTime=between, **(point | {"TargetDBInstanceIdentifier": "later"}))
    assert count(cloud, until(cloud, HERE, "later")) == 2
    rds.restore_db_instance_to_point_in_time(UseLatestRestorableTime=True, **(point | {"TargetDBInstanceIdentifier": "now"}))
    with pytest.raises(pymysql.err.ProgrammingError, match="doesn't exist"):
        count(cloud, until(cloud, HERE, "now"))


def test_a_moment_outside_the_window_is_refused_with_the_window(cloud: Cloud) -> None:
    create(cloud, BackupRetentionPeriod=1)
    rds = cloud.client("rds", HERE)
    pass_time(cloud, 10 * MINUTE)
    point = {"SourceDBInstanceIdentifier": "bank", "TargetDBInstanceIdentifier": "then"}
    window = rds.describe_db_instance_automated_backups(DBInstanceIdentifier="bank")["DBInstanceAutomatedBackups"][0]["RestoreWindow"]
    for moment in (window["EarliestTime"] - timedelta(seconds=1), window["LatestTime"] + timedelta(seconds=1)):
        said = refused("InvalidRestoreFault", rds.restore_db_instance_to_point_in_time, RestoreTime=moment, **point)
        assert f"{window['EarliestTime']:%Y-%m-%dT%H:%M:%SZ} to {window['LatestTime']:%Y-%m-%dT%H:%M:%SZ}" in said
    refused("InvalidParameterCombination", rds.restore_db_instance_to_point_in_time, **point)
    assert cloud.clock.now() - window["LatestTime"] < 6 * MINUTE
    assert window["LatestTime"] == until(cloud, HERE, "bank")["LatestRestorableTime"]


def test_without_retention_there_is_no_restore_to_a_moment(cloud: Cloud) -> None:
    assert "LatestRestorableTime" not in create(cloud, BackupRetentionPeriod=0)
    point = {"SourceDBInstanceIdentifier": "bank", "TargetDBInstanceIdentifier": "then", "UseLatestRestorableTime": True}
    refused("PointInTimeRestoreNotEnabled", cloud.client("rds", HERE).restore_db_instance_to_point_in_time, **point)


def test_the_window_moves_with_its_retention_and_old_automated_snapshots_go(cloud: Cloud) -> None:
    database = create(cloud, BackupRetentionPeriod=1, PreferredBackupWindow="06:00-06:30")
    load(cloud, database)
    for _ in range(3):
        pass_time(cloud, timedelta(days=1))
    rds = cloud.client("rds", HERE)
    assert len(rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]) == 2
    earliest = cloud.clock.now() - timedelta(days=1) + MINUTE
    point = {"SourceDBInstanceIdentifier": "bank", "TargetDBInstanceIdentifier": "then"}
    rds.restore_db_instance_to_point_in_time(RestoreTime=earliest, **point)
    assert count(cloud, until(cloud, HERE, "then")) == 3


def test_retained_automated_backups_outlive_their_instance(cloud: Cloud) -> None:
    database = create(cloud)
    load(cloud, database)
    pass_time(cloud, 10 * MINUTE)
    rds = cloud.client("rds", HERE)
    rds.delete_db_instance(DBInstanceIdentifier="bank", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    pass_time(cloud, 10 * MINUTE)
    kept = rds.describe_db_instance_automated_backups(DBInstanceIdentifier="bank")["DBInstanceAutomatedBackups"][0]
    assert kept["Status"] == "retained"
    point = {"SourceDbiResourceId": database["DbiResourceId"], "UseLatestRestorableTime": True}
    rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="bank", **point)
    assert count(cloud, until(cloud, HERE, "bank")) == 3
    rds.delete_db_instance_automated_backup(DBInstanceAutomatedBackupsArn=kept["DBInstanceAutomatedBackupsArn"])
    point["TargetDBInstanceIdentifier"] = "again"
    refused("DBInstanceAutomatedBackupNotFound", rds.restore_db_instance_to_point_in_time, **point)


def test_replicated_automated_backups_restore_without_their_region(cloud: Cloud) -> None:
    database = create(cloud)
    load(cloud, database)
    there = cloud.client("rds", THERE)
    replica = there.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=database["DBInstanceArn"], BackupRetentionPeriod=7
    )["DBInstanceAutomatedBackup"]
    pass_time(cloud, 6 * MINUTE)
    sql(cloud, database, "INSERT INTO bank.t (x) VALUES (4)")
    pass_time(cloud, 6 * MINUTE)
    sql(cloud, database, "INSERT INTO bank.t (x) VALUES (5)")  # not replicated in time
    cloud.lose_region(HERE)
    pass_time(cloud, 30 * MINUTE)
    arn = replica["DBInstanceAutomatedBackupsArn"]
    held = there.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=arn)["DBInstanceAutomatedBackups"][0]
    assert held["RestoreWindow"]["LatestTime"] < cloud.clock.now() - 30 * MINUTE
    there.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=arn, TargetDBInstanceIdentifier="bank", UseLatestRestorableTime=True
    )
    assert count(cloud, until(cloud, THERE, "bank")) == 4


def test_stopping_replication_deletes_what_was_replicated(cloud: Cloud) -> None:
    database = create(cloud)
    there = cloud.client("rds", THERE)
    source = {"SourceDBInstanceArn": database["DBInstanceArn"]}
    there.start_db_instance_automated_backups_replication(**source)
    refused("InvalidDBInstanceAutomatedBackupState", there.start_db_instance_automated_backups_replication, **source)
    there.stop_db_instance_automated_backups_replication(**source)
    assert there.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"] == []
    assert not list((cloud.directory / THERE).rglob("binlog.*"))
    refused("DBInstanceAutomatedBackupNotFound", there.stop_db_instance_automated_backups_replication, **source)


def test_closing_the_cloud_stops_every_server(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        database = create(cloud)
        sql(cloud, database, "SELECT 1")
    with pytest.raises(pymysql.err.OperationalError):
        sql(cloud, database, "SELECT 1")
