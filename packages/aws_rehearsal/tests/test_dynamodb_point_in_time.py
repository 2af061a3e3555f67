"""Point-in-time recovery of tables: the time is honoured, the window is kept, and nothing more than AWS restores comes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends

from aws_rehearsal import ACCOUNT, Cloud
from aws_support.waiting import wait_for

REGION = "ap-southeast-1"
KEY = {"client_id": {"S": "CLT-1"}, "timestamp": {"S": "2026-11-02T00:00:00Z"}}


@pytest.fixture
def dynamodb(cloud: Cloud) -> Any:
    client = cloud.client("dynamodb", REGION)
    client.create_table(
        TableName="audit",
        KeySchema=[
            {"AttributeName": "client_id", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("client_id", "timestamp", "agent_id")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "AgentIndex",
                "KeySchema": [{"AttributeName": "agent_id", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        DeletionProtectionEnabled=True,
        Tags=[{"Key": "owner", "Value": "bank"}],
    )
    client.update_time_to_live(TableName="audit", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    return client


def protect(dynamodb: Any, **specification: Any) -> None:
    dynamodb.update_continuous_backups(
        TableName="audit", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, **specification}
    )


def put(dynamodb: Any, number: int, value: str = "before") -> None:
    dynamodb.put_item(TableName="audit", Item=item(number, value))


def item(number: int, value: str) -> dict[str, Any]:
    return {"client_id": {"S": f"CLT-{number}"}, "timestamp": {"S": "2026-11-02T00:00:00Z"}, "after_value": {"S": value}}


def pass_time(cloud: Cloud, **delta: float) -> datetime:
    """Advance to a whole second, and return it: the moment *before* whatever is written next."""
    moment = (cloud.clock.now() + timedelta(**delta)).replace(microsecond=0) + timedelta(seconds=1)
    cloud.clock.advance_to(moment)
    return moment


def restore(cloud: Cloud, dynamodb: Any, **request: Any) -> dict[str, str]:
    """Restore, wait until ACTIVE, and return {client_id: after_value}."""
    dynamodb.restore_table_to_point_in_time(SourceTableName="audit", TargetTableName="restored", **request)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=21))
    assert dynamodb.describe_table(TableName="restored")["Table"]["TableStatus"] == "ACTIVE"
    items = dynamodb.scan(TableName="restored")["Items"]
    return {each["client_id"]["S"]: each.get("after_value", {}).get("S", "") for each in items}


def test_a_restore_gives_every_item_as_it_stood_at_the_moment_whatever_wrote_it_since(cloud: Cloud, dynamodb: Any) -> None:
    put(dynamodb, 0)  # before recovery is on: part of the base
    protect(dynamodb)
    for number in range(1, 6):
        put(dynamodb, number)
    moment = pass_time(cloud, minutes=1)
    dynamodb.put_item(TableName="audit", Item=item(0, "after"))
    dynamodb.update_item(
        TableName="audit",
        Key=KEY,
        UpdateExpression="SET after_value = :v",
        ExpressionAttributeValues={":v": {"S": "after"}},
    )
    dynamodb.delete_item(TableName="audit", Key={**KEY, "client_id": {"S": "CLT-2"}})
    dynamodb.batch_write_item(
        RequestItems={
            "audit": [
                {"PutRequest": {"Item": item(3, "after")}},
                {"DeleteRequest": {"Key": {**KEY, "client_id": {"S": "CLT-4"}}}},
            ]
        }
    )
    dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "audit", "Item": item(5, "after")}},
            {"Put": {"TableName": "audit", "Item": item(6, "after")}},
        ]
    )
    pass_time(cloud, minutes=10)
    before = {f"CLT-{number}": "before" for number in range(6)}
    assert restore(cloud, dynamodb, RestoreDateTime=moment) == before


def test_a_restore_to_a_later_moment_gives_the_later_state(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    put(dynamodb, 2)
    pass_time(cloud, minutes=1)
    put(dynamodb, 1, "after")
    dynamodb.delete_item(TableName="audit", Key={**KEY, "client_id": {"S": "CLT-2"}})
    moment = pass_time(cloud, minutes=1)
    put(dynamodb, 1, "too late")
    pass_time(cloud, minutes=10)
    assert restore(cloud, dynamodb, RestoreDateTime=moment) == {"CLT-1": "after"}


def test_a_refused_transaction_leaves_no_trace_in_the_history(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    with pytest.raises(ClientError, match="TransactionCanceled"):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "audit", "Item": item(1, "never")}},
                {
                    "ConditionCheck": {
                        "TableName": "audit",
                        "Key": {**KEY, "client_id": {"S": "CLT-9"}},
                        "ConditionExpression": "attribute_exists(client_id)",
                    }
                },
            ]
        )
    pass_time(cloud, minutes=10)
    assert restore(cloud, dynamodb, UseLatestRestorableTime=True) == {"CLT-1": "before"}


def test_the_latest_restorable_moment_trails_the_present_by_five_minutes(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    pass_time(cloud, minutes=10)
    put(dynamodb, 1, "too young")
    description = describe(dynamodb)
    assert timedelta(minutes=5) <= cloud.clock.now() - description["LatestRestorableDateTime"] < timedelta(minutes=6)
    assert restore(cloud, dynamodb, UseLatestRestorableTime=True) == {"CLT-1": "before"}


def describe(dynamodb: Any, table: str = "audit") -> dict[str, Any]:
    answer = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    description: dict[str, Any] = answer["PointInTimeRecoveryDescription"]
    return description


def test_the_window_begins_when_recovery_is_turned_on_and_then_moves_with_its_period(cloud: Cloud, dynamodb: Any) -> None:
    pass_time(cloud, hours=1)
    turned_on = cloud.clock.now()
    protect(dynamodb, RecoveryPeriodInDays=2)
    pass_time(cloud, days=1)
    description = describe(dynamodb)
    assert description["RecoveryPeriodInDays"] == 2
    assert timedelta(0) <= description["EarliestRestorableDateTime"] - turned_on < timedelta(seconds=2)
    pass_time(cloud, days=4)
    age = cloud.clock.now() - describe(dynamodb)["EarliestRestorableDateTime"]
    assert timedelta(days=1, hours=23) < age <= timedelta(days=2)


@pytest.mark.parametrize("offset", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_moment_outside_the_window_is_refused_by_naming_the_window(cloud: Cloud, dynamodb: Any, offset: timedelta) -> None:
    protect(dynamodb)
    pass_time(cloud, minutes=10)
    edge = describe(dynamodb)["EarliestRestorableDateTime" if offset < timedelta(0) else "LatestRestorableDateTime"]
    with pytest.raises(ClientError, match=r"outside the restorable window \d{4}-.*Z?.* to \d{4}-") as refused:
        restore(cloud, dynamodb, RestoreDateTime=edge + offset)
    assert refused.value.response["Error"]["Code"] == "InvalidRestoreTimeException"
    assert dynamodb.list_tables()["TableNames"] == ["audit"]


def test_a_table_without_recovery_is_refused(cloud: Cloud, dynamodb: Any) -> None:
    with pytest.raises(ClientError) as refused:
        restore(cloud, dynamodb, UseLatestRestorableTime=True)
    assert refused.value.response["Error"]["Code"] == "PointInTimeRecoveryUnavailableException"


def test_turning_recovery_off_forgets_the_history(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    early = pass_time(cloud, minutes=1)
    dynamodb.update_continuous_backups(TableName="audit", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})
    assert describe(dynamodb) == {"PointInTimeRecoveryStatus": "DISABLED"}
    pass_time(cloud, minutes=1)
    protect(dynamodb)
    pass_time(cloud, minutes=10)
    with pytest.raises(ClientError, match="InvalidRestoreTime"):
        restore(cloud, dynamodb, RestoreDateTime=early)


def test_the_restored_table_has_keys_indexes_and_billing_and_nothing_else(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    pass_time(cloud, minutes=10)
    assert restore(cloud, dynamodb, UseLatestRestorableTime=True)
    source = dynamodb.describe_table(TableName="audit")["Table"]
    table = dynamodb.describe_table(TableName="restored")["Table"]
    for kept in ("KeySchema", "GlobalSecondaryIndexes", "BillingModeSummary", "AttributeDefinitions", "ItemCount"):
        assert table[kept] == source[kept]
    assert not table["DeletionProtectionEnabled"]
    assert "StreamSpecification" not in table
    assert table["RestoreSummary"]["SourceTableArn"] == source["TableArn"]
    assert describe(dynamodb, "restored") == {"PointInTimeRecoveryStatus": "DISABLED"}
    ttl = dynamodb.describe_time_to_live(TableName="restored")["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "DISABLED"}
    assert dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == []


def status(dynamodb: Any) -> str:
    """Nothing while it is not described."""
    try:
        return str(dynamodb.describe_table(TableName="restored")["Table"]["TableStatus"])
    except dynamodb.exceptions.ResourceNotFoundException:
        return ""


def test_the_restored_table_is_creating_and_out_of_reach_until_its_time_has_come(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    with cloud.gateway.working():  # a busy cloud does not leap
        dynamodb.restore_table_to_point_in_time(SourceTableName="audit", TargetTableName="restored", UseLatestRestorableTime=True)
        wait_for(lambda: status(dynamodb) == "CREATING", what="the table to be described", seconds=10)
        for operation, request in (
            ("scan", {}),
            ("get_item", {"Key": KEY}),
            ("put_item", {"Item": item(1, "early")}),
        ):
            with pytest.raises(ClientError, match="ResourceNotFound"):
                getattr(dynamodb, operation)(TableName="restored", **request)


def test_an_override_may_leave_indexes_out_and_an_unknown_one_is_refused(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    with pytest.raises(ClientError, match="no index Made"):
        restore(
            cloud,
            dynamodb,
            UseLatestRestorableTime=True,
            GlobalSecondaryIndexOverride=[
                {
                    "IndexName": "Made",
                    "KeySchema": [{"AttributeName": "agent_id", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
    restore(cloud, dynamodb, UseLatestRestorableTime=True, GlobalSecondaryIndexOverride=[])
    assert not dynamodb.describe_table(TableName="restored")["Table"].get("GlobalSecondaryIndexes")


def test_a_deleted_table_leaves_a_system_backup_for_35_days(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    dynamodb.update_table(TableName="audit", DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName="audit")
    (backup,) = dynamodb.list_backups()["BackupSummaries"]
    assert (backup["BackupName"], backup["BackupType"]) == ("audit$DeletedTableBackup", "SYSTEM")
    dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=backup["BackupArn"])
    assert dynamodb.scan(TableName="restored")["Count"] == 1
    pass_time(cloud, days=36)
    assert dynamodb.list_backups()["BackupSummaries"] == []


def test_a_lost_region_takes_its_tables_and_their_history(cloud: Cloud, dynamodb: Any) -> None:
    protect(dynamodb)
    put(dynamodb, 1)
    cloud.lose_region(REGION)
    cloud.gateway.lost_regions.clear()  # look behind the closed door
    assert dynamodb.list_tables()["TableNames"] == []


def test_a_period_beyond_35_days_is_refused(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="between 1 and 35"):
        protect(dynamodb, RecoveryPeriodInDays=36)


def test_a_write_does_not_make_a_walk_over_the_items_fail(dynamodb: Any) -> None:
    """A scan is such a walk, and so is the copy that a backup begins with: each on a thread of its own, beside the writers."""
    for number in range(3):
        put(dynamodb, number)
    items = dynamodb_backends[ACCOUNT][REGION].tables["audit"].items
    walks = [iter(items), iter(items.values()), iter(items.items()), iter(next(iter(items.values())).values())]
    for walk in walks:
        next(walk)

    dynamodb.put_item(TableName="audit", Item=item(0, "later") | {"timestamp": {"S": "2026-11-02T00:00:01Z"}})
    put(dynamodb, 3)

    assert [len(list(walk)) for walk in walks] == [2, 2, 2, 0]
    assert len(dynamodb.scan(TableName="audit")["Items"]) == 5


def test_a_scan_goes_by_the_values_of_the_keys(cloud: Cloud) -> None:
    client = cloud.client("dynamodb", REGION)
    client.create_table(
        TableName="numbered",
        KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in ("10", "9", "100"):
        client.put_item(TableName="numbered", Item={"number": {"N": number}})

    pages = client.get_paginator("scan").paginate(TableName="numbered", PaginationConfig={"PageSize": 2})

    assert [each["number"]["N"] for page in pages for each in page["Items"]] == ["9", "10", "100"]


def test_every_type_of_value_comes_back_as_it_was_put(dynamodb: Any) -> None:
    plain = {"S": {"S": "text"}, "N": {"N": "1.50"}, "B": {"B": b"\x00\xff"}, "BOOL": {"BOOL": False}, "NULL": {"NULL": True}}
    sets = {"SS": {"SS": ["a", "b"]}, "NS": {"NS": ["1", "2"]}, "BS": {"BS": [b"\x00", b"\xff"]}}
    nested = {"M": {"M": plain | {"L": {"L": [{"M": sets}, {"B": b"deep"}, {"L": []}]}}}, "empty": {"M": {}}}
    value = KEY | plain | sets | nested
    dynamodb.put_item(TableName="audit", Item=value)

    assert dynamodb.get_item(TableName="audit", Key=KEY)["Item"] == value
    assert dynamodb.scan(TableName="audit")["Items"] == [value]
