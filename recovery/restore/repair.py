"""Repairs a live table from a restored one: writes back the items that are missing or differ, and leaves all others alone.

Three walks, page by page, each of which a later call continues from the cursor: `write` puts the restored items where they are
missing or different, each on the condition that the live item is still as it was read; `only_live` counts what the restored
table does not have; `prove` reads all again and finds every restored item in the live table. Keys are in the cursor, and
nowhere else in an answer, an error or a log.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from recovery.restore.plan import Plan
from recovery.verify import heartbeat
from recovery.verify.encoding import item_hash
from strategy.contracts.restore import RepairAnswer

PAGE = 100
"""Most keys that one BatchGetItem takes."""
RESERVE_SECONDS = 60.0
_PHASES = ("write", "only_live", "prove")
_COUNTS = ("written", "same", "contested", "only_live", "differing")
_MOST_CONDITIONS = 100
"""A condition may hold 300 operators; whoever changes an item with more attributes than this changes one of these, as a rule."""

Item = Mapping[str, Any]


class RepairContested(Exception):
    """Writers changed items while they were repaired; the message says how many, and what to do."""


def repair(plan: Plan, dynamodb: Any, cursor: Mapping[str, Any] | None, left: Callable[[], float]) -> RepairAnswer:
    """Works until it is done or `left` seconds are few. Answers with the counts so far, `done` and the `cursor`."""
    return _Repair(plan, dynamodb, cursor or {}).run(left)


class _Repair:
    def __init__(self, plan: Plan, dynamodb: Any, cursor: Mapping[str, Any]) -> None:
        self._plan, self._dynamodb = plan, dynamodb
        self._live, self._restored = plan.source.name, plan.target.name
        schema = dynamodb.describe_table(TableName=self._live)["Table"]["KeySchema"]
        self._key_names = [each["AttributeName"] for each in schema]
        self._phase = cursor.get("phase", _PHASES[0])
        self._at = _decoded(cursor.get("key"))
        self._counts = {each: int(cursor.get(each, 0)) for each in _COUNTS}

    def run(self, left: Callable[[], float]) -> RepairAnswer:
        walks = {"write": self._write, "only_live": self._count_only_live, "prove": self._prove}
        for phase in _PHASES[_PHASES.index(self._phase) :]:
            self._phase = phase
            while self._page(walks[phase]):
                if left() < RESERVE_SECONDS:
                    return self._answer(done=False)
        return self._ended()

    def _page(self, walk: Callable[[list[Item]], None]) -> bool:
        """One page of the walk; whether there is more of it."""
        request: dict[str, Any] = {"TableName": self._restored, "Limit": PAGE, "ConsistentRead": True}
        if self._phase == "only_live":
            request |= {"TableName": self._live, **self._keys_only()}
        if self._at:
            request["ExclusiveStartKey"] = self._at
        page = self._dynamodb.scan(**request)
        walk([item for item in page["Items"] if not heartbeat.reserved(self._key(item))])
        self._at = page.get("LastEvaluatedKey")
        return bool(self._at)

    def _ended(self) -> RepairAnswer:
        if self._counts["differing"]:
            raise RepairContested(
                f"{self._counts['differing']} items of {self._live} are not as restored: their writers changed them meanwhile. "
                f"Stop these writers and resume plan {self._plan.plan_id}, or copy single items out of {self._restored}."
            )
        return self._answer(done=True)

    def _answer(self, *, done: bool) -> RepairAnswer:
        cursor = None if done else {"phase": self._phase, "key": _encoded(self._at), **self._counts}
        return RepairAnswer(done=done, cursor=cursor, **self._counts)

    # ------------------------------------------------------------------ walks
    def _write(self, restored: list[Item]) -> None:
        live = self._read(self._live, restored)
        for item in restored:
            self._counts[self._put(item, live.get(self._identity(item)))] += 1

    def _count_only_live(self, live: list[Item]) -> None:
        there = self._read(self._restored, live, keys_only=True)
        self._counts["only_live"] += sum(self._identity(item) not in there for item in live)

    def _prove(self, restored: list[Item]) -> None:
        live = self._read(self._live, restored)
        self._counts["differing"] += sum(not _equal(item, live.get(self._identity(item))) for item in restored)

    # ------------------------------------------------------------------ items
    def _put(self, item: Item, live: Item | None) -> str:
        """Which count the item belongs to. A writer who was faster is looked at once more, and then left to win."""
        for last in (False, True):
            if _equal(item, live):
                return "same"
            try:
                self._dynamodb.put_item(TableName=self._live, Item=item, **self._unchanged(item, live))
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
            else:
                return "written"
            if not last:
                live = self._read(self._live, [item]).get(self._identity(item))
        return "contested"

    def _unchanged(self, item: Item, live: Item | None) -> dict[str, Any]:
        """The condition that the live item is still as it was read."""
        if live is None:
            return {"ConditionExpression": "attribute_not_exists(#k)", "ExpressionAttributeNames": {"#k": self._key_names[0]}}
        compared = sorted(live)[:_MOST_CONDITIONS]
        absent = sorted(set(item) - set(live))[:_MOST_CONDITIONS]
        conditions = [f"#a{n} = :a{n}" for n in range(len(compared))]
        conditions += [f"attribute_not_exists(#b{n})" for n in range(len(absent))]
        names = {f"#a{n}": name for n, name in enumerate(compared)} | {f"#b{n}": name for n, name in enumerate(absent)}
        return {
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {f":a{n}": live[name] for n, name in enumerate(compared)},
        }

    def _read(self, table: str, items: Iterable[Item], *, keys_only: bool = False) -> dict[str, Item]:
        """The items of these keys that a table has now."""
        keys = [self._key(item) for item in items]
        asked: Any = {table: {"Keys": keys, "ConsistentRead": True, **(self._keys_only() if keys_only else {})}} if keys else {}
        found: dict[str, Item] = {}
        while asked:
            answer = self._dynamodb.batch_get_item(RequestItems=asked)
            found |= {self._identity(item): item for item in answer["Responses"].get(table, [])}
            asked = answer.get("UnprocessedKeys")
        return found

    def _keys_only(self) -> dict[str, Any]:
        names = {f"#k{n}": name for n, name in enumerate(self._key_names)}
        return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}

    def _key(self, item: Item) -> dict[str, Any]:
        return {name: item[name] for name in self._key_names}

    def _identity(self, item: Item) -> str:
        return repr(sorted(self._key(item).items()))


def _equal(one: Item, other: Item | None) -> bool:
    """Sets have no order, and a number has many spellings."""
    return other is not None and item_hash(one) == item_hash(other)


def _encoded(key: Mapping[str, Any] | None) -> Any:
    """JSON has no bytes."""
    if key is None:
        return None
    return {name: {"B64": base64.b64encode(value["B"]).decode()} if "B" in value else value for name, value in key.items()}


def _decoded(key: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if key is None:
        return None
    return {name: {"B": base64.b64decode(value["B64"])} if "B64" in value else value for name, value in key.items()}
