"""Items that expire are no damage: DynamoDB deletes them when it likes, before or after a restore, and nothing records it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.manifest import writer
from recovery.verify import dynamodb, dynamodb_slices
from recovery.verify.compare import compare
from recovery.verify.compare_to_moment import explain
from recovery.verify.content import Content
from recovery.verify.gap import CLOCKS, Gap
from recovery.verify.pieces import add_up
from recovery.verify.result import Verdict
from recovery.verify.slices import Slice
from strategy.contracts.manifest import MeasuredStore

TABLE = "sessions"
SEGMENTS = 8
NOW = datetime.now(UTC)
SOON, LATE = timedelta(days=10), timedelta(days=400)


def item(number: int, expires: timedelta | None = None) -> dict[str, Any]:
    written = (NOW - timedelta(days=20)).isoformat()
    found = {"id": {"S": f"{number}"}, "what": {"N": str(number)}, "timestamp": {"S": written}}
    return found | ({"ttl": {"N": str(int((NOW + expires).timestamp()))}} if expires else {})


@pytest.fixture
def table(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """40 items that stay, 20 that expire in some days, 20 that do in a year."""
    client = aws.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    for number in range(80):
        client.put_item(TableName=TABLE, Item=item(number, None if number < 40 else SOON if number < 60 else LATE))
    monkeypatch.setenv("TABLE_NAME", TABLE)
    yield client
    client.delete_table(TableName=TABLE)


@pytest.fixture
def manifest(table: Any) -> Content:  # noqa: ARG001  what is measured
    return writer.measure(MeasuredStore(name="sessions", kind="dynamodb")).content


def delete(client: Any, *numbers: int) -> None:
    for number in numbers:
        client.delete_item(TableName=TABLE, Key={"id": {"S": f"{number}"}})


def verdicts(client: Any, expected: Content, *, to_a_moment: bool) -> dict[str, Verdict]:
    leave, segments = expected.schema.get(dynamodb.EXPIRING), expected.chunk_counts()[dynamodb.ITEMS]
    if not to_a_moment:
        _, live = dynamodb.measure(client, TABLE, segments=segments, leave=leave)
        return {level.name: level.verdict for level in compare(expected, live)}
    gap = Gap(NOW, NOW, NOW + timedelta(hours=7), CLOCKS)
    live, dated = dynamodb.measure_dated(client, TABLE, segments=segments, gap=gap, written_at="timestamp", leave=leave)
    return {level.name: level.verdict for level in explain(expected, live, dated, gap)}


@pytest.mark.parametrize("to_a_moment", [False, True], ids=["the manifest's own moment", "a later moment"])
def test_what_may_have_expired_meanwhile_is_no_damage(table: Any, manifest: Content, *, to_a_moment: bool) -> None:
    delete(table, *range(40, 55))
    found = verdicts(table, manifest, to_a_moment=to_a_moment)
    assert Verdict.FAILED not in found.values()
    assert found["content"] is Verdict.PASSED


@pytest.mark.parametrize("to_a_moment", [False, True], ids=["the manifest's own moment", "a later moment"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda client: delete(client, 7),
        lambda client: delete(client, 70),
        lambda client: client.put_item(TableName=TABLE, Item=item(7) | {"what": {"N": "8"}}),
        lambda client: client.put_item(TableName=TABLE, Item=item(70, LATE) | {"what": {"N": "8"}}),
        lambda client: client.put_item(TableName=TABLE, Item=item(70, SOON)),
        lambda client: client.put_item(TableName=TABLE, Item=item(50, LATE)),
    ],
    ids=["one that stays", "one that stays long", "altered", "altered, with a long life", "its life cut short", "lengthened"],
)
def test_damage_is_damage_all_the_same(table: Any, manifest: Content, damage: Any, *, to_a_moment: bool) -> None:
    damage(table)
    assert verdicts(table, manifest, to_a_moment=to_a_moment)["content"] is Verdict.FAILED


def test_what_is_not_compared_is_said(table: Any, manifest: Content) -> None:
    assert manifest.rows == 60
    leave = manifest.schema[dynamodb.EXPIRING]
    _, live = dynamodb.measure(table, TABLE, segments=manifest.chunk_counts()[dynamodb.ITEMS], leave=leave)
    said = next(level.detail for level in compare(manifest, live) if level.name == "schema")
    assert f"items that expire by ttl before {datetime.fromtimestamp(leave['before'], UTC).date()} are not compared" in said


def test_a_table_without_a_time_to_live_is_compared_whole(table: Any) -> None:
    table.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"})
    expected = writer.measure(MeasuredStore(name="sessions", kind="dynamodb")).content
    assert (dynamodb.EXPIRING in expected.schema, expected.rows) == (False, 80)
    delete(table, 45)
    assert verdicts(table, expected, to_a_moment=False)["content"] is Verdict.FAILED


def test_the_time_to_live_need_not_be_back_yet(table: Any, manifest: Content) -> None:
    """AWS restores none: the manifest says by which attribute items expire."""
    table.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"})
    delete(table, *range(40, 60))
    assert verdicts(table, manifest, to_a_moment=False)["content"] is Verdict.PASSED


def test_pieces_leave_out_the_same(table: Any, manifest: Content) -> None:
    leave = dynamodb.about_to_expire(table, TABLE, datetime.now(UTC))
    assert leave == manifest.schema[dynamodb.EXPIRING]
    pieces = [(Slice(dynamodb.ITEMS, n, 3),) for n in range(3)]
    read = [dynamodb_slices.read(table, TABLE, each, segments=None, page=lambda _: None, leave=leave) for each in pieces]
    whole = dynamodb_slices.content(table, TABLE, add_up(read), leave=leave)
    assert (whole.parts, whole.schema) == (manifest.parts, manifest.schema)


def test_what_is_left_out_lies_a_month_or_two_ahead(table: Any) -> None:
    for day in range(70):
        now = NOW + timedelta(days=day)
        leave = dynamodb.about_to_expire(table, TABLE, now)
        assert leave is not None
        ahead = datetime.fromtimestamp(leave["before"], UTC) - now
        assert timedelta(days=35) <= ahead <= timedelta(days=67)
