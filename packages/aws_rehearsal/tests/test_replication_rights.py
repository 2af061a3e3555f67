"""A policy that denies replication's own role stops replication at once, and after twenty hours ends it for good."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.callers import through_the_port
from aws_support.fixtures import PRIMARY, RECOVERY

ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"
WRITES = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STOPPED = "REPLICATION_NOT_AUTHORIZED"


@pytest.fixture
def tables(cloud: Cloud) -> tuple[Any, Any]:
    """The table's clients, here and there."""
    here, there = cloud.client("dynamodb", PRIMARY), cloud.client("dynamodb", RECOVERY)
    here.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    cloud.clock.advance_to(cloud.clock.now() + MINUTE)
    here.update_table(TableName="audit", ReplicaUpdates=[{"Create": {"RegionName": RECOVERY}}])
    return here, there


def arn(region: str = PRIMARY) -> str:
    return f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/audit"


def deny(client: Any, region: str = PRIMARY, *, but: list[str] | None = None, **more: Any) -> None:
    statement: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": WRITES, "Resource": arn(region), **more}
    if but:
        statement["Condition"] = {"StringNotEquals": {"aws:PrincipalArn": but}}
    policy = {"Version": "2012-10-17", "Statement": [{key: each for key, each in statement.items() if each is not None}]}
    client.put_resource_policy(ResourceArn=arn(region), Policy=json.dumps(policy))


def put(client: Any, name: str) -> None:
    client.put_item(TableName="audit", Item={"id": {"S": name}})


def ids(client: Any) -> set[str]:
    return {each["id"]["S"] for each in client.scan(TableName="audit")["Items"]}


def later(cloud: Cloud, span: timedelta) -> None:
    cloud.clock.advance_to(cloud.clock.now() + span)


def status(client: Any) -> tuple[str, list[str]]:
    table = client.describe_table(TableName="audit")["Table"]
    return table["TableStatus"], [each["ReplicaStatus"] for each in table.get("Replicas", [])]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ROLE}},
        {"Action": "dynamodb:*", "Principal": {"AWS": [ROLE]}},
        {"Action": ["dynamodb:*Item"], "Resource": "*"},
        {"Action": None, "NotAction": "dynamodb:PutResourcePolicy", "Principal": {"AWS": [ROLE]}},
        {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/break-glass"}}},
    ],
    ids=["everyone", "everyone as AWS", "the role", "every action", "by pattern", "all but an action", "all but another"],
)
def test_a_deny_that_hits_the_role_stops_replication_until_it_is_taken_away(
    cloud: Cloud, tables: tuple[Any, Any], more: dict[str, Any]
) -> None:
    here, there = tables
    deny(here, **more)
    assert status(here) == (STOPPED, ["ACTIVE"])
    assert status(there) == ("ACTIVE", [STOPPED])
    put(there, "while it was denied")
    later(cloud, 2 * MINUTE)
    here.delete_resource_policy(ResourceArn=arn())
    assert ids(here) == set()
    later(cloud, 2 * MINUTE)
    assert ids(here) == {"while it was denied"}
    assert status(here) == ("ACTIVE", ["ACTIVE"])


@pytest.mark.parametrize(
    "more",
    [
        {"but": [ROLE]},
        {"but": [f"arn:aws:iam::{ACCOUNT}:role/break-glass", ROLE]},
        {"Action": "dynamodb:BatchWriteItem"},
        {"Action": "dynamodb:PartiQLInsert"},
        {"Resource": f"{arn()}/index/*"},
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}},
    ],
    ids=["the role is excepted", "the role and another", "batches only", "PartiQL only", "an index", "another's"],
)
def test_a_deny_that_spares_the_role_does_not(cloud: Cloud, tables: tuple[Any, Any], more: dict[str, Any]) -> None:
    here, there = tables
    deny(here, **more)
    put(there, "from there")
    later(cloud, 21 * HOUR)
    assert status(here) == status(there) == ("ACTIVE", ["ACTIVE"])
    assert ids(here) == {"from there"}


def test_after_twenty_hours_the_replica_is_a_table_of_its_own(cloud: Cloud, tables: tuple[Any, Any]) -> None:
    here, there = tables
    deny(here)
    put(there, "never copied")
    later(cloud, 19 * HOUR)
    assert status(here)[0] == STOPPED
    later(cloud, 2 * HOUR)
    here.delete_resource_policy(ResourceArn=arn())
    put(here, "alone")
    later(cloud, HOUR)
    assert status(here) == status(there) == ("ACTIVE", [])
    assert "GlobalTableVersion" not in here.describe_table(TableName="audit")["Table"]
    assert (ids(here), ids(there)) == ({"alone"}, {"never copied"})


def test_the_twenty_hours_begin_anew_with_each_denial(cloud: Cloud, tables: tuple[Any, Any]) -> None:
    here, there = tables
    for _ in range(2):
        deny(here)
        later(cloud, 15 * HOUR)
        here.delete_resource_policy(ResourceArn=arn())
    later(cloud, HOUR)
    assert status(here) == status(there) == ("ACTIVE", ["ACTIVE"])


def test_a_replica_that_is_denied_sends_nothing_either(cloud: Cloud, tables: tuple[Any, Any]) -> None:
    here, there = tables
    deny(there, RECOVERY, Principal={"AWS": ROLE})
    put(there, "from there")
    put(here, "from here")
    later(cloud, 2 * MINUTE)
    assert (ids(here), ids(there)) == ({"from here"}, {"from there"})


def test_while_the_role_is_denied_no_replica_is_added_or_deleted(tables: tuple[Any, Any]) -> None:
    here, _ = tables
    deny(here)
    for change in ({"Delete": {"RegionName": RECOVERY}}, {"Create": {"RegionName": "eu-west-1"}}):
        with pytest.raises(ClientError, match="AWSServiceRoleForDynamoDBReplication") as refusal:
            here.update_table(TableName="audit", ReplicaUpdates=[change])
        assert refusal.value.response["Error"]["Code"] == "ValidationException"


def test_whoever_writes_is_still_denied(cloud: Cloud, tables: tuple[Any, Any]) -> None:
    here, _ = tables
    deny(here, but=[ROLE])
    with pytest.raises(ClientError, match="explicit deny"):
        put(through_the_port(cloud, "dynamodb", PRIMARY), "x")
