"""DescribeTable is eventually consistent: for a moment it does not know a table that was just made (API_CreateTable)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_rehearsal.dynamodb import visibility
from aws_support.deployments import deploy, get, resource
from aws_support.fixtures import PRIMARY
from aws_support.waiting import wait_for

KEYS: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"id": {"S": "1"}}


def restored_to_a_moment(client: Any) -> None:
    client.restore_table_to_point_in_time(SourceTableName="source", TargetTableName="new", UseLatestRestorableTime=True)


def restored_from_a_backup(client: Any) -> None:
    arn = client.create_backup(TableName="source", BackupName="backup")["BackupDetails"]["BackupArn"]
    client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)


MADE: dict[str, Callable[[Any], object]] = {
    "created": lambda client: client.create_table(TableName="new", **KEYS),
    "restored to a moment": restored_to_a_moment,
    "restored from a backup": restored_from_a_backup,
}


@pytest.fixture
def dynamodb(cloud: Cloud) -> Any:
    client = cloud.client("dynamodb", PRIMARY)
    client.create_table(TableName="source", **KEYS)
    client.update_continuous_backups(TableName="source", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=10))
    return client


@pytest.fixture
def held(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The clock leaps nowhere until it is called, and no slow machine lets the moment pass."""
    monkeypatch.setattr(visibility, "UNSEEN", timedelta(minutes=5))
    with ExitStack() as stack:
        stack.enter_context(cloud.gateway.working())
        yield stack.close


def known(client: Any) -> bool:
    try:
        client.describe_table(TableName="new")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return True


@pytest.mark.parametrize("made", MADE)
def test_a_table_that_was_just_made_is_not_described_at_once_but_soon(dynamodb: Any, held: Callable[[], None], made: str) -> None:
    MADE[made](dynamodb)
    assert not known(dynamodb)
    held()
    wait_for(lambda: known(dynamodb), what="the table to be described")


@pytest.mark.parametrize("made", MADE)
def test_its_name_is_taken_all_the_same(dynamodb: Any, made: str) -> None:
    MADE[made](dynamodb)
    with pytest.raises(ClientError, match="already exists"):
        restored_to_a_moment(dynamodb)


def test_a_clock_that_is_waited_for_leaps_over_it(cloud: Cloud, dynamodb: Any) -> None:
    for _ in range(3):
        restored_to_a_moment(dynamodb)
        cloud.clock.sleep(60.0)
        assert known(dynamodb)
        dynamodb.delete_table(TableName="new")


def test_a_table_that_was_there_before_under_the_name_is_forgotten(
    cloud: Cloud, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb.create_table(TableName="new", **KEYS)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=1))
    monkeypatch.setattr(visibility, "UNSEEN", timedelta(minutes=5))
    with cloud.gateway.working():
        dynamodb.delete_table(TableName="new")
        dynamodb.create_table(TableName="new", **KEYS)
        assert not known(dynamodb)


def test_a_request_that_is_refused_hides_no_table(cloud: Cloud, dynamodb: Any) -> None:
    dynamodb.create_table(TableName="new", **KEYS)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=1))
    for made in MADE.values():
        with pytest.raises(ClientError, match="already exists"):
            made(dynamodb)
    assert known(dynamodb)


def test_a_stack_is_complete_when_its_table_is_described(cloud: Cloud) -> None:
    table = resource("DynamoDB::Table", TableName="new", **KEYS)
    stack = deploy(cloud, "tables", {"Table": table}, {"Arn": get("Table", "Arn")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Reasons"]
    assert known(cloud.client("dynamodb", PRIMARY))
