"""A table's resource policy that denies writing really does, to everyone it means, until it is taken away."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.callers import through_the_port

REGION = "ap-southeast-1"
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/audit"
ITEM = {"id": {"S": "1"}}
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete")
LIFTER = f"arn:aws:iam::{ACCOUNT}:user/lifter"

WAYS: dict[str, Callable[[Any], object]] = {
    "PutItem": lambda client: client.put_item(TableName="audit", Item=ITEM),
    "PutItem by ARN": lambda client: client.put_item(TableName=ARN, Item=ITEM),
    "UpdateItem": lambda client: client.update_item(TableName="audit", Key=ITEM),
    "DeleteItem": lambda client: client.delete_item(TableName="audit", Key=ITEM),
    "BatchWriteItem": lambda client: client.batch_write_item(RequestItems={"audit": [{"PutRequest": {"Item": ITEM}}]}),
    "TransactWriteItems": lambda client: client.transact_write_items(
        TransactItems=[{"Put": {"TableName": "other", "Item": ITEM}}, {"Delete": {"TableName": "audit", "Key": ITEM}}]
    ),
    "PartiQL": lambda client: client.execute_statement(Statement="INSERT INTO \"audit\" VALUE {'id': '1'}"),
}


@pytest.fixture
def dynamodb(cloud: Cloud) -> Any:
    client = cloud.client("dynamodb", REGION)
    for name in ("audit", "other"):
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    client.put_item(TableName="audit", Item=ITEM | {"kept": {"S": "yes"}})
    return client


def fence(client: Any, **more: Any) -> None:
    statement: dict[str, Any] = {"Sid": "RecoveryFence", "Effect": "Deny", "Principal": "*", "Resource": ARN}
    statement |= {"Action": [f"dynamodb:{each}" for each in WRITES], **more}
    client.put_resource_policy(ResourceArn=ARN, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def code(call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "allowed"


@pytest.mark.parametrize("way", WAYS)
def test_a_denied_write_is_refused_and_changes_nothing(dynamodb: Any, way: str) -> None:
    fence(dynamodb)
    with pytest.raises(ClientError, match=f"{ARN} with an explicit deny") as refusal:
        WAYS[way](dynamodb)
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
    assert dynamodb.scan(TableName="audit")["Items"] == [ITEM | {"kept": {"S": "yes"}}]
    assert dynamodb.scan(TableName="other")["Items"] == []


def test_reading_and_other_tables_are_not_denied(dynamodb: Any) -> None:
    fence(dynamodb)
    assert dynamodb.get_item(TableName="audit", Key=ITEM)["Item"]["kept"] == {"S": "yes"}
    dynamodb.put_item(TableName="other", Item=ITEM)


def test_without_the_policy_the_table_is_written_to_again(dynamodb: Any) -> None:
    fence(dynamodb)
    dynamodb.delete_resource_policy(ResourceArn=ARN)
    dynamodb.put_item(TableName="audit", Item=ITEM)


def test_a_table_made_anew_under_the_name_has_no_policy(dynamodb: Any) -> None:
    fence(dynamodb)
    dynamodb.delete_table(TableName="audit")
    dynamodb.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="audit", Item=ITEM)


def test_a_restored_table_does_not_have_the_fence(cloud: Cloud, dynamodb: Any) -> None:
    dynamodb.update_continuous_backups(TableName="audit", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    fence(dynamodb)
    dynamodb.restore_table_to_point_in_time(SourceTableName="audit", TargetTableName="restored", UseLatestRestorableTime=True)
    cloud.clock.advance_to(cloud.clock.now().replace(hour=23))
    dynamodb.put_item(TableName="restored", Item=ITEM)
    with pytest.raises(ClientError, match="policy not found"):
        dynamodb.get_resource_policy(ResourceArn=ARN.replace("audit", "restored"))


def test_whom_a_condition_excepts_may_write(cloud: Cloud, dynamodb: Any) -> None:
    fence(dynamodb, Condition={"ArnNotLike": {"aws:PrincipalArn": [LIFTER]}})
    as_lifter = through_the_port(cloud, "dynamodb", REGION, "lifter")
    assert code(lambda: as_lifter.put_item(TableName="audit", Item=ITEM)) == "allowed"
    assert code(lambda: dynamodb.put_item(TableName="audit", Item=ITEM)) == "AccessDeniedException"


def test_a_statement_for_others_denies_nobody_else(dynamodb: Any) -> None:
    fence(dynamodb, Principal={"AWS": [LIFTER]})
    dynamodb.put_item(TableName="audit", Item=ITEM)
