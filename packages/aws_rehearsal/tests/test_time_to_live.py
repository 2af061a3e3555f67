"""Items whose time is over are deleted by DynamoDB itself: some time later, told in the stream as its own, and everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aws_rehearsal import Cloud
from aws_rehearsal.dynamodb.time_to_live import DELETED_AFTER
from aws_support.backup_bench import HERE, THERE

HOUR = timedelta(hours=1)
OURS = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}


@pytest.fixture
def table(cloud: Cloud) -> Any:
    """`sessions`, with a stream and a time to live by `expires`."""
    client = cloud.client("dynamodb", HERE)
    client.create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return client


def expire(client: Any, *, by: str = "expires", enabled: bool = True) -> None:
    client.update_time_to_live(TableName="sessions", TimeToLiveSpecification={"Enabled": enabled, "AttributeName": by})


def put(cloud: Cloud, name: str, expires: Any) -> None:
    """`expires`: how long from now, or an attribute value."""
    if isinstance(expires, timedelta):
        expires = {"N": str(int((cloud.clock.now() + expires).timestamp()))}
    item = {"id": {"S": name}, "at": {"S": "1"}} | ({"expires": expires} if expires else {})
    cloud.client("dynamodb", HERE).put_item(TableName="sessions", Item=item)


def pass_time(cloud: Cloud, span: timedelta) -> None:
    cloud.clock.advance_to(cloud.clock.now() + span)


def there(cloud: Cloud, region: str = HERE) -> set[str]:
    items = cloud.client("dynamodb", region).scan(TableName="sessions")["Items"]
    return {item["id"]["S"] for item in items}


def records(cloud: Cloud) -> list[dict[str, Any]]:
    streams, arn = cloud.client("dynamodbstreams", HERE), cloud.client("dynamodb", HERE)
    stream = arn.describe_table(TableName="sessions")["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    at = streams.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    found: list[dict[str, Any]] = streams.get_records(ShardIterator=at["ShardIterator"])["Records"]
    return found


def test_what_expired_goes_some_time_later_and_nothing_else(cloud: Cloud, table: Any) -> None:
    expire(table)
    put(cloud, "short", HOUR)
    put(cloud, "long", timedelta(days=30))
    put(cloud, "for ever", None)
    put(cloud, "a text", {"S": "1"})
    put(cloud, "six years ago", timedelta(days=-6 * 365))
    pass_time(cloud, DELETED_AFTER)
    assert "short" in there(cloud), "an expired item is still read until it is deleted"
    pass_time(cloud, 2 * DELETED_AFTER)
    assert there(cloud) == {"long", "for ever", "a text", "six years ago"}
    pass_time(cloud, timedelta(days=33))
    assert there(cloud) == {"for ever", "a text", "six years ago"}


def test_the_stream_says_that_dynamodb_deleted_it(cloud: Cloud, table: Any) -> None:
    expire(table)
    put(cloud, "expired", HOUR)
    put(cloud, "deleted", HOUR)
    table.delete_item(TableName="sessions", Key={"id": {"S": "deleted"}, "at": {"S": "1"}})
    pass_time(cloud, timedelta(days=3))
    removed = {each["dynamodb"]["Keys"]["id"]["S"]: each for each in records(cloud) if each["eventName"] == "REMOVE"}
    assert removed["expired"]["userIdentity"] == OURS
    assert removed["expired"]["dynamodb"]["OldImage"]["id"] == {"S": "expired"}
    assert "userIdentity" not in removed["deleted"]


def test_a_replica_loses_it_too_and_a_journal_knows_when(cloud: Cloud, table: Any) -> None:
    expire(table)
    table.update_table(TableName="sessions", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    recovery = {"PointInTimeRecoveryEnabled": True}
    table.update_continuous_backups(TableName="sessions", PointInTimeRecoverySpecification=recovery)
    put(cloud, "short", HOUR)
    put(cloud, "long", timedelta(days=30))
    pass_time(cloud, 2 * HOUR)
    before = cloud.clock.now().replace(microsecond=0)
    assert there(cloud, THERE) == {"short", "long"}
    pass_time(cloud, timedelta(days=3))
    assert there(cloud) == there(cloud, THERE) == {"long"}
    table.restore_table_to_point_in_time(SourceTableName="sessions", TargetTableName="sessions-then", RestoreDateTime=before)
    pass_time(cloud, timedelta(days=3))
    assert table.scan(TableName="sessions-then")["Count"] == 2, "AWS restores no time to live"


def test_a_replica_goes_on_alone(cloud: Cloud, table: Any) -> None:
    expire(table)
    put(cloud, "short", timedelta(days=5))
    table.update_table(TableName="sessions", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    pass_time(cloud, HOUR)
    cloud.lose_region(HERE)
    pass_time(cloud, timedelta(days=8))
    assert there(cloud, THERE) == set()


def test_switched_off_nothing_is_deleted_and_by_another_attribute_not_either(cloud: Cloud, table: Any) -> None:
    expire(table)
    put(cloud, "short", HOUR)
    expire(table, enabled=False)
    pass_time(cloud, timedelta(days=3))
    expire(table, by="another")
    pass_time(cloud, timedelta(days=3))
    assert there(cloud) == {"short"}
    expire(table, enabled=False, by="another")
    expire(table)
    pass_time(cloud, timedelta(days=3))
    assert there(cloud) == set()


def test_a_table_that_is_gone_or_made_anew_is_left_alone(cloud: Cloud, table: Any) -> None:
    expire(table)
    put(cloud, "short", HOUR)
    table.delete_table(TableName="sessions")
    pass_time(cloud, timedelta(days=3))
    cloud.clock.raise_errors()
