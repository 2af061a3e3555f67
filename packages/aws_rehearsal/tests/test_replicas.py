"""Replicas in another region: late, read-only until promoted, alive without the region they came from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_support.rds import HERE, MINUTE, THERE, count, create, load, pass_time, refused, sql, until
from aws_support.waiting import wait_for

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        yield cloud
        cloud.clock.raise_errors()


def lags(cloud: Cloud) -> list[float]:
    now = cloud.clock.now()
    answer = cloud.client("cloudwatch", THERE).get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="ReplicaLag",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "replica"}],
        StartTime=now - 60 * MINUTE,
        EndTime=now + MINUTE,
        Period=60,
        Statistics=["Maximum"],
    )
    return [each["Maximum"] for each in sorted(answer["Datapoints"], key=lambda each: each["Timestamp"])]


def test_a_read_replica_follows_its_source_and_outlives_it(own: Cloud) -> None:
    source = create(own)
    load(own, source)
    there = own.client("rds", THERE)
    asked = {"DBInstanceIdentifier": "replica", "SourceDBInstanceIdentifier": source["DBInstanceArn"], "SourceRegion": HERE}
    there.create_db_instance_read_replica(**asked, DBInstanceClass="db.t4g.micro")
    replica = until(own, THERE, "replica")
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == source["DBInstanceArn"]
    assert [each["Status"] for each in replica["StatusInfos"]] == ["replicating"]
    described = own.client("rds", HERE).describe_db_instances(DBInstanceIdentifier="bank")["DBInstances"][0]
    assert described["ReadReplicaDBInstanceIdentifiers"] == [replica["DBInstanceArn"]]
    sql(own, source, "INSERT INTO bank.t (x) VALUES (4)")
    wait_for(lambda: count(own, replica) == 4, what="the row to arrive")
    with pytest.raises(pymysql.err.OperationalError, match="read-only"):
        sql(own, replica, "INSERT INTO bank.t (x) VALUES (5)")
    pass_time(own, 6 * MINUTE)
    assert lags(own)[-1] == 0.0

    own.lose_region(HERE)
    wait_for(lambda: until(own, THERE, "replica")["StatusInfos"][0]["Status"] == "error", what="the replica to notice")
    pass_time(own, 6 * MINUTE)
    assert lags(own)[-1] == -1.0, "nobody knows how late it is"
    there.promote_read_replica(DBInstanceIdentifier="replica", BackupRetentionPeriod=7)
    promoted = until(own, THERE, "replica")
    assert "ReadReplicaSourceDBInstanceIdentifier" not in promoted
    assert promoted.get("StatusInfos", []) == []
    sql(own, promoted, "INSERT INTO bank.t (x) VALUES (5)")
    assert count(own, promoted) == 5
    pass_time(own, 6 * MINUTE)
    assert until(own, THERE, "replica")["LatestRestorableTime"], "it is backed up from its promotion on"
    refused("InvalidDBInstanceState", there.promote_read_replica, DBInstanceIdentifier="replica")


def test_an_instance_without_backups_or_a_key_is_not_replicated(own: Cloud) -> None:
    there, names = own.client("rds", THERE), {"DBInstanceIdentifier": "replica", "SourceRegion": HERE}
    source = create(own, BackupRetentionPeriod=0)["DBInstanceArn"]
    refused("InvalidDBInstanceState", there.create_db_instance_read_replica, SourceDBInstanceIdentifier=source, **names)


def table(cloud: Cloud, stream: dict[str, Any] | None = None) -> Any:
    here = cloud.client("dynamodb", HERE)
    here.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=stream or STREAM,
    )
    here.get_waiter("table_exists").wait(TableName="audit", WaiterConfig={"Delay": 1})
    return here


def ids(cloud: Cloud, region: str) -> set[str]:
    return {each["id"]["S"] for each in cloud.client("dynamodb", region).scan(TableName="audit")["Items"]}


def put(client: Any, name: str, value: str = "") -> None:
    client.put_item(TableName="audit", Item={"id": {"S": name}, "value": {"S": value}})


def test_a_table_is_copied_to_its_replica_a_moment_later_and_both_ways(own: Cloud) -> None:
    here, there = table(own), own.client("dynamodb", THERE)
    put(here, "before")
    here.update_table(TableName="audit", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    assert ids(own, THERE) == {"before"}
    described = there.describe_table(TableName="audit")["Table"]
    assert described["TableArn"].split(":")[3] == THERE
    assert [each["RegionName"] for each in described["Replicas"]] == [HERE]
    put(here, "after")
    here.delete_item(TableName="audit", Key={"id": {"S": "before"}})
    assert ids(own, THERE) == {"before"}, "asynchronously"
    pass_time(own, MINUTE)
    assert ids(own, THERE) == {"after"}
    put(there, "from there")
    put(here, "both", "earlier")
    put(there, "both", "later")
    pass_time(own, MINUTE)
    assert ids(own, HERE) == ids(own, THERE) == {"after", "from there", "both"}
    for client in (here, there):
        assert client.get_item(TableName="audit", Key={"id": {"S": "both"}})["Item"]["value"]["S"] == "later"


def test_what_was_not_copied_when_the_region_was_lost_is_lost(own: Cloud) -> None:
    here, there = table(own), own.client("dynamodb", THERE)
    here.update_table(TableName="audit", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    put(here, "copied")
    pass_time(own, MINUTE)
    put(here, "too late")
    own.lose_region(HERE)
    pass_time(own, MINUTE)
    put(there, "after the loss")
    assert ids(own, THERE) == {"copied", "after the loss"}
    assert "Replicas" not in there.describe_table(TableName="audit")["Table"]


def test_a_replica_is_made_once_of_a_table_with_a_stream_and_can_be_given_up(own: Cloud) -> None:
    here = table(own, {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    create_there = [{"Create": {"RegionName": THERE}}]
    with pytest.raises(ClientError, match="NEW_AND_OLD_IMAGES"):
        here.update_table(TableName="audit", ReplicaUpdates=create_there)
    here.delete_table(TableName="audit")
    table(own)
    here.update_table(TableName="audit", ReplicaUpdates=create_there)
    with pytest.raises(ClientError, match="there is a table audit"):
        here.update_table(TableName="audit", ReplicaUpdates=create_there)
    here.update_table(TableName="audit", ReplicaUpdates=[{"Delete": {"RegionName": THERE}}])
    assert own.client("dynamodb", THERE).list_tables()["TableNames"] == []
    put(here, "alone")
    assert "Replicas" not in here.describe_table(TableName="audit")["Table"]
