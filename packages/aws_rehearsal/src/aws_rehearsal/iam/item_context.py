"""What of a table's items a request touches: the values of `dynamodb:LeadingKeys` and `dynamodb:Attributes`.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aws_rehearsal.iam.call import Call

_EXPRESSIONS = ("ProjectionExpression", "FilterExpression", "KeyConditionExpression", "ConditionExpression", "UpdateExpression")
_NAME = re.compile(r"(?<![:\w.#])(#?[A-Za-z_][\w]*)")
_STRING = re.compile(r"'(?:[^']|'')*'")
_WORDS = frozenset(
    {
        "add", "and", "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "between", "contains",
        "delete",
        "if_not_exists", "in", "list_append", "not", "or", "remove", "set", "size",
    }
)  # fmt: skip
"""Of DynamoDB's expressions: no attribute has such a name there without a placeholder."""


def leading_keys(call: Call, partition_key: str) -> tuple[str, ...]:
    """The partition keys' values, as text; empty where the table's key is not known, or the request names none."""
    found = []
    if partition_key:
        found = [_plain(keys[partition_key]) for keys in _keys(call) if partition_key in keys]
        found += list(_of_query(call, partition_key))
    return tuple(dict.fromkeys(found))


def attributes(call: Call) -> tuple[str, ...]:
    """Every top-level attribute that the request names; none of a read that asks for all."""
    names = call.parameters.get("ExpressionAttributeNames") or {}
    found: list[str] = []
    for keys in _keys(call):
        found += keys
    found += [str(name) for name in call.all("AttributesToGet")]
    for member in ("Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter"):
        found += list(call.parameters.get(member) or {})
    for requests in _requests(call):
        found += [str(name) for name in requests.get("AttributesToGet") or []]
        found += _of_expressions(requests, requests.get("ExpressionAttributeNames") or {})
    found += _of_expressions(call.parameters, names)
    return tuple(dict.fromkeys(found))


def _keys(call: Call) -> Iterator[Mapping[str, Any]]:
    for member in ("Key", "Item"):
        value = call.parameters.get(member)
        if isinstance(value, Mapping):
            yield value
    requests = call.parameters.get("Requests")
    if isinstance(requests, Mapping):
        yield from requests.get("Keys") or []
    for each in requests if isinstance(requests, list) else []:
        for kind, part in (("PutRequest", "Item"), ("DeleteRequest", "Key")):
            if kind in each:
                yield each[kind].get(part) or {}


def _requests(call: Call) -> list[Mapping[str, Any]]:
    requests = call.parameters.get("Requests")
    return [requests] if isinstance(requests, Mapping) else []


def _of_query(call: Call, partition_key: str) -> Iterator[str]:
    condition = (call.parameters.get("KeyConditions") or {}).get(partition_key) or {}
    for value in condition.get("AttributeValueList") or []:
        yield _plain(value)
    names = call.parameters.get("ExpressionAttributeNames") or {}
    values = call.parameters.get("ExpressionAttributeValues") or {}
    for name, placeholder in re.findall(r"(#?\w+)\s*=\s*(:\w+)", call.text("KeyConditionExpression")):
        if names.get(name, name) == partition_key and placeholder in values:
            yield _plain(values[placeholder])


def _of_expressions(parameters: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    found = []
    for member in _EXPRESSIONS:
        expression = parameters.get(member)
        if isinstance(expression, str):
            written = _NAME.findall(_STRING.sub("", expression))
            found += [names.get(name, name) for name in written if name.lower() not in _WORDS]
    return found


def _plain(value: Any) -> str:
    """`{"S": "x"}` → `x`."""
    return str(next(iter(value.values()), "")) if isinstance(value, Mapping) else str(value)
