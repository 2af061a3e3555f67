"""Damage to a DynamoDB table, as data. Each is done to a random item that has such an attribute."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.mutations.kind import Kind

Item = dict[str, Any]


def _keys(client: Any, table: str) -> list[str]:
    return [key["AttributeName"] for key in client.describe_table(TableName=table)["Table"]["KeySchema"]]


def _items(client: Any, table: str, random: Random) -> list[Item]:
    items = list(client.scan(TableName=table)["Items"])
    random.shuffle(items)
    return items


def _put(change: Callable[[Any, Random], Any], kind: str, *, key: bool = False) -> Callable[[Any, Random], bool]:
    """The value of one attribute of the type `kind` becomes what `change` makes of it; None takes the attribute away."""

    def damage(store: Any, random: Random) -> bool:
        client, table = store
        keys = _keys(client, table)
        indexed = [each["AttributeName"] for each in client.describe_table(TableName=table)["Table"]["AttributeDefinitions"]]
        for item in _items(client, table, random):
            for name in random.sample(sorted(item), len(item)):
                # A key of an index cannot be empty, nor of another type.
                if kind not in item[name] or name not in (keys if key else item.keys() - set(indexed)):
                    continue
                changed = change(item[name], random)
                if changed == item[name]:
                    continue
                if key:
                    client.delete_item(TableName=table, Key={each: item[each] for each in keys})
                made = {other: value for other, value in item.items() if other != name}
                client.put_item(TableName=table, Item=made if changed is None else made | {name: changed})
                return True
        return False

    return damage


def _missing(store: Any, random: Random) -> bool:
    client, table = store
    item = _items(client, table, random)[0]
    client.delete_item(TableName=table, Key={key: item[key] for key in _keys(client, table)})
    return True


def _emptied(store: Any, random: Random) -> bool:
    client, table = store
    keys = _keys(client, table)
    for item in _items(client, table, random):
        client.delete_item(TableName=table, Key={key: item[key] for key in keys})
    return True


def _extra(store: Any, random: Random) -> bool:
    client, table = store
    item = _items(client, table, random)[0]
    client.put_item(TableName=table, Item=item | {_keys(client, table)[-1]: {"S": "another"}})
    return True


def _added(value: Item, name: str = "more") -> Callable[[Any, Random], bool]:
    def damage(store: Any, random: Random) -> bool:
        client, table = store
        client.put_item(TableName=table, Item=_items(client, table, random)[0] | {name: value})
        return True

    return damage


def _renamed(store: Any, random: Random) -> bool:
    client, table = store
    keys = _keys(client, table)
    item = _items(client, table, random)[0]
    name = random.choice([each for each in item if each not in keys])
    client.put_item(TableName=table, Item={(f"{each}_" if each == name else each): value for each, value in item.items()})
    return True


def _swapped(store: Any, random: Random) -> bool:
    client, table = store
    keys = _keys(client, table)
    for one, other in zip(_items(client, table, random), _items(client, table, random), strict=True):
        for name in sorted(one.keys() & other.keys() - set(keys)):
            if one[name] != other[name]:
                client.put_item(TableName=table, Item=one | {name: other[name]})
                client.put_item(TableName=table, Item=other | {name: one[name]})
                return True
    return False


def _index_lost(store: Any, _random: Random) -> bool:
    client, table = store
    names = [index["IndexName"] for index in client.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", [])]
    if not names:
        return False
    client.update_table(TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": names[0]}}])
    return True


def _ttl_lost(store: Any, _random: Random) -> bool:
    client, table = store
    kept = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if "AttributeName" not in kept:
        return False
    client.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": False, "AttributeName": kept["AttributeName"]}
    )
    return True


def _item(name: str, what: str, damage: Callable[[Any, Random], bool]) -> Kind:
    return Kind(name, what, "dynamodb", damage)


KINDS = (
    _item("item missing", "one item is not there", _missing),
    _item("item extra", "one item more", _extra),
    _item("table emptied", "no items at all", _emptied),
    _item("items' values swapped", "one attribute of two items", _swapped),
    _item("text altered", "a letter more", _put(lambda value, _: {"S": value["S"] + "x"}, "S")),
    _item("number altered", "one more", _put(lambda value, _: {"N": str(int(value["N"]) + 1)}, "N")),
    _item("string for a number", "the same digits", _put(lambda value, _: {"S": value["N"]}, "N")),
    _item("boolean turned", "true for false", _put(lambda value, _: {"BOOL": not value["BOOL"]}, "BOOL")),
    _item("string for a boolean", "'true' for true", _put(lambda value, _: {"S": str(value["BOOL"]).lower()}, "BOOL")),
    _item("byte of binary", "the last byte", _put(lambda value, _: {"B": value["B"][:-1] + b"\xfe"}, "B")),
    _item("string for binary", "the same bytes", _put(lambda value, _: {"S": value["B"].decode("latin1")}, "B")),
    _item("list reordered", "the same members", _put(lambda value, _: {"L": value["L"][::-1]}, "L")),
    _item("list cut", "the last member", _put(lambda value, _: {"L": value["L"][:-1]}, "L")),
    _item("set member lost", "one member", _put(lambda value, _: {"SS": sorted(value["SS"])[1:]}, "SS")),
    _item("list for a set", "the same members", _put(lambda value, _: {"L": [{"S": each} for each in value["SS"]]}, "SS")),
    _item("value deep inside", "a number in a map", _put(lambda value, _: {"M": value["M"] | {"n": {"N": "77"}}}, "M")),
    _item("attribute lost", "one attribute", _put(lambda _value, _: None, "N")),
    _item("attribute emptied", "a text is empty", _put(lambda _value, _: {"S": ""}, "S")),
    _item("null for a value", "NULL", _put(lambda _value, _: {"NULL": True}, "N")),
    _item("attribute added", "an empty text more", _added({"S": ""})),
    _item("null added", "a NULL more", _added({"NULL": True})),
    _item("attribute renamed", "one attribute's name", _renamed),
    _item("key altered", "an item under another key", _put(lambda value, _: {"S": value["S"] + "#"}, "S", key=True)),
    _item("secondary index lost", "one index", _index_lost),
    _item("TTL lost", "items no longer expire", _ttl_lost),
)
