"""What the recovery does with tables, as DynamoDB shows and judges them: made a moment ago, or replicated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.callers import through_the_port
from recovery.fence import store
from recovery.lambda_runtime import TryAgain
from recovery.restore.plan import Plan
from recovery.restore.start_restore import begin
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from tests.settings_plans import PREFIX, REGION, plan

OTHER = "ap-southeast-1"
BREAK_GLASS = f"arn:aws:iam::{ACCOUNT}:role/break-glass"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path / "cloud") as cloud:
        yield cloud
        cloud.clock.raise_errors()


def make(cloud: Cloud, name: str, key: str = "id", **more: Any) -> Any:
    client = cloud.client("dynamodb", REGION)
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )
    return client


def later(cloud: Cloud, span: timedelta) -> None:
    cloud.clock.advance_to(cloud.clock.now() + span)


# ---------------------------------------------------------------------- the fence
@pytest.mark.parametrize("break_glass", [None, BREAK_GLASS], ids=["nobody else", "break-glass too"])
def test_a_fence_stops_writers_and_not_the_replication_of_a_table(cloud: Cloud, break_glass: str | None) -> None:
    given = replace(plan(Route.DYNAMODB_TO_A_MOMENT, {"tags": {}, "break_glass": break_glass}), verification={})
    name = given.source.name
    here, there = (cloud.client("dynamodb", each) for each in (REGION, OTHER))
    make(cloud, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    later(cloud, timedelta(minutes=1))
    here.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": OTHER}}])
    assert store.fence(given, lambda service: cloud.client(service, REGION), lambda: 600.0).fenced
    there.put_item(TableName=name, Item={"id": {"S": "from the other region"}})
    later(cloud, timedelta(hours=21))
    table = here.describe_table(TableName=name)["Table"]
    assert (table["TableStatus"], [each["ReplicaStatus"] for each in table["Replicas"]]) == ("ACTIVE", ["ACTIVE"])
    assert here.scan(TableName=name)["Count"] == 1
    with pytest.raises(ClientError, match="explicit deny"):
        through_the_port(cloud, "dynamodb", REGION).put_item(TableName=name, Item={"id": {"S": "late"}})


# ---------------------------------------------------------------------- a table that AWS does not describe yet
@pytest.fixture
def given(cloud: Cloud) -> Plan:
    """A plan to restore a table to a moment of ten minutes ago."""
    made = plan(Route.DYNAMODB_TO_A_MOMENT, {"tags": {}})
    make(cloud, names.plans_table(PREFIX), "plan_id")
    dynamodb = make(cloud, made.source.name)
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=made.source.name, PointInTimeRecoverySpecification=recovery)
    later(cloud, timedelta(minutes=20))
    return replace(made, moment=cloud.clock.now().replace(microsecond=0) - timedelta(minutes=10))


def test_a_restore_that_is_asked_for_again_at_once_is_not_begun_twice(cloud: Cloud, given: Plan) -> None:
    client = lambda service: cloud.client(service, REGION)  # noqa: E731  as the handlers have one
    with cloud.gateway.working():  # a busy cloud does not leap
        assert begin(given, client).found is False
        with pytest.raises(TryAgain, match="already exists"):
            begin(given, client)
    later(cloud, timedelta(minutes=1))
    assert begin(given, client).found is True
