"""A DynamoDB table of a moment after the manifest: items written since are no damage, everything else is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.verify.compare_to_moment import explain
from recovery.verify.content import Content
from recovery.verify.dynamodb import ITEM_SKEW, measure, measure_dated
from recovery.verify.gap import CLOCKS, Gap
from recovery.verify.result import Level, Verdict

TABLE = "dated"
TAKEN = datetime(2026, 11, 2, 2, 0, 10, 500_000, tzinfo=UTC)
GAP = Gap(TAKEN, TAKEN, datetime(2026, 11, 2, 9, tzinfo=UTC), CLOCKS)
PASSED = dict.fromkeys(("schema", "counts", "content", "moment"), "passed")
SEGMENTS = 8


def item(number: int, written: str | None = "2026-11-01T09:13:07.123456Z#000123") -> dict[str, Any]:
    return {"id": {"S": f"{number}"}, "what": {"N": str(number)}} | ({"timestamp": {"S": written}} if written else {})


@pytest.fixture
def table(aws: Any) -> Iterator[Any]:
    client = aws.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    put(client, *(item(number) for number in range(40)), item(40, None), item(41, "yesterday"), item(42, "2026-13-45T00:00:00Z"))
    yield client
    client.delete_table(TableName=TABLE)


@pytest.fixture
def manifest(table: Any) -> Content:
    return measure(table, TABLE, segments=SEGMENTS)[1]


def put(client: Any, *items: dict[str, Any]) -> None:
    for one in items:
        client.put_item(TableName=TABLE, Item=one)


def levels(client: Any, manifest: Content, gap: Gap = GAP) -> dict[str, Level]:
    live, dated = measure_dated(client, TABLE, segments=SEGMENTS, gap=gap, written_at="timestamp")
    return {level.name: level for level in explain(manifest, live, dated, gap)}


def verdicts(given: dict[str, Level]) -> dict[str, str]:
    return {name: str(level.verdict) for name, level in given.items()}


@pytest.mark.parametrize(
    "text", ["2026-11-02T08:59:57.5Z#000001", "2026-11-02T08:59:57Z", "2026-11-02T16:59:57+08:00", "2026-11-02T08:59:57"]
)
def test_items_written_since_are_no_damage_and_need_no_explanation(text: str, table: Any, manifest: Content) -> None:
    put(table, item(1001, text), item(1002, text))
    given = levels(table, manifest)
    assert verdicts(given) == PASSED
    assert given["content"].detail == "8 of 8 chunks equal to the manifest of 2026-11-02T02:00:10Z, 0 unexplained"
    assert "newest record 2026-11-02T08:59:57Z, " in given["moment"].detail


@pytest.mark.parametrize(
    "damage",
    [
        lambda client: client.delete_item(TableName=TABLE, Key={"id": {"S": "7"}}),
        lambda client: put(client, item(7) | {"what": {"S": "7"}}),
        lambda client: put(client, item(1000)),
        lambda client: put(client, item(1000, None)),
        lambda client: put(client, item(7, "2026-11-02T08:00:00Z")),
        lambda client: client.delete_item(TableName=TABLE, Key={"id": {"S": "41"}}),
    ],
    ids=["missing", "altered", "extra", "extra and undated", "written over", "an undated one missing"],
)
def test_damage_among_new_items_is_caught(damage: Any, table: Any, manifest: Content) -> None:
    put(table, *(item(number, "2026-11-02T08:00:00Z") for number in range(100, 160)))
    damage(table)
    assert levels(table, manifest)["content"].verdict is Verdict.FAILED


def test_items_written_around_the_manifest_may_be_in_it_or_not(table: Any) -> None:
    near = TAKEN - timedelta(seconds=5)
    put(table, item(100, near.isoformat()))
    manifest = measure(table, TABLE, segments=1)[1]
    put(table, item(101, near.isoformat()))
    live, dated = measure_dated(table, TABLE, segments=1, gap=GAP, written_at="timestamp")
    content = explain(manifest, live, dated, GAP)[2]
    assert content.verdict is Verdict.PASSED
    assert "1 explained by 2 rows recorded as changed since" in content.detail


def test_a_long_scan_may_have_met_what_was_written_meanwhile(table: Any) -> None:
    put(table, item(100, (TAKEN + timedelta(minutes=3)).isoformat()))
    manifest = measure(table, TABLE, segments=SEGMENTS)[1]
    assert levels(table, manifest)["content"].verdict is Verdict.FAILED
    assert verdicts(levels(table, manifest, replace(GAP, until=TAKEN + timedelta(minutes=4)))) == PASSED


@pytest.mark.parametrize(("late", "verdict"), [(ITEM_SKEW, "passed"), (ITEM_SKEW + timedelta(seconds=2), "failed")])
def test_a_table_of_a_later_moment_fails_beyond_the_skew_of_a_restore(
    late: timedelta, verdict: str, table: Any, manifest: Content
) -> None:
    put(table, item(100, (GAP.moment + late).isoformat()))
    given = levels(table, manifest)
    assert verdicts(given) == PASSED | {"moment": verdict}
    assert "none too late" in given["moment"].detail or "this is not the data of" in given["moment"].detail


def test_an_empty_table_fails(table: Any, manifest: Content) -> None:
    for number in range(43):
        table.delete_item(TableName=TABLE, Key={"id": {"S": str(number)}})
    given = levels(table, manifest)
    assert verdicts(given) == PASSED | {"counts": "failed", "content": "failed", "moment": "not_checked"}
