"""The DynamoDB verifier: order and number spelling do not show, everything else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.verify.compare import compare
from recovery.verify.content import Content
from recovery.verify.dynamodb import measure
from recovery.verify.encoding import encode, number

KEYS = [{"AttributeName": "client", "KeyType": "HASH"}, {"AttributeName": "moment", "KeyType": "RANGE"}]
INDEX = {
    "IndexName": "Agents",
    "KeySchema": [{"AttributeName": "agent", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["before", "after"]},
}
ATTRIBUTES = ("client", "moment", "agent")


def item(number_: int) -> dict[str, Any]:
    return {
        "client": {"S": f"CLT-{number_ % 7}"},
        "moment": {"S": f"2026-11-02T00:00:{number_:02d}Z"},
        "agent": {"S": "7"},
        "ttl": {"N": str(1_800_000_000 + number_)},
        "nested": {
            "M": {"list": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]}, "set": {"SS": ["a", "b"]}, "b": {"B": b"\0"}}
        },
    }


def create(client: Any, name: str, *, indexes: bool = True) -> None:
    options: dict[str, Any] = {"GlobalSecondaryIndexes": [INDEX]} if indexes else {}
    client.create_table(
        TableName=name,
        KeySchema=KEYS,
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in (ATTRIBUTES if indexes else ATTRIBUTES[:2])
        ],
        BillingMode="PAY_PER_REQUEST",
        **options,
    )


def fill(client: Any, name: str, items: list[dict[str, Any]]) -> None:
    for one in items:
        client.put_item(TableName=name, Item=one)


@pytest.fixture(scope="module")
def dynamodb(aws: Any) -> Any:
    return aws.client("dynamodb")


@pytest.fixture
def client(dynamodb: Any) -> Iterator[Any]:
    yield dynamodb
    for name in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def original(client: Any) -> Content:
    create(client, "audit")
    fill(client, "audit", [item(n) for n in range(40)])
    return measure(client, "audit")[1]


def verdicts(expected: Content, live: Content) -> dict[str, str]:
    return {level.name: str(level.verdict) for level in compare(expected, live)}


@pytest.mark.proves("verification.comparison")
def test_a_copy_in_another_order_passes(client: Any, original: Content) -> None:
    create(client, "copy")
    reordered = [dict(reversed(item(n).items())) for n in reversed(range(40))]
    fill(client, "copy", reordered)
    assert set(verdicts(original, measure(client, "copy")[1]).values()) == {"passed"}


def altered(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], None]:
    def damage(client: Any) -> None:
        one = item(3)
        change(one)
        client.put_item(TableName="audit", Item=one)

    return damage


DAMAGE: dict[str, tuple[Callable[[Any], Any], set[str]]] = {
    "a missing item": (
        lambda client: client.delete_item(TableName="audit", Key={key: item(3)[key] for key in ("client", "moment")}),
        {"counts", "content"},
    ),
    "an extra item": (lambda client: fill(client, "audit", [item(99)]), {"counts", "content"}),
    "an altered number": (altered(lambda one: one.update(ttl={"N": "1"})), {"content"}),
    "a string for a number": (altered(lambda one: one.update(ttl={"S": one["ttl"]["N"]})), {"content"}),
    "a lost attribute": (altered(lambda one: one.pop("agent")), {"content"}),
    "an empty string for a missing attribute": (altered(lambda one: one.update(note={"S": ""})), {"content"}),
    "a list in another order": (altered(lambda one: one["nested"]["M"]["list"]["L"].reverse()), {"content"}),
    "a set member": (altered(lambda one: one["nested"]["M"]["set"]["SS"].append("c")), {"content"}),
    "one byte": (altered(lambda one: one["nested"]["M"].update(b={"B": b"\1"})), {"content"}),
}


@pytest.mark.proves("verification.comparison")
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_caught(kind: str, client: Any, original: Content) -> None:
    damage, levels = DAMAGE[kind]
    damage(client)
    outcome = verdicts(original, measure(client, "audit")[1])
    assert {name for name, verdict in outcome.items() if verdict == "failed"} == levels


def test_a_lost_index_fails_the_schema(client: Any, original: Content) -> None:
    create(client, "copy", indexes=False)
    fill(client, "copy", [item(n) for n in range(40)])
    level = compare(original, measure(client, "copy")[1])[0]
    assert str(level.verdict) == "failed"
    assert "indexes/Agents: is missing" in map(str, level.findings)


def test_an_empty_table_fails(client: Any, original: Content) -> None:
    create(client, "copy")
    assert verdicts(original, measure(client, "copy")[1]) == {"schema": "passed", "counts": "failed", "content": "failed"}


def test_segments_follow_the_manifest(client: Any, original: Content) -> None:
    cut = measure(client, "audit", segments=4)[1]
    assert [len(cut.parts["items"].chunks), cut.rows] == [4, original.rows]


@pytest.mark.parametrize(("one", "other"), [("1", "1.0"), ("1E2", "100"), ("-0", "0"), ("0.10", "0.1"), ("-1e-3", "-0.001")])
def test_a_number_has_one_spelling(one: str, other: str) -> None:
    assert number(one) == number(other)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9), st.decimals(allow_nan=False, allow_infinity=False, places=9))
def test_numbers_are_equal_exactly_when_their_values_are(one: Any, other: Any) -> None:
    assert (number(str(one)) == number(str(other))) == (one == other)


def test_38_digits_are_kept() -> None:
    assert number("1" * 38) != number("1" * 37 + "2")


@pytest.mark.parametrize("value", [{"N": "NaN"}, {"X": "1"}])
def test_what_dynamodb_cannot_hold_is_refused(value: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"number|type"):
        encode(value)


VALUES = st.recursive(
    st.builds(lambda s: {"S": s}, st.text(max_size=4)) | st.builds(lambda n: {"N": str(n)}, st.integers(-3, 3)),
    lambda inner: (
        st.builds(lambda v: {"L": v}, st.lists(inner, max_size=3))
        | st.builds(lambda v: {"M": v}, st.dictionaries(st.text(max_size=3), inner, max_size=3))
    ),
    max_leaves=6,
)


@settings(max_examples=50)
@given(VALUES, VALUES)
def test_different_values_are_different_bytes(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (encode(one) == encode(other)) == (one == other)
