"""Late writes: counted exactly by table, with their span; what cannot be counted is said; asked for where the region is back."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aws_support.mariadb import Database
from recovery.aws import AwsTrouble
from recovery.late_writes.ask_region import NothingRecovered, asked, count
from recovery.late_writes.count import Late, items, rows
from recovery.late_writes.record import key, record
from recovery.verify import heartbeat
from strategy.catalogue import names
from strategy.contracts.dates import Columns
from strategy.contracts.late_writes import LateWritesRequest, OldStore
from tests.recovery.fake_night import DEV, refused

SINCE = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
CHANGES = {"crm.moved": Columns(created="made", changed="changed")}


@pytest.fixture
def bank(server: Database) -> Database:
    server.empty()
    server.run(
        "CREATE DATABASE crm",
        "CREATE TABLE crm.moved (id INT PRIMARY KEY, made DATETIME(6), changed DATETIME(6))",
        "CREATE TABLE crm.undated (id INT PRIMARY KEY)",
        "INSERT INTO crm.moved VALUES (1, '2026-11-01', '2026-11-01'), (2, '2026-11-02 02:00:00', NULL)",
    )
    return server


def counted(bank: Database) -> list[Late]:
    with bank.connect() as connection:
        return list(rows(connection, CHANGES, SINCE))


def test_nothing_late_is_none_and_a_table_without_dates_is_not_counted(bank: Database) -> None:
    moved, undated = counted(bank)
    assert moved == Late("crm.moved", 0)
    assert (undated.table, undated.count, bool(undated.because)) == ("crm.undated", None, True)


def test_new_and_changed_rows_are_late_with_their_span(bank: Database) -> None:
    bank.run(
        "UPDATE crm.moved SET changed = '2026-11-02 06:30:00.5' WHERE id = 1",
        "INSERT INTO crm.moved VALUES (3, '2026-11-02 02:00:00.000001', NULL), (4, NULL, NULL)",
    )
    moved, _ = counted(bank)
    assert (moved.count, moved.first, moved.last) == (
        2,
        "2026-11-02T02:00:00.000001+00:00",
        "2026-11-02T06:30:00.500000+00:00",
    )


def test_items_are_counted_by_their_attribute(aws: Any) -> None:
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="late-audit",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number, at in enumerate(("2026-11-02T01:59:59Z", "2026-11-02T02:00:01Z", "2026-11-02T05:00:00+00:00#000123", "soon")):
        dynamodb.put_item(TableName="late-audit", Item={"id": {"S": str(number)}, "timestamp": {"S": at}})
    assert items(dynamodb, "late-audit", "timestamp", SINCE) == Late(
        "late-audit", 2, "2026-11-02T02:00:01+00:00", "2026-11-02T05:00:00+00:00", "1 items bear no date"
    )


def test_a_heartbeat_is_no_late_write(bank: Database, aws: Any) -> None:
    """It goes on until the endpoint moves, and is nothing that a bank could miss."""
    before = counted(bank)
    bank.run(
        f"CREATE DATABASE {names.HEARTBEAT_DATABASE}",
        f"CREATE TABLE {names.HEARTBEAT_DATABASE}.heartbeats (id TINYINT PRIMARY KEY, beat_at DATETIME(3))",
    )
    assert counted(bank) == before
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="late-beat",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="late-beat", Item=heartbeat.item({"id": "S"}, SINCE + timedelta(hours=1)))
    assert items(dynamodb, "late-beat", "timestamp", SINCE) == Late("late-beat", 0)


EVENT = LateWritesRequest(
    plan_id="r0123abcd",
    by="me",
    stores=(OldStore(store="mysql", resource="bank-mysql", since=SINCE.isoformat(), host="h", port=1),),
)


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ([Late("a", 0)], "none"),
        ([Late("a", 0), Late("b", 3)], "stranded"),
        ([Late("a", 3), Late("b", None, because="no")], "stranded"),
        ([Late("a", 0), Late("b", None, because="no")], "not-checked"),
        ([Late("a", 0, because="1 items bear no date")], "not-checked"),
        ([], "not-checked"),
    ],
)
def test_the_record_is_never_clean_by_silence(found: list[Late], outcome: str) -> None:
    written = record(EVENT, {"mysql": found}, region="a", now=SINCE)
    assert written["outcome"] == outcome
    assert (written["kind"], written["at"], written["stores"][0]["since"]) == (
        "late-writes",
        "2026-11-02T02:00:00+00:00",
        SINCE.isoformat(),
    )
    assert "host" not in written["stores"][0]


class OldRegion:
    """It has endpoints, a function that answers when it likes, and a bucket."""

    name = DEV.regions.primary

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.invoked: list[dict[str, Any]] = []
        self.objects = {key(EVENT.plan_id): record(EVENT, {"mysql": [Late("a", 9)]}, region="a", now=SINCE - timedelta(days=1))}

    def client(self, _service: str) -> Any:
        return self

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803  as boto3 spells it
        assert Name == names.endpoint(DEV.prefix, "mysql")
        return {"Parameter": {"Value": json.dumps({"resource": "bank-mysql", "host": "h", "port": 1})}}

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803
        assert (FunctionName, InvocationType) == (names.function(DEV.prefix, "late-writes"), "Event")
        self.invoked.append(json.loads(Payload))
        if self.answers:
            self.objects[key(EVENT.plan_id)] = record(EVENT, {"mysql": [Late("a", 0)]}, region="a", now=SINCE)

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == names.evidence_bucket(DEV.prefix, self.name, DEV.account)
        if Key not in self.objects:
            raise refused("NoSuchKey")
        return {"Body": io.BytesIO(json.dumps(self.objects[Key]).encode())}


def test_the_old_stores_are_asked_since_the_moment_that_came_back() -> None:
    back = {"store": "mysql", "recovered": True, "data_of": SINCE.isoformat()}
    region: Any = OldRegion()
    assert (
        asked(DEV, region, {"plan_id": "r0123abcd", "stores": [back, {"store": "other", "recovered": False}]}, by="me") == EVENT
    )
    with pytest.raises(NothingRecovered):
        asked(DEV, region, {"plan_id": "r0123abcd", "stores": [{"store": "mysql", "recovered": False}]}, by="me")


def test_the_record_of_this_counting_is_waited_for_and_an_older_one_is_not_taken() -> None:
    region: Any = OldRegion()
    assert count(DEV, region, EVENT, now=SINCE, sleep=lambda _: None)["outcome"] == "none"
    assert region.invoked == [EVENT.to_json()]
    silent: Any = OldRegion(answers=False)
    with pytest.raises(AwsTrouble, match="no record s3://"):
        count(DEV, silent, EVENT, now=SINCE, sleep=lambda _: None)
