"""What an operator does with databases: end connections, lock accounts, compare settings, stay below the quota."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_support.rds import HERE, PASSWORD, create, snapshot_ready, sql, until

SETTINGS: dict[str, Any] = {
    "AutoMinorVersionUpgrade": False,
    "BackupRetentionPeriod": 9,
    "CopyTagsToSnapshot": True,
    "DBInstanceClass": "db.t4g.medium",
    "DeletionProtection": False,
    "MultiAZ": True,
    "NetworkType": "DUAL",
    "PreferredBackupWindow": "17:00-17:30",
    "PubliclyAccessible": False,
    "StorageType": "gp3",
}
"""Shown under the names they are given by."""
LATER: dict[str, Any] = {
    "DatabaseInsightsMode": "advanced",
    "MaxAllocatedStorage": 100,
    "PerformanceInsightsKMSKeyId": "arn:aws:kms:ap-southeast-1:123456789012:key/1",
    "PerformanceInsightsRetentionPeriod": 31,
    "PreferredMaintenanceWindow": "sat:18:00-sat:18:30",
}
"""What only ModifyDBInstance takes."""


def connect(database: dict[str, Any], user: str, password: str) -> pymysql.Connection[Any]:
    at = database["Endpoint"]
    return pymysql.connect(host=at["Address"], port=at["Port"], user=user, password=password, ssl_disabled=True, autocommit=True)


def make_service(cloud: Cloud, database: dict[str, Any]) -> None:
    sql(cloud, database, "CREATE USER svc@'%' IDENTIFIED BY 'service-password'")


def alive(connection: pymysql.Connection[Any]) -> bool:
    for _ in range(100):
        try:
            connection.ping(reconnect=False)
        except pymysql.Error:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("restored", [False, True])
def test_the_master_user_locks_an_account_and_ends_its_connections(cloud: Cloud, *, restored: bool) -> None:
    database = create(cloud)
    make_service(cloud, database)
    if restored:
        rds = cloud.client("rds", HERE)
        cloud.clock.advance_to(database["InstanceCreateTime"].replace(hour=23))
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier="bank", TargetDBInstanceIdentifier="again", UseLatestRestorableTime=True
        )
        database = until(cloud, HERE, "again")
    with contextlib.closing(connect(database, "svc", "service-password")) as service:
        seen = dict(sql(cloud, database, "SELECT user, id FROM information_schema.processlist"))
        with pytest.raises(pymysql.err.OperationalError, match="not owner"):
            sql(cloud, database, f"KILL {seen['svc']}")
        sql(cloud, database, "ALTER USER svc@'%' ACCOUNT LOCK", f"CALL mysql.rds_kill({seen['svc']})")
        assert not alive(service)
    with pytest.raises(pymysql.err.OperationalError, match="locked"):
        connect(database, "svc", "service-password")
    sql(cloud, database, "ALTER USER svc@'%' ACCOUNT UNLOCK", "ALTER USER svc@'%' IDENTIFIED BY 'another-password'")
    connect(database, "svc", "another-password").close()
    file, position = sql(cloud, database, "SHOW MASTER STATUS")[0][:2]
    assert file
    assert position > 0


def test_no_other_user_may_end_connections(cloud: Cloud) -> None:
    database = create(cloud)
    make_service(cloud, database)
    with (
        contextlib.closing(connect(database, "svc", "service-password")) as service,
        service.cursor() as cursor,
        pytest.raises(pymysql.err.OperationalError, match="denied"),
    ):
        cursor.execute("CALL mysql.rds_kill(1)")


@pytest.mark.parametrize("to_a_moment", [False, True])
def test_tags_and_settings_of_a_restore_are_shown(cloud: Cloud, *, to_a_moment: bool) -> None:
    rds = cloud.client("rds", HERE)
    database = create(cloud, Tags=[{"Key": "owner", "Value": "bank"}])
    rds.create_db_parameter_group(DBParameterGroupName="own", DBParameterGroupFamily="mysql8.0", Description="own")
    asked = SETTINGS | {"DBParameterGroupName": "own", "Tags": [{"Key": "plan", "Value": "p1"}]}
    asked |= {"EnableIAMDatabaseAuthentication": True, "EnableCloudwatchLogsExports": ["error"]}
    if to_a_moment:
        cloud.clock.advance_to(database["InstanceCreateTime"].replace(hour=23))
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier="bank", TargetDBInstanceIdentifier="again", UseLatestRestorableTime=True, **asked
        )
    else:
        rds.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier="before")
        snapshot_ready(cloud, HERE, "before")
        rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="again", DBSnapshotIdentifier="before", **asked)
    restored = until(cloud, HERE, "again")
    assert restored["TagList"] == [{"Key": "plan", "Value": "p1"}]
    assert {name: restored.get(name) for name in SETTINGS} == SETTINGS
    assert restored["DBParameterGroups"] == [{"DBParameterGroupName": "own", "ParameterApplyStatus": "in-sync"}]
    assert restored["IAMDatabaseAuthenticationEnabled"]
    assert restored["EnabledCloudwatchLogsExports"] == ["error"]


def test_changes_apply_and_a_new_parameter_group_waits_for_a_reboot(cloud: Cloud) -> None:
    rds = cloud.client("rds", HERE)
    create(cloud)
    rds.create_db_parameter_group(DBParameterGroupName="late", DBParameterGroupFamily="mysql8.0", Description="late")
    rds.modify_db_instance(
        DBInstanceIdentifier="bank",
        ApplyImmediately=True,
        DBParameterGroupName="late",
        EnableIAMDatabaseAuthentication=True,
        EnablePerformanceInsights=True,
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["error", "slowquery"]},
        **SETTINGS,
        **LATER,
    )
    changed = until(cloud, HERE, "bank")
    assert {name: changed.get(name) for name in (*SETTINGS, *LATER)} == SETTINGS | LATER
    assert changed["PerformanceInsightsEnabled"]
    assert changed["IAMDatabaseAuthenticationEnabled"]
    assert changed["EnabledCloudwatchLogsExports"] == ["error", "slowquery"]
    assert changed["DBParameterGroups"] == [{"DBParameterGroupName": "late", "ParameterApplyStatus": "pending-reboot"}]
    assert not changed.get("PendingModifiedValues")
    rds.reboot_db_instance(DBInstanceIdentifier="bank")
    assert until(cloud, HERE, "bank")["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"


def test_the_quota_of_instances_is_shown_and_kept(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    rds = cloud.client("rds", HERE)
    create(cloud)
    monkeypatch.setattr(cloud, "database_quota", 1)
    assert rds.describe_account_attributes()["AccountQuotas"] == [{"AccountQuotaName": "DBInstances", "Used": 1, "Max": 1}]
    with pytest.raises(ClientError) as refusal:
        create(cloud, "second", MasterUserPassword=PASSWORD)
    assert refusal.value.response["Error"]["Code"] == "InstanceQuotaExceeded"
