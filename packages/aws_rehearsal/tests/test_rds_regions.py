"""The embedded RDS when a region is lost, and when the cloud closes: what is copied lives, what is not is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from aws_rehearsal import Cloud
from aws_support.rds import HERE, MINUTE, THERE, count, create, load, pass_time, refused, snapshot_ready, sql, until


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        yield cloud
        cloud.clock.raise_errors()


@pytest.mark.proves("recovery-region.copy-survival")
def test_a_copy_in_another_region_outlives_the_region_it_came_from(own: Cloud) -> None:
    database = create(own)
    load(own, database)
    here, there = own.client("rds", HERE), own.client("rds", THERE)
    key = own.client("kms", THERE).create_key()["KeyMetadata"]["Arn"]
    source, target = "awsbackup:job-1a", "awsbackup:copyjob-2b"
    with own.gateway.working():  # a busy cloud's clock does not leap: the snapshot is still being made
        taken = here.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier=source)["DBSnapshot"]
        names = {"SourceDBSnapshotIdentifier": taken["DBSnapshotArn"], "TargetDBSnapshotIdentifier": target}
        refused("InvalidDBSnapshotState", there.copy_db_snapshot, **names)
    original = snapshot_ready(own, HERE, source)
    there.copy_db_snapshot(KmsKeyId=key, SourceRegion=HERE, **names)
    copied = snapshot_ready(own, THERE, target)
    assert copied["OriginalSnapshotCreateTime"] == original["SnapshotCreateTime"]
    assert (copied["SnapshotType"], copied["KmsKeyId"], copied["SourceRegion"]) == ("awsbackup", key, HERE)
    assert there.describe_db_snapshots()["DBSnapshots"] == []
    own.lose_region(HERE)
    with pytest.raises(pymysql.err.OperationalError):
        count(own, database)
    there.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier=target)
    assert count(own, until(own, THERE, "bank")) == 3


def test_replicated_automated_backups_restore_without_their_region(own: Cloud) -> None:
    database = create(own)
    load(own, database)
    there = own.client("rds", THERE)
    replica = there.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=database["DBInstanceArn"], BackupRetentionPeriod=7
    )["DBInstanceAutomatedBackup"]
    pass_time(own, 6 * MINUTE)
    sql(own, database, "INSERT INTO bank.t (x) VALUES (4)")
    pass_time(own, 6 * MINUTE)
    sql(own, database, "INSERT INTO bank.t (x) VALUES (5)")  # not replicated in time
    own.lose_region(HERE)
    pass_time(own, 30 * MINUTE)
    arn = replica["DBInstanceAutomatedBackupsArn"]
    held = there.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=arn)["DBInstanceAutomatedBackups"][0]
    assert held["RestoreWindow"]["LatestTime"] < own.clock.now() - 30 * MINUTE
    there.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=arn, TargetDBInstanceIdentifier="bank", UseLatestRestorableTime=True
    )
    assert count(own, until(own, THERE, "bank")) == 4


def test_closing_the_cloud_stops_every_server(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        database = create(cloud)
        sql(cloud, database, "SELECT 1")
    with pytest.raises(pymysql.err.OperationalError):
        sql(cloud, database, "SELECT 1")
