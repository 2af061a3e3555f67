"""Every status of an instance and of a snapshot that AWS documents can be brought about, refuses what it must, and ends so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pymysql
import pytest

from aws_rehearsal import STATES, Cloud, Ends
from aws_rehearsal.faults.states import GATED
from aws_support.fault_bench import Bench, Call, gone, pass_time
from aws_support.rds import HERE, create, refused, snapshot_ready, sql


# ---------------------------------------------------------------------- instances
@pytest.fixture(scope="module")
def database(module_cloud: Cloud) -> Bench:
    """Of one server for all states: each test mends what it broke."""
    return instance(module_cloud, "bank")


def instance(cloud: Cloud, name: str) -> Bench:
    create(cloud, name, BackupRetentionPeriod=0)  # else days would take a backup each
    rds, named = cloud.client("rds", HERE), {"DBInstanceIdentifier": name}

    def status() -> str | None:
        found = gone(lambda: rds.describe_db_instances(**named))
        return found and str(found["DBInstances"][0]["DBInstanceStatus"])

    calls: dict[str, Call] = {
        "CreateDBInstanceReadReplica": lambda: rds.create_db_instance_read_replica(
            DBInstanceIdentifier="replica", SourceDBInstanceIdentifier=name
        ),
        "CreateDBSnapshot": lambda: rds.create_db_snapshot(DBSnapshotIdentifier="now", **named),
        "ModifyDBInstance": lambda: rds.modify_db_instance(MaxAllocatedStorage=100, **named),
        "PromoteReadReplica": lambda: rds.promote_read_replica(**named),
        "RebootDBInstance": lambda: rds.reboot_db_instance(**named),
        "StartDBInstance": lambda: rds.start_db_instance(**named),
        "StopDBInstance": lambda: rds.stop_db_instance(**named),
    }
    assert set(calls) == set(GATED)
    return Bench(cloud, "instance", name, status, calls)


LEADS_AWAY = {"delete-precheck", "deleting"}


@pytest.mark.parametrize("status", sorted(STATES["instance"].keys() - LEADS_AWAY))
def test_an_instance_is_in_each_state(database: Bench, status: str) -> None:
    if status == "available":
        database.put("modifying")
        database.put(status)
        return
    database.check(status)
    database.cloud.faults.end("instance", "bank", region=HERE)
    assert database.status() == "available"


def test_an_instance_in_each_state_answers_or_does_not(database: Bench) -> None:
    rds = database.cloud.client("rds", HERE)
    described = rds.describe_db_instances(DBInstanceIdentifier="bank")["DBInstances"][0]
    for status in sorted(STATES["instance"].keys() - LEADS_AWAY):
        if database.put(status).serves:
            assert sql(database.cloud, described, "SELECT 1") == ((1,),), status
        else:
            with pytest.raises(pymysql.OperationalError):
                sql(database.cloud, described, "SELECT 1")
    database.cloud.faults.end("instance", "bank", region=HERE)


def test_a_full_instance_is_read_and_not_written_until_it_has_more_storage(database: Bench) -> None:
    rds = database.cloud.client("rds", HERE)
    described = rds.describe_db_instances(DBInstanceIdentifier="bank")["DBInstances"][0]
    sql(database.cloud, described, "CREATE DATABASE IF NOT EXISTS crm", "CREATE TABLE IF NOT EXISTS crm.a (x INT)")
    database.put("storage-full")
    assert sql(database.cloud, described, "SELECT * FROM crm.a") == ()
    with pytest.raises(pymysql.OperationalError, match="read-only"):
        sql(database.cloud, described, "INSERT INTO crm.a VALUES (1)")
    more = {"DBInstanceIdentifier": "bank", "AllocatedStorage": described["AllocatedStorage"] + 20}
    rds.modify_db_instance(**more)
    assert database.status() == "storage-full", "that waits for the window"
    rds.modify_db_instance(**more, ApplyImmediately=True)
    sql(database.cloud, described, "INSERT INTO crm.a VALUES (1)")
    pass_time(database.cloud, timedelta(minutes=5))
    assert database.status() == "available"


@pytest.mark.parametrize(
    ("status", "mend", "parameters"),
    [
        ("incompatible-option-group", "modify_db_instance", {"OptionGroupName": "default:mysql-8-0"}),
        ("incompatible-parameters", "reboot_db_instance", {}),
        ("inaccessible-encryption-credentials-recoverable", "start_db_instance", {}),
        ("stopped", "start_db_instance", {}),
    ],
)
def test_the_call_that_ends_a_state_ends_it(database: Bench, status: str, mend: str, parameters: dict[str, Any]) -> None:
    assert STATES["instance"][status].by.lower() == mend.replace("_", "").replace("dbinstance", "dbinstance")
    database.put(status)
    getattr(database.cloud.client("rds", HERE), mend)(DBInstanceIdentifier="bank", **parameters)
    pass_time(database.cloud, timedelta(minutes=30))
    assert database.status() == "available"
    found = database.cloud.client("rds", HERE).describe_db_instances(DBInstanceIdentifier="bank")["DBInstances"][0]
    assert sql(database.cloud, found, "SELECT 1") == ((1,),)


def test_each_call_by_which_a_state_ends_is_tried_above() -> None:
    tried = {"incompatible-option-group", "incompatible-parameters", "stopped", "storage-full"}
    tried.add("inaccessible-encryption-credentials-recoverable")
    assert {status for status, state in STATES["instance"].items() if state.ends is Ends.BY_CALL} == tried


def test_an_instance_that_is_being_deleted_is_gone_in_the_end(module_cloud: Cloud) -> None:
    bench = instance(module_cloud, "going")
    bench.check("delete-precheck")
    delete = module_cloud.client("rds", HERE).delete_db_instance
    refused("InvalidDBInstanceState", delete, DBInstanceIdentifier="going", SkipFinalSnapshot=True)
    pass_time(module_cloud, timedelta(hours=1))
    assert bench.status() is None


@pytest.mark.parametrize("status", [word for word, state in STATES["instance"].items() if state.ends is Ends.NEVER])
def test_what_never_ends_can_be_deleted(module_cloud: Cloud, status: str) -> None:
    bench = instance(module_cloud, f"lost-{status}"[:60])
    bench.put(status)
    rds, named = module_cloud.client("rds", HERE), {"DBInstanceIdentifier": bench.name}
    refused("InvalidDBInstanceState", rds.delete_db_instance, FinalDBSnapshotIdentifier="last", **named)
    rds.delete_db_instance(SkipFinalSnapshot=True, **named)
    pass_time(module_cloud, timedelta(minutes=30))
    assert bench.status() is None


def test_what_was_on_its_way_does_not_end_a_fault(database: Bench) -> None:
    database.cloud.client("rds", HERE).modify_db_instance(DBInstanceIdentifier="bank", MaxAllocatedStorage=100)
    database.put("modifying")
    pass_time(database.cloud, timedelta(minutes=9))
    assert database.status() == "modifying"
    database.cloud.faults.end("instance", "bank", region=HERE)


def test_a_snapshot_is_in_each_state(module_cloud: Cloud, database: Bench) -> None:
    rds = module_cloud.client("rds", HERE)
    for status, state in STATES["snapshot"].items():
        rds.create_db_snapshot(DBInstanceIdentifier="bank", DBSnapshotIdentifier=status)
        snapshot_ready(module_cloud, HERE, status)

        def now(name: str = status) -> str | None:
            found = gone(lambda: rds.describe_db_snapshots(DBSnapshotIdentifier=name))
            return found and str(found["DBSnapshots"][0]["Status"])

        calls: dict[str, Call] = {
            "CopyDBSnapshot": lambda name=status: rds.copy_db_snapshot(
                SourceDBSnapshotIdentifier=name, TargetDBSnapshotIdentifier="copy"
            ),
            "DeleteDBSnapshot": lambda name=status: rds.delete_db_snapshot(DBSnapshotIdentifier=name),
            "RestoreDBInstanceFromDBSnapshot": lambda name=status: rds.restore_db_instance_from_db_snapshot(
                DBSnapshotIdentifier=name, DBInstanceIdentifier="of-it"
            ),
        }
        bench = Bench(module_cloud, "snapshot", status, now, calls)
        assert state.refuses.keys() <= calls.keys()
        bench.check(status)
    assert database.status() == "available"


def test_without_capacity_nothing_new_is_made_started_or_made_larger(database: Bench) -> None:
    cloud, rds = database.cloud, database.cloud.client("rds", HERE)
    code, named = "InsufficientDBInstanceCapacity", {"DBInstanceIdentifier": "bank"}
    rds.create_db_snapshot(DBSnapshotIdentifier="before", **named)
    snapshot_ready(cloud, HERE, "before")
    anew = {"DBSnapshotIdentifier": "before", "DBInstanceIdentifier": "another"}
    cloud.faults.lack("db.t4g.small", region=HERE, lasts=timedelta(hours=10))
    cloud.faults.lack("db.r6g.large", region=HERE)
    refused(code, rds.restore_db_instance_from_db_snapshot, **anew)
    refused(code, rds.modify_db_instance, DBInstanceClass="db.r6g.large", **named)
    database.put("stopped")
    refused(code, rds.start_db_instance, **named)
    cloud.faults.end("instance", "bank", region=HERE)
    rds.restore_db_instance_from_db_snapshot(DBInstanceClass="db.t4g.medium", **anew)
    pass_time(cloud, timedelta(hours=10))
    rds.restore_db_instance_from_db_snapshot(**anew | {"DBInstanceIdentifier": "a-third"})
    cloud.faults.plenty("db.r6g.large", region=HERE)
    rds.modify_db_instance(DBInstanceClass="db.r6g.large", **named)
