"""The embedded RDS: what the API promises is what the servers do."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pymysql
import pytest

from aws_rehearsal import Cloud
from aws_rehearsal.rds import dataplane
from aws_rehearsal.rds.mariadb import initialise
from aws_rehearsal.rds.models import Backend
from aws_rehearsal.rds.records import Instance
from aws_support.rds import HERE, MINUTE, PASSWORD, THERE, count, create, load, pass_time, refused, snapshot_ready, sql, until


@pytest.fixture(autouse=True, scope="module")
def _empty_database_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every cloud makes its own; here they share one, which saves half a second each."""
    pristine = tmp_path_factory.mktemp("mariadb") / "pristine"
    initialise(pristine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataplane, "initialise", lambda data: shutil.copytree(pristine, data))
        yield


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory, _empty_database_made_once: None) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("rds") / "cloud") as cloud:
        yield cloud


@pytest.fixture
def cloud(_shared: Cloud) -> Iterator[Cloud]:
    """A cloud that others have used: without instances, with their snapshots."""
    yield _shared
    for region in (HERE, THERE):
        rds = _shared.client("rds", region)
        for each in _shared.client("rds", region).describe_db_instances()["DBInstances"]:
            if each["DeletionProtection"]:
                rds.modify_db_instance(DBInstanceIdentifier=each["DBInstanceIdentifier"], DeletionProtection=False)
            rds.delete_db_instance(DBInstanceIdentifier=each["DBInstanceIdentifier"], SkipFinalSnapshot=True)
    pass_time(_shared, 5 * MINUTE)


def test_an_instance_answers_its_master_user_once_available_and_shows_no_endpoint_before(cloud: Cloud) -> None:
    rds = cloud.client("rds", HERE)
    made = rds.create_db_instance(
        DBInstanceIdentifier="first",
        Engine="mysql",
        DBInstanceClass="db.t4g.small",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
        DBName="crm",
    )["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in made
    database = until(cloud, HERE, "first")
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


def test_a_new_instance_deleted_while_its_first_backup_is_taken_goes(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deletion waits for the backup; what the backup then settles must not bring the instance back."""
    taking, over = threading.Event(), threading.Event()
    back_up = Backend.start_backups

    def slowly(backend: Backend, instance: Instance) -> None:
        back_up(backend, instance)
        taking.set()
        over.wait(300)

    monkeypatch.setattr(Backend, "start_backups", slowly)
    rds = cloud.client("rds", HERE)
    rds.create_db_instance(
        DBInstanceIdentifier="bank",
        Engine="mysql",
        DBInstanceClass="db.t4g.small",
        MasterUsername="admin",
        MasterUserPassword=PASSWORD,
        BackupRetentionPeriod=7,
    )
    with ThreadPoolExecutor() as pool:
        assert taking.wait(300)
        deleted = pool.submit(rds.delete_db_instance, DBInstanceIdentifier="bank", SkipFinalSnapshot=True)
        wait([deleted], timeout=1)
        over.set()
        assert deleted.result()["DBInstance"]["DBInstanceStatus"] == "deleting"
    pass_time(cloud, 5 * MINUTE)
    refused("DBInstanceNotFound", rds.describe_db_instances, DBInstanceIdentifier="bank")


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
    rds.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier="gone")
    snapshot_ready(cloud, HERE, "gone")
    rds.delete_db_snapshot(DBSnapshotIdentifier="gone")
    restore = {"DBInstanceIdentifier": "again", "DBSnapshotIdentifier": "gone"}
    refused("DBSnapshotNotFound", rds.restore_db_instance_from_db_snapshot, **restore)
    automated = rds.describe_db_snapshots(DBInstanceIdentifier="bank", SnapshotType="automated")["DBSnapshots"][0][
        "DBSnapshotIdentifier"
    ]
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
    window = rds.describe_db_instance_automated_backups(DBInstanceIdentifier="bank")["DBInstanceAutomatedBackups"][0][
        "RestoreWindow"
    ]
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
    rds = cloud.client("rds", HERE)
    first = rds.describe_db_snapshots(DBInstanceIdentifier="bank", SnapshotType="automated")["DBSnapshots"][0]
    for _ in range(3):
        pass_time(cloud, timedelta(days=1))
    held = rds.describe_db_snapshots(DBInstanceIdentifier="bank", SnapshotType="automated")["DBSnapshots"]
    assert first["DBSnapshotIdentifier"] not in {each["DBSnapshotIdentifier"] for each in held}
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


def test_stopping_replication_retains_what_was_replicated_until_it_is_deleted(cloud: Cloud) -> None:
    database = create(cloud)
    load(cloud, database)
    there = cloud.client("rds", THERE)
    source = {"SourceDBInstanceArn": database["DBInstanceArn"]}
    there.start_db_instance_automated_backups_replication(**source)
    refused("InvalidDBInstanceAutomatedBackupState", there.start_db_instance_automated_backups_replication, **source)
    pass_time(cloud, 6 * MINUTE)
    held = there.stop_db_instance_automated_backups_replication(**source)["DBInstanceAutomatedBackup"]
    assert held["Status"] == "retained"
    refused("DBInstanceAutomatedBackupNotFound", there.stop_db_instance_automated_backups_replication, **source)
    sql(cloud, database, "DELETE FROM bank.t")
    pass_time(cloud, 20 * MINUTE)
    arn = {"DBInstanceAutomatedBackupsArn": held["DBInstanceAutomatedBackupsArn"]}
    there.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=held["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="bank",
        UseLatestRestorableTime=True,
    )
    assert count(cloud, until(cloud, THERE, "bank")) == 3
    there.delete_db_instance_automated_backup(**arn)
    refused("DBInstanceAutomatedBackupNotFound", there.describe_db_instance_automated_backups, **arn)
    assert not list((cloud.directory / THERE / "rds" / "replicated").rglob("binlog.*"))


def test_a_replica_outlives_its_deleted_instance(cloud: Cloud) -> None:
    database = create(cloud)
    load(cloud, database)
    there = cloud.client("rds", THERE)
    made = there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=database["DBInstanceArn"])
    arn = made["DBInstanceAutomatedBackup"]["DBInstanceAutomatedBackupsArn"]
    cloud.client("rds", HERE).delete_db_instance(DBInstanceIdentifier="bank", SkipFinalSnapshot=True)
    pass_time(cloud, 6 * MINUTE)
    held = there.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=arn)["DBInstanceAutomatedBackups"]
    assert held[0]["Status"] == "retained"
    pass_time(cloud, timedelta(days=8))
    refused("DBInstanceAutomatedBackupNotFound", there.describe_db_instance_automated_backups, DBInstanceAutomatedBackupsArn=arn)
